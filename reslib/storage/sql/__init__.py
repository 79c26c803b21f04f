"""All SQL of reslib, and the only SQL.

``schema.sql`` makes a new database, ``migrations/`` bring an old one up to it, and
``queries.sql`` holds every other statement under a name.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["migrations", "queries", "schema"]

_FOLDER = Path(__file__).parent
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
#: Statements that others name like a function, and the parameters for which they give values.
_PARAMETERS = {
    "latest_job": (":attachment_id", ":task"),
    "is_stale": (":attachment_id",),
    "is_cut": (":attachment_id",),
    "shown_status": (":attachment_id",),
    "standing_failures": (":since",),
    "overlap": (":one_box", ":other_box"),
    "covered": (":of_attachment", ":of_task", ":of_page", ":of_box"),
}
_NAMED = re.compile(rf"\b({'|'.join(_PARAMETERS)})\(([:\w.']+(?:, [:\w.']+)*)\)")


def schema() -> str:
    """Return the script that makes a new database."""
    return _read("schema.sql")


@cache
def queries() -> dict[str, str]:
    """Return the statements of ``queries.sql`` by name."""
    _, *parts = _NAME.split(_read("queries.sql"))
    names, bodies = parts[::2], parts[1::2]
    found = {name: body.strip() for name, body in zip(names, bodies, strict=True)}

    def spelled_out(match: re.Match[str]) -> str:
        name, values = match.groups()
        body = found[name]
        for parameter, value in zip(_PARAMETERS[name], values.split(", "), strict=True):
            body = body.replace(parameter, value)
        return f"({_NAMED.sub(spelled_out, body)})"

    return {name: _NAMED.sub(spelled_out, body) for name, body in found.items()}


def migrations() -> dict[int, str]:
    """Return the migration scripts by the version they lead to."""
    folder = _FOLDER / "migrations"
    scripts = {}
    for entry in folder.iterdir():
        if entry.name.endswith(".sql"):
            scripts[int(entry.name.split("_")[0])] = entry.read_text(encoding="utf-8")
    return dict(sorted(scripts.items()))


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
