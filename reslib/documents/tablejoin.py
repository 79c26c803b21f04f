"""Tables that go on over pages, put together where somebody asks for it.

Two pieces are of one table when one is the last of its page, the other the first of the next, both
have as many columns, and the second repeats the head of the first, says that it goes on, or has
neither a head nor a caption of its own and is as wide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["join_pages"]

#: How much wider one piece may be than the other, in points.
_AS_WIDE = 6.0
_CONTINUED = re.compile(
    r"\b(?:continued|cont['\u2019]?d|cont\.|fortsetzung|fortgesetzt|suite|continuaci[oó]n|continuação"
    r"|continua|segue|vervolg)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[A-Z]?\d+(?:[.\-\u2013]\d+)*|\b[IVXL]+\b")


def join_pages(rows: Sequence[Mapping[str, Any]], least: float = 0.0) -> list[dict[str, Any]]:
    """Return the tables of a document with those put together that go on over pages.

    Parameters
    ----------
    rows
        Of the statement ``tables_of``. Those that are put together have ``joined``, the ids and
        pages of their pieces.
    least
        Pieces of less confidence are left out; where a table goes on in one, its reason says so.
    """
    by_page: dict[int, list[dict[str, Any]]] = {}
    others = []
    for row in rows:
        piece = {**row, "cells": json.loads(row["rows"]), "edges": json.loads(row["box"])}
        if piece["page"] is None or len(piece["edges"]) != 4:
            if not _is_weak(row, least):
                others.append(dict(row))
        else:
            by_page.setdefault(piece["page"], []).append(piece)
    found: list[dict[str, Any]] = []
    open_pieces: list[dict[str, Any]] = []
    for page in sorted(by_page):
        pieces = sorted(by_page[page], key=lambda piece: (piece["edges"][1], piece["edges"][0]))
        for at, piece in enumerate(pieces):
            goes_on = not at and open_pieces and open_pieces[-1]["page"] == page - 1
            goes_on = goes_on and _is_continued(open_pieces[0], open_pieces[-1], piece)
            if goes_on and not _is_weak(piece, least):
                open_pieces.append(piece)
                continue
            if goes_on:
                for one in open_pieces:
                    one["reason"] = f"{one['reason']}; {_left_out(piece)}".removeprefix("; ")
            found += _closed(open_pieces)
            open_pieces = [] if _is_weak(piece, least) else [piece]
    found += _closed(open_pieces)
    return [*others, *found]


def _is_weak(row: Mapping[str, Any], least: float) -> bool:
    return row["confidence"] is not None and row["confidence"] < least


def _left_out(piece: Mapping[str, Any]) -> str:
    sure = f"{piece['confidence']:.2f}"
    return f"what is on page {piece['page']} is left out: it was read less surely ({sure})"


def _is_continued(
    first: Mapping[str, Any], before: Mapping[str, Any], piece: Mapping[str, Any]
) -> bool:
    if _width(first) != _width(piece):
        return False
    if _repeats(first, piece):
        # Papers have tables of one form after each other: each then has a number of its own.
        return not piece["caption"] or _is_of(first, piece) or bool(_says_so(piece))
    if _says_so(piece):
        return not piece["caption"] or _is_of(first, piece)
    wide, as_wide = (each["edges"][2] - each["edges"][0] for each in (before, piece))
    return not piece["caption"] and not piece["header_rows"] and abs(wide - as_wide) <= _AS_WIDE


def _is_of(first: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    """True when the captions of two pieces have the same number."""
    numbers = [_NUMBER.search(each["caption"]) for each in (first, piece)]
    return numbers[0] is not None and numbers[1] is not None and numbers[0][0] == numbers[1][0]


def _says_so(piece: Mapping[str, Any]) -> bool:
    cells = piece["cells"][0] if piece["cells"] else []
    return any(_CONTINUED.search(text) for text in (piece["caption"], *cells[:1]))


def _repeats(first: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    """True when a piece begins with the head of the first."""
    heads = first["header_rows"]
    return bool(heads) and _plain(piece["cells"][:heads]) == _plain(first["cells"][:heads])


def _plain(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[" ".join(cell.split()).casefold() for cell in row] for row in rows]


def _width(row: Mapping[str, Any]) -> int:
    return max(map(len, row["cells"]), default=0)


def _closed(pieces: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one table of some pieces, if there are any."""
    if not pieces:
        return
    first, *more = pieces
    table = {name: value for name, value in first.items() if name not in ("cells", "edges")}
    if more:
        cells, spans = [*first["cells"]], json.loads(first["spans"])
        for piece in more:
            # A head of other words may be a row of numbers: it stays.
            skipped = first["header_rows"] if _repeats(first, piece) else 0
            at = len(cells) - skipped
            cells += piece["cells"][skipped:]
            spans += [
                [row + at, *rest] for row, *rest in json.loads(piece["spans"]) if row >= skipped
            ]
        known = [piece for piece in pieces if piece["confidence"] is not None]
        worst = min(known, key=lambda piece: piece["confidence"], default=first)
        pages = [piece["page"] for piece in pieces]
        table |= {
            "rows": json.dumps(cells),
            "spans": json.dumps(spans),
            "confidence": worst["confidence"],
            "reason": f"joined from pages {', '.join(map(str, pages))}; {worst['reason']}",
            "joined": {"table_ids": tuple(piece["id"] for piece in pieces), "pages": tuple(pages)},
        }
    yield table
