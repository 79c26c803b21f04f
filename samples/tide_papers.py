"""Write twenty papers with a table each: ``python samples/tide_papers.py``.

They go to ``samples/tide-papers``, for lesson 11: small studies of invented estuaries, each with
the stations at which tidal range and sediment were measured. They are as uneven as papers are: one
column and two, lines of three kinds, heads in other words, errors behind ``±``, ranges in
centimetres, a table over two pages, one with two numbers in a cell, some with another table
besides. What was measured is in ``truth.csv``. Needs the ``dev`` extra; the files are committed.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

PAPERS = Path(__file__).resolve().parent / "tide-papers"
_ESTUARIES = (
    "Alder|Brant|Curlew|Dunlin|Eider|Fulmar|Gannet|Heron|Islay|Jackdaw|Knot|Linnet|Merlin|Nuthatch"
    "|Osprey|Plover|Quail|Redshank|Sanderling|Teal"
).split("|")
_PEOPLE = (
    "Ines Calder|Tomas Wren|Odile Marsh|Per Halvorsen|Ruth Okoro|Jan de Vries|Mei Tanaka|Luis Prado"
    "|Greta Lindqvist|Amos Reed"
).split("|")
_PROSE = (
    "The {0} estuary opens to the west and is shallow along most of its length.",
    "Water level was recorded every ten minutes by pressure gauges at fixed stations.",
    "Samples of water were taken at slack tide and filtered on the same day.",
    "The tide is damped by friction on its way up the channel, and more so where flats are wide.",
    "Suspended sediment follows the currents, which follow the tidal range.",
    "Gauges were levelled twice, and the drift of none exceeded two millimetres in a month.",
    "Freshwater discharge was low throughout, so that stratification can be left out.",
    "Spring and neap tides were averaged over the period of the survey.",
)
_INSTRUMENTS = (
    ("Instrument", "Number", "Accuracy"),
    ("Pressure gauge", "6", "2 mm"),
    ("Sampler", "2", "5 ml"),
)
_CITED = (
    "A. Reed and M. Tanaka. Friction in shallow estuaries. Journal of Tides 12, 31-48, {0}.",
    "O. Marsh. A handbook of gauges. Heron Press, {0}.",
)
_MARGIN, _GUTTER = 60, 24


@dataclass(frozen=True)
class Look:
    """How a paper is set, and what is odd about its table."""

    columns: int = 1
    rules: str = "booktabs"
    heads: tuple[str, ...] = ("Station", "Distance (km)", "Tidal range (m)", "Sediment (mg/l)")
    oddity: str = ""


_LOOKS = (
    Look(),
    Look(columns=2, heads=("Station", "Distance (km)", "Range (m)", "Sediment (mg/l)")),
    Look(rules="grid", oddity="a slip"),
    Look(oddity="errors"),
    Look(rules="rows", heads=("Site", "Distance (km)", "Mean range (m)", "SSC (mg/l)")),
    Look(columns=2, rules="grid", heads=("Site", "km", "Range (m)", "SSC (mg/l)")),
    Look(oddity="centimetres", heads=("Station", "Distance (km)", "Range (cm)", "Sediment (mg/l)")),
    Look(oddity="two tables"),
    Look(oddity="two pages"),
    Look(rules="rows"),
)


def main() -> None:
    """Write the papers, and what was measured."""
    PAPERS.mkdir(exist_ok=True)
    measured = []
    for number, name in enumerate(_ESTUARIES):
        draw = random.Random(number)
        look = _LOOKS[number % len(_LOOKS)]
        if number >= len(_LOOKS) and look.oddity in ("a slip", "centimetres", "two pages"):
            look = Look(oddity="two tables")
        year = 2002 + number
        rows = _stations(draw, 14 if look.oddity == "two pages" else draw.randint(5, 8))
        measured += [(name, year, *row) for row in rows]
        _write(PAPERS / f"{name.lower()}-{year}.pdf", name, year, rows, look, draw)
    with (PAPERS / "truth.csv").open("w", newline="", encoding="utf-8") as stream:
        heads = ("estuary", "year", "station", "distance_km", "range_m", "sediment_mg_l")
        csv.writer(stream).writerows([heads, *measured])


def _stations(draw: random.Random, count: int) -> list[tuple[str, float, float, int]]:
    """Return stations: name, distance, range and sediment. The range falls, sediment follows it."""
    at_mouth, length = draw.uniform(2.2, 5.5), draw.uniform(18, 45)
    found = []
    for number in range(count):
        distance = round(number * draw.uniform(4.0, 5.0) + draw.uniform(0.2, 1.0), 1)
        tide = at_mouth * math.exp(-distance / length) * draw.uniform(0.96, 1.04)
        sediment = 12 + 6.5 * tide**2 * draw.uniform(0.85, 1.15)
        found.append((f"{chr(65 + number)}{number + 1}", distance, round(tide, 2), round(sediment)))
    return found


def _write(
    path: Path,
    name: str,
    year: int,
    rows: Sequence[tuple[str, float, float, int]],
    look: Look,
    draw: random.Random,
) -> None:
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12)
    body.alignment = TA_JUSTIFY
    small = ParagraphStyle("small", parent=body, fontSize=9, leading=11, alignment=TA_CENTER)
    head = ParagraphStyle("head", parent=body, fontName="Times-Bold", fontSize=11, spaceBefore=8)
    title = ParagraphStyle("title", parent=small, fontName="Times-Bold", fontSize=16, leading=19)
    authors = draw.sample(_PEOPLE, draw.randint(2, 3))

    def prose(sentences: int) -> Paragraph:
        return Paragraph(" ".join(draw.choices(_PROSE, k=sentences)).format(name), body)

    story: list[Any] = [
        Paragraph(f"Tides and sediment of the {name} estuary", title),
        Spacer(1, 6),
        Paragraph(", ".join(authors), small),
        Paragraph(f"Received 3 May {year}, accepted 2 September {year}", small),
        Spacer(1, 8),
        Paragraph("Abstract", head),
        prose(4),
        Paragraph("1 Introduction", head),
        prose(10),
        Paragraph("2 Methods", head),
        prose(8),
    ]
    number = 1
    if look.oddity == "two tables":
        story += [
            Spacer(1, 6),
            Paragraph(f"Table {number}: Instruments that were used.", small),
            _table(_INSTRUMENTS, Look()),
            Spacer(1, 6),
        ]
        number = 2
    story += [Paragraph("3 Results", head), prose(26 if look.oddity == "two pages" else 5)]
    cells = [_cells(row, look, draw) for row in rows]
    if look.oddity == "a slip":
        station, distance, tide, sediment = cells[2]
        cells[2] = (station, distance, f"{tide} {sediment}", "")
    words = f"Stations of the {name} survey, with tidal range and suspended sediment."
    table = [
        Spacer(1, 6),
        Paragraph(f"Table {number}: {words}", small),
        Spacer(1, 3),
        _table([look.heads, *cells], look),
        Spacer(1, 8),
    ]
    story += table if look.oddity == "two pages" else [KeepTogether(table)]
    story += [prose(8), Paragraph("References", head)]
    story += [Paragraph(text.format(year - 4), body) for text in _CITED]
    width, height = A4
    wide = (width - 2 * _MARGIN - (look.columns - 1) * _GUTTER) / look.columns
    frames = [
        Frame(_MARGIN + at * (wide + _GUTTER), _MARGIN, wide, height - 2 * _MARGIN, 0, 0, 0, 0)
        for at in range(look.columns)
    ]
    document = BaseDocTemplate(str(path), pagesize=A4, invariant=1, title="", author="")
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(story)


def _cells(row: tuple[str, float, float, int], look: Look, draw: random.Random) -> tuple[str, ...]:
    station, distance, tide, sediment = row
    shown = f"{tide * 100:.0f}" if look.oddity == "centimetres" else f"{tide:.2f}"
    if look.oddity == "errors":
        shown += f" ± 0.0{draw.randint(1, 6)}"
    return station, f"{distance:.1f}", shown, f"{sediment}"


def _table(rows: Sequence[Sequence[str]], look: Look) -> Table:
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), "Times-Roman", 9),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (-1, -1), 7),
        ("RIGHTPADDING", (0, 0), (-1, -1), 7),
        ("ALIGN", (1, 0), (-1, -1), "CENTER"),
    ]
    if look.rules == "grid":
        style.append(("GRID", (0, 0), (-1, -1), 0.5, "black"))
    elif look.rules == "rows":
        style.append(("LINEABOVE", (0, 0), (-1, -1), 0.4, "black"))
        style.append(("LINEBELOW", (0, -1), (-1, -1), 0.4, "black"))
    else:
        style += [
            ("LINEABOVE", (0, 0), (-1, 0), 1, "black"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, "black"),
            ("LINEBELOW", (0, -1), (-1, -1), 1, "black"),
        ]
    return Table(rows, style=style, repeatRows=1)


if __name__ == "__main__":
    main()
