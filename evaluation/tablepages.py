"""Papers with tables whose cells are known, typeset here: styles, layouts, pages without tables."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from evaluation.tablescores import Cell
from evaluation.typeset import compile_typst, prose

__all__ = ["LAYOUTS", "STYLES", "Paper", "typeset_paper"]

#: What a page of a layout is set with.
LAYOUTS = {
    "one column": 'paper: "a4", margin: 2.5cm',
    "two columns": 'paper: "a4", margin: 1.9cm, columns: 2',
    "narrow columns": 'paper: "us-letter", margin: (x: 3.6cm, y: 3cm)',
    "running head": 'paper: "a4", margin: 2.4cm, header: [Journal of Tides #h(1fr) Preprint]',
}
#: The lines of a table, and how far cells are from each other, in points.
STYLES = {
    "booktabs": ("book", 5.0),
    "booktabs, narrow": ("book", 1.6),
    "grid": ("grid", 4.0),
    "lines of rows": ("rows", 4.0),
    "no lines": ("none", 6.0),
}
_METRICS = (
    "Accuracy|Precision|Recall|F1|AUC|RMSE|Time (s)|n|Mean (SD)|Size (kg)|Rate (%)|Depth"
).split("|")
_NAMES = (
    "Baseline|Random forest|Gradient boosting|Logistic regression|Control|Treatment A|Placebo"
    "|k-NN|Naive Bayes|North Sea|Baltic Sea|All sites|Ridge|Lasso|Group 1|Group 2"
).split("|")


#: Raised marks behind cells, and the share of cells that have one.
_MARKS, _MARKED = ("a", "b", "c", "*", "†", "‡"), 0.2

_NOTES = (
    "Measured twice.|Without the harbour.|From the second season on.|Estimated.|Not significant."
).split("|")


@dataclass(slots=True)
class Paper:
    """A paper that was typeset: its file, its pages, and the cells of its tables."""

    path: Path
    tables: list[list[Cell]]
    styles: list[str]


def typeset_paper(
    path: Path, seed: int, layout: str, tables: int = 2, *, marked: bool = False
) -> Paper:
    """Typeset a paper with some tables; without any, pages of prose, lists and formulas.

    Where it is *marked*, notes below the tables have raised marks behind some of their cells.
    """
    draw = random.Random(seed)
    sentences = prose(seed, 160)
    parts = [
        f'#set page({LAYOUTS[layout]}, numbering: "1")',
        '#set text(font: "New Computer Modern", size: 10pt, hyphenate: true)',
        "#set par(justify: true)",
        "#show figure.where(kind: table): set figure.caption(position: top)",
        f'#place(top, scope: "parent", float: true)[#align(center)[#text(16pt)[Study {seed}]]]',
    ]
    made: list[list[Cell]] = []
    styles: list[str] = []
    at = 0
    for section in range(5):
        parts.append(f"= Part {section + 1}")
        for _ in range(3):
            parts.append(" ".join(sentences[at : at + 8]).replace("#", ""))
            at = (at + 8) % 150
        if section < tables:
            style = draw.choice(list(STYLES))
            cells = _cells(draw, narrow=layout == "two columns")
            marks = _marks(draw, cells) if marked else {}
            source = _source(draw, cells, style, marks, turned=draw.random() < 0.1)
            made.append([(*cell[:4], cell[4] + marks.get(cell[:2], "")) for cell in cells])
            styles.append(style)
            parts.append(source)
            if marks:
                notes = (
                    f"{_raised(mark)} {draw.choice(_NOTES)}" for mark in sorted(set(marks.values()))
                )
                parts.append(f"#text(8pt)[{' '.join(notes)}]")
        elif not tables:
            parts.append("$ sum_(i=1)^n (x_i - mu)^2 / sigma^2 = mat(a, b; c, d) $")
            parts.append("\n".join(f"- {sentence}" for sentence in sentences[at : at + 3]))
    compile_typst(parts, path)
    return Paper(path, made, styles)


def _cells(draw: random.Random, *, narrow: bool) -> list[Cell]:
    columns = draw.randint(3, 4 if narrow else 6)
    rows = draw.randint(4, 11)
    kind = draw.choice(("plain", "errors", "units", "long", "grouped"))
    heads = draw.sample(_METRICS, columns - 1)
    cells: list[Cell] = []
    first = 1
    if kind == "grouped" and columns >= 5:
        middle = (columns - 1) // 2
        cells += [
            (0, 0, 0, 0, "Method"),
            (0, 1, 0, middle, "Training set"),
            (0, middle + 1, 0, columns - 1, "Test set"),
        ]
        cells += [(1, c, 1, c, heads[c - 1]) for c in range(1, columns)]
        first = 2
    else:
        cells += [(0, c, 0, c, "Method" if c == 0 else heads[c - 1]) for c in range(columns)]
    for row in range(first, first + rows):
        cells.append((row, 0, row, 0, draw.choice(_NAMES)))
        for c in range(1, columns):
            value = draw.choice(
                (f"{draw.random():.2f}", f"{draw.uniform(0, 99):.1f}", str(draw.randint(1, 9999)))
            )
            if kind == "errors":
                value = f"{draw.uniform(0, 99):.2f} ± {draw.uniform(0, 5):.2f}"
            elif kind == "units" and c == 1:
                value = f"{draw.randint(1, 99)} %"
            elif kind == "long" and c == columns - 1 and not narrow:
                value = " ".join(prose(draw.randint(1, 99), 1)[0].split()[: draw.randint(3, 12)])
            cells.append((row, c, row, c, "" if draw.random() < 0.04 else value))
    return cells


def _marks(draw: random.Random, cells: list[Cell]) -> dict[tuple[int, int], str]:
    """Return the marks of some cells with words or numbers in them, by row and column."""
    filled = [cell[:2] for cell in cells if cell[4] and cell[2:4] == cell[:2]]
    return {place: draw.choice(_MARKS) for place in filled if draw.random() < _MARKED}


def _raised(mark: str) -> str:
    return f"#super(typographic: false)[{mark.replace('*', chr(92) + '*')}]"


def _source(
    draw: random.Random,
    cells: list[Cell],
    style: str,
    marks: dict[tuple[int, int], str],
    *,
    turned: bool,
) -> str:
    lines, gap = STYLES[style]
    columns = max(cell[3] for cell in cells) + 1
    heads = 1 + max((cell[0] for cell in cells if cell[3] > cell[1]), default=-1) + 1
    heads = min(max(1, heads), 2)
    last = max(cell[2] for cell in cells)
    places = {(cell[0], cell[1]): cell for cell in cells}
    parts = []
    for row in range(last + 1):
        column = 0
        while column < columns:
            cell = places.get((row, column), (row, column, row, column, ""))
            wide = cell[3] - cell[1] + 1
            mark = marks.get((row, column), "")
            text = cell[4].replace("#", "") + (_raised(mark) if mark else "")
            parts.append(f"table.cell(colspan: {wide})[{text}]" if wide > 1 else f"[{text}]")
            column += wide
    rule = {
        "book": f"(_, y) => (top: if y == 0 {{ 1pt }} else if y == {heads} {{ .6pt }},"
        f" bottom: if y == {last} {{ 1pt }})",
        "grid": ".5pt",
        "rows": "(x: none, y: .5pt)",
        "none": "none",
    }[lines]
    longest = max((len(cell[4]) for cell in cells), default=0)
    widths = f"({', '.join(['auto'] * (columns - 1))}, 1fr)" if longest > 30 else str(columns)
    align = f"({', '.join(['left', *[draw.choice(('right', 'center', 'left'))] * (columns - 1)])})"
    table = (
        f"table(columns: {widths}, stroke: {rule}, align: {align}, inset: (x: {gap}pt, y: 3.5pt), "
        f"{', '.join(parts)})"
    )
    figure = f"#figure({table}, caption: [What was measured at each of the sites])"
    return f"#rotate(-90deg, reflow: true)[{figure}]" if turned else figure
