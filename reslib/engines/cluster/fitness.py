"""The fitness of the workers of a cluster: who gets documents, and why others get none."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from reslib.engines.cluster import hello
from reslib.errors import printable
from reslib.extractors.registry import registry
from reslib.models import ExtractionRequest

__all__ = ["ClusterWorker", "judged", "question", "readers_of"]


@dataclass(frozen=True, slots=True)
class ClusterWorker:
    """A worker of a cluster, as it introduced itself.

    Parameters
    ----------
    address
        Where the cluster reaches it.
    threads
        How many documents it reads at once.
    host, pid
        The machine that it is on, and its process there.
    unfit
        Why it gets no documents, for people; empty when it gets some.
    note
        Other things to know: packages in another version, programs that are missing there.
    lacks
        Extractors that lack something there, and not here: it gets no documents for these.
    is_silent
        Whether it is unfit because it did not answer; then it is asked again.
    """

    address: str
    threads: int
    host: str = ""
    pid: int = 0
    unfit: str = ""
    note: str = ""
    lacks: frozenset[str] = frozenset()
    is_silent: bool = False


@cache
def question() -> str:
    """Return the hello as one Python expression, whose value is the answer."""
    source = inspect.getsource(hello)
    names = "{'__name__': 'hello'}"
    return f"(lambda names: (exec({source!r}, names), names['hello']())[1])({names})"


@cache
def _own() -> dict[str, Any]:
    return hello.hello()


def judged(address: str, threads: int, said: object) -> ClusterWorker:
    """Return a worker by what it said of itself.

    Parameters
    ----------
    address, threads
        What the scheduler knows of it.
    said
        Its answer, or the exception there was instead.
    """
    if not isinstance(said, Mapping):
        why = f"it does not answer ({type(said).__name__}: {said})"
        return ClusterWorker(address, threads, unfit=printable(why), is_silent=True)
    host, pid = printable(str(said.get("host", ""))), said.get("pid")
    return ClusterWorker(
        address,
        threads,
        host,
        pid if isinstance(pid, int) else 0,
        printable(_why_unfit(said)),
        printable(_differences(said)),
        frozenset(name for name, lacking in _lacking(said) if lacking),
    )


def readers_of(request: ExtractionRequest) -> frozenset[str]:
    """Return the extractors that may read a document; which one does, its worker finds out."""
    suffix = PurePosixPath(request.path).suffix.lower()
    named = {*request.extractors, request.only}
    return frozenset(
        each.name
        for each in registry.all()
        if each.task == request.task
        and (each.name in named or not each.by_name_only)
        and each.accepts(request.mime_type or "", suffix)
    )


def _why_unfit(said: Mapping[str, Any]) -> str:
    own = _own()
    if said.get("reslib") is None:
        return f"reslib cannot be imported there ({said.get('error') or 'it says nothing'})"
    if said.get("reslib") != own["reslib"]:
        return f"it has reslib {said.get('reslib')}, and here is {own['reslib']}"
    if said.get("error"):
        return f"reslib does not work there ({said['error']})"
    if said.get("protocol") != own["protocol"]:
        return "its reslib speaks otherwise, although it is called the same: install it again"
    here, there = (".".join(str(each["python"]).split(".")[:2]) for each in (own, said))
    if here != there:
        return f"it runs Python {there}, and here runs {here}"
    extractors = said.get("extractors") or {}
    for name, (recipe, _version, _missing) in own["extractors"].items():
        if name not in extractors:
            return f"it has no extractor {name!r}"
        if extractors[name][0] != recipe:
            return f"its extractor {name!r} gives other texts (recipe {extractors[name][0]})"
    return ""


def _differences(said: Mapping[str, Any]) -> str:
    """Return what will do, but people may want to know."""
    found = []
    extractors, own = said.get("extractors") or {}, _own()["extractors"]
    for name, lacking in _lacking(said):
        (_, version, _), (_, other_version, _) = own[name], extractors[name]
        if lacking:
            found.append(f"{name} lacks {', '.join(lacking)}")
        elif other_version != version:
            found.append(f"{name} is {other_version}, and here {version}")
    return "; ".join(found)


def _lacking(said: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Give each extractor of both, with what it lacks there and not here."""
    extractors = said.get("extractors") or {}
    for name, (_recipe, _version, missing) in _own()["extractors"].items():
        if name in extractors:
            yield name, sorted(set(extractors[name][2]) - set(missing))
