"""The extractors that installed packages bring: plug-ins of others first, then reslib's own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reslib.extractors.base import Extractor

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["ENTRY_POINT_GROUP", "load_installed"]

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP = "reslib.extractors"


def load_installed() -> tuple[dict[str, Extractor], frozenset[str]]:
    """Return what the entry points bring, by name, and the names that are reslib's own.

    Those that take precedence come first: plug-ins in the order of their packages' names, then of
    their own; reslib's own last. Of two with one name the first counts. Where two plug-ins read
    the same type of document a warning says which of them does. One that cannot be loaded is left
    out and logged: a broken plug-in must not stop the others.
    """
    import importlib.metadata  # with all of email: not before it is needed

    found: dict[str, Extractor] = {}
    packages: dict[str, str] = {}
    own: set[str] = set()
    for point in _in_order(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)):
        try:
            extractor = point.load()
            if not isinstance(extractor, Extractor):
                raise TypeError(f"{point.value} is {type(extractor).__name__}, not an Extractor")
        except Exception:
            logger.exception("extractor %r cannot be loaded", point.name)
            continue
        rival = found.get(extractor.name)
        if rival is not None and _is_own(point) and rival.task != extractor.task:
            logger.warning(
                "the extractor %r of the package %s is left out: reslib has one of this name, for "
                "another task. Give it a name of its own",
                rival.name,
                packages.pop(rival.name),
            )
        elif rival is not None:
            if not _is_own(point):
                logger.warning(
                    "the packages %s and %s both bring an extractor %r; that of %s is used",
                    packages[extractor.name],
                    _package(point),
                    extractor.name,
                    packages[extractor.name],
                )
            continue
        found[extractor.name] = extractor
        if _is_own(point):
            own.add(extractor.name)
        else:
            packages[extractor.name] = _package(point)
    _warn_of_rivals([found[name] for name in packages], packages)
    return found, frozenset(own)


def _in_order(points: Iterable[EntryPoint]) -> list[EntryPoint]:
    return sorted(points, key=lambda point: (_is_own(point), _package(point), point.name))


def _is_own(point: EntryPoint) -> bool:
    return point.module.partition(".")[0] == "reslib"


def _package(point: EntryPoint) -> str:
    return point.dist.name.lower() if point.dist is not None else ""


def _warn_of_rivals(plugins: Iterable[Extractor], packages: dict[str, str]) -> None:
    """Say which of two plug-ins reads a type that both claim: nobody has chosen between them."""
    first: dict[tuple[str, str], str] = {}
    rivals: dict[tuple[str, str], list[str]] = {}
    for extractor in plugins:
        if extractor.by_name_only:
            continue
        for kind in (*extractor.mime_types, *extractor.suffixes):
            winner = first.setdefault((extractor.task, kind), extractor.name)
            if winner != extractor.name:
                rivals.setdefault((winner, extractor.name), []).append(kind)
    for (winner, loser), kinds in rivals.items():
        logger.warning(
            "the extractors %r (package %s) and %r (package %s) both read %s. %r does, because its "
            "package comes first in alphabetical order; to have the other one, name it: "
            "ExtractionWorker(db, extractors=[%r])",
            winner,
            packages[winner],
            loser,
            packages[loser],
            ", ".join(kinds),
            winner,
            loser,
        )
