"""Papers in TeX as tests read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reslib.extractors.tex.texpaper import extract
from reslib.items import Page

__all__ = ["body", "items_of", "of", "read"]


def items_of(path: Path, options: dict[str, Any] | None = None) -> list[Any]:
    return list(extract(path, options))


def read(folder: Path, source: str, name: str = "paper.tex") -> tuple[str, list[Any]]:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    items = items_of(path)
    [page] = [item for item in items if isinstance(item, Page)]
    return page.text, items


def body(folder: Path, source: str) -> str:
    return read(folder, "\\relax " + source)[0]


def of(items: list[Any], kind: type[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]
