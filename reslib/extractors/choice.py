"""The choice of the extractor that reads a document: the rule of precedence.

Only extractors of the job's task are looked at.

1. One that was asked for by name for this document (``extract_again(ids, extractor=...)``): that
   one and no other.
2. The first of the pool's ``extractors=[...]`` that reads such a document.
3. Those registered in this process, the one registered last first.
4. Those that plug-ins bring, in the order of their packages' names, then of their own.
5. Those of reslib itself; of several, the first that has all that it needs.

Within 3 and within 4, the one that accepted the document when it was added comes first. When that
one is not in this process, rules 3 to 5 do not apply: another one would give another text, and
nobody would notice. Extractors of reslib itself are in every process, so what they accepted is not
kept, and does not stop one that is registered later. Who accepted a document reads its text; for
other tasks that says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import AnyRequirement
from reslib.formats.mediatypes import called
from reslib.models import TEXT, Acceptance

__all__ = ["acceptance_of", "choose", "passed_over"]


def choose(
    registry: Registry,
    mime_type: str,
    suffix: str,
    prefer: Sequence[str] = (),
    *,
    only: str | None = None,
    accepted: Acceptance | None = None,
    task: str = TEXT,
) -> Extractor:
    """Return the extractor for a document.

    Parameters
    ----------
    registry
        Which ones there are.
    mime_type
        What the content is.
    suffix
        Of the document's name, lower case with its dot.
    prefer
        Names to try first.
    only
        The name of the one that was asked for; no other will do.
    accepted
        Which one accepted the document when it was added. It counts for nothing when the document
        has become another since.
    task
        What is to be done with it.

    Raises
    ------
    ExtractionError
        ``no_extractor`` when nothing reads such a document; ``missing_extractor`` when the one
        that is to read it is not in this process; ``missing_dependency`` with the command that
        installs it when a package is missing.
    """
    known = {extractor.name: extractor for extractor in registry.all()}
    every = {name: extractor for name, extractor in known.items() if extractor.task == task}
    if only is not None:
        if only not in known:
            raise _missing(only, "which was asked for")
        if only not in every:
            raise ExtractionError(
                f"the extractor {only!r}, which was asked for, does the task "
                f"{known[only].task!r}, not {task!r}. Ask for another one",
                ErrorCode.NO_EXTRACTOR,
            )
        if not every[only].accepts(mime_type, suffix):
            raise ExtractionError(
                f"the extractor {only!r}, which was asked for, does not read documents of type "
                f"{mime_type} ({suffix or 'no suffix'}). Ask for another one with extract_again()",
                ErrorCode.NO_EXTRACTOR,
            )
        return _complete(every[only])
    for name in prefer:
        if name not in known:
            raise ExtractionError(
                f"no extractor is called {name!r}; there are: {', '.join(sorted(known))}",
                ErrorCode.NO_EXTRACTOR,
            )
        if name in every and every[name].accepts(mime_type, suffix):
            return _complete(every[name])
    candidates = _in_order(registry, mime_type, suffix, task)
    if task == TEXT and accepted is not None and accepted.holds(mime_type, suffix):
        if accepted.extractor not in registry.custom():
            raise _missing(accepted.extractor, "which accepted it when it was added")
        registered = registry.registered()
        candidates.sort(
            key=lambda e: (
                e.name not in registered,
                e.name not in registry.custom(),
                e.name != accepted.extractor,
            )
        )
    if candidates and candidates[0].name in registry.custom():
        return _complete(candidates[0])
    if candidates:
        whole = (extractor for extractor in candidates if not extractor.missing())
        return next(whole, None) or _complete(candidates[0])
    does = "reads documents" if task == TEXT else f"does the task {task!r} for documents"
    wanted = "" if task == TEXT else f" with task={task!r}"
    raise ExtractionError(
        f"nothing here {does} of type {called(mime_type)} ({suffix or 'no suffix'}). Convert it, "
        f"or write a function that reads it and give it to register_extractor(){wanted}",
        ErrorCode.NO_EXTRACTOR,
    )


def passed_over(
    registry: Registry, chosen: Extractor, mime_type: str, suffix: str, task: str = TEXT
) -> list[tuple[Extractor, AnyRequirement]]:
    """Return the extractors of reslib that go before one of them, each with what it lacks.

    Parameters
    ----------
    registry
        Which ones there are.
    chosen
        The one that reads a document, without having been asked for by name.
    mime_type, suffix, task
        See :func:`choose`.
    """
    if chosen.name in registry.custom():
        return []
    candidates = _in_order(registry, mime_type, suffix, task)
    before = takewhile(lambda extractor: extractor.name != chosen.name, candidates)
    lacking = ((extractor, extractor.missing()) for extractor in before)
    return [(extractor, missing[0]) for extractor, missing in lacking if missing]


def acceptance_of(registry: Registry, mime_type: str | None, suffix: str) -> Acceptance | None:
    """Return what is to be kept of the extractor that accepts a document; None when it is one of
    reslib itself, or none accepts it.
    """
    candidates = _reading(
        (extractor for extractor in registry.all() if extractor.task == TEXT),
        mime_type or "",
        suffix,
    )
    if not candidates or candidates[0].name not in registry.custom():
        return None
    first = candidates[0]
    return Acceptance(
        first.name,
        mime_type if mime_type in first.mime_types else None,
        suffix if suffix in first.suffixes else None,
    )


def _reading(extractors: Iterable[Extractor], mime_type: str, suffix: str) -> list[Extractor]:
    """Return those that read such a document without being asked by name, in their order."""
    return [e for e in extractors if not e.by_name_only and e.accepts(mime_type, suffix)]


def _in_order(registry: Registry, mime_type: str, suffix: str, task: str) -> list[Extractor]:
    doing = [extractor for extractor in registry.all() if extractor.task == task]
    candidates = _reading(doing, mime_type, suffix)
    # Of reslib's own, one that reads the type comes before one that knows the suffix alone.
    custom = registry.custom()
    candidates.sort(key=lambda e: e.name not in custom and mime_type not in e.mime_types)
    return candidates


def _complete(extractor: Extractor) -> Extractor:
    missing = extractor.missing()
    if missing:
        raise ExtractionError(
            f"the extractor {extractor.name!r} needs {missing[0]}, which is not installed. Install "
            f"it with: {missing[0].install}",
            ErrorCode.MISSING_DEPENDENCY,
        )
    return extractor


def _missing(name: str, why: str) -> ExtractionError:
    return ExtractionError(
        f"the extractor {name!r}, {why}, is not in this process. Run the cell that registers it, "
        "import the module or install the package that brings it, and retry; or have another one "
        "read the document: extract_again(ids, extractor=...), `reslib extract --again "
        "--extractor NAME`",
        ErrorCode.MISSING_EXTRACTOR,
    )
