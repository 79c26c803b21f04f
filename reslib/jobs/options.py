"""The task of a job and its options: what is valid, and how they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reslib.given import shown
from reslib.models import TEXT

__all__ = ["checked_task", "checked_tasks", "options_text"]

_TEXT_ONLY = (TEXT,)
#: Longest JSON of the options of a job, in characters.
_LONGEST = 1 << 20


def checked_task(task: object) -> str:
    """Return the name of a task.

    Raises
    ------
    TypeError, ValueError
        It is no text, or an empty one.
    """
    if not isinstance(task, str):
        raise TypeError(f"a task is a name, such as 'text', not {shown(task)}")
    if not task.strip():
        raise ValueError("a task is a name, such as 'text', not an empty one")
    return task


def checked_tasks(tasks: object) -> tuple[str, ...]:
    """Return tasks in the order in which they are to be tried.

    Raises
    ------
    TypeError, ValueError
        They are no names, or a single one.
    """
    if tasks == _TEXT_ONLY:
        return _TEXT_ONLY
    if isinstance(tasks, str) or not isinstance(tasks, list | tuple):
        raise TypeError(f"tasks is a list of names, such as ['text'], not {shown(tasks)}")
    return tuple(map(checked_task, tasks))


def options_text(options: Mapping[str, Any]) -> str:
    """Return options as JSON that is the same whenever they are: sorted keys, nothing between.

    Raises
    ------
    TypeError, ValueError
        They are no JSON object, or a very large one.
    """
    if not options:
        if isinstance(options, Mapping):
            return "{}"
        raise _no_object(options)
    if not isinstance(options, Mapping):
        raise _no_object(options)
    try:
        text = json.dumps(
            _with_text_keys(options), sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except TypeError as error:
        raise TypeError(f"options hold only what JSON has: {error}") from error
    except (ValueError, RecursionError) as error:  # NaN; what contains itself
        raise ValueError(f"options hold only what JSON has: {error}") from error
    if len(text) > _LONGEST:
        raise ValueError(f"options are at most {_LONGEST:,} characters of JSON, not {len(text):,}")
    return text


def _no_object(options: object) -> TypeError:
    return TypeError(f"options are a JSON object, such as {{'dpi': 300}}, not {shown(options)}")


def _with_text_keys(value: Any) -> Any:
    """Return a value with its mappings as dicts; JSON would take 1 and "1" for the same key."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"the key {shown(key)} is no text")
        return {key: _with_text_keys(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(each) for each in value]
    return value
