"""The fitness of the workers of a cluster: who gets documents, and why others get none."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from reslib.engines.cluster import hello
from reslib.errors import printable

__all__ = ["ClusterWorker", "judged", "question"]


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
    """

    address: str
    threads: int
    host: str = ""
    pid: int = 0
    unfit: str = ""
    note: str = ""


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
        return ClusterWorker(address, threads, unfit=printable(why))
    host, pid = printable(str(said.get("host", ""))), said.get("pid")
    return ClusterWorker(
        address,
        threads,
        host,
        pid if isinstance(pid, int) else 0,
        printable(_why_unfit(said)),
        printable(_differences(said)),
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
    extractors = said.get("extractors") or {}
    for name, (_recipe, version, missing) in _own()["extractors"].items():
        if name not in extractors:
            continue
        _, other_version, also_missing = extractors[name]
        if lacking := sorted(set(also_missing) - set(missing)):
            found.append(f"{name} lacks {', '.join(lacking)}")
        elif other_version != version:
            found.append(f"{name} is {other_version}, and here {version}")
    return "; ".join(found)
