"""The settings of a pool: which values are valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from reslib.engines import Engine
from reslib.extractors.base import Extractor
from reslib.extractors.registry import available_extractors, registry
from reslib.given import shown
from reslib.models import TEXT

__all__ = [
    "check_engine",
    "check_seconds",
    "check_slots",
    "check_task",
    "check_whole",
    "extractor_named",
]


def check_whole(name: str, value: object, smallest: int) -> None:
    """Raise :class:`ValueError` unless *value* is a whole number, *smallest* or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be a whole number, at least {smallest}, not {value!r}")


def check_seconds(name: str, value: object) -> None:
    """Raise :class:`ValueError` unless *value* is a positive number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{name} must be a positive number of seconds, not {value!r}")


def check_engine(engine: object) -> Engine:
    """Return an engine.

    Raises
    ------
    TypeError
        It is none.
    """
    if isinstance(engine, type) or not callable(getattr(engine, "runner", None)):
        raise TypeError(
            "engine is an object whose runner() gives what reads documents, such as "
            f"reslib.engines.LocalEngine(), or None, not {shown(engine)} ({type(engine).__name__})"
        )
    return cast(Engine, engine)


def check_task(task: object) -> None:
    """Raise :class:`ValueError` unless some extractor of this process does *task*."""
    tasks = registry.tasks()
    if task not in tasks:
        raise ValueError(
            f"no extractor of this process does the task {task!r}; there are: {', '.join(tasks)}. "
            "register_extractor(..., task=...) adds one"
        )


def check_slots(slots: object) -> dict[str, int]:
    """Return the slots of a pool.

    Raises
    ------
    ValueError
        They are no mapping of tasks to whole numbers.
    """
    if slots is None:
        return {}
    if not isinstance(slots, Mapping):
        raise ValueError(f"slots is a dict of tasks, such as {{{TEXT!r}: 1}}, not {slots!r}")
    for task, number in slots.items():
        check_task(task)
        check_whole(f"slots[{task!r}]", number, 1)
    return dict(slots)


def extractor_named(name: str) -> Extractor:
    """Return an extractor.

    Raises
    ------
    ValueError
        None has that name.
    """
    known = {extractor.name: extractor for extractor in available_extractors()}
    if name not in known:
        raise ValueError(f"no extractor is called {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]
