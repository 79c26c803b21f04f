"""Pages with tables whose cells are known, typeset for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typst

__all__ = ["ROWS", "compile_pages", "paper", "table"]

ROWS = (
    ("Method", "Accuracy", "Recall", "Time (s)"),
    ("Baseline", "0.71", "0.64", "12.5"),
    ("Random forest", "0.83", "0.79", "140.2"),
    ("Gradient boosting", "0.88", "0.81", "311.0"),
    ("Ours", "0.91", "0.90", "95.7"),
)
_PROSE = (
    "The seasonal measurement consistently influences the coastal observation across three "
    "winters, and the instrument characterises the uncertainty of the calibration. "
)
_RULES = {
    "booktabs": "(_, y) => if y == 0 { (top: 1pt, bottom: .6pt) }"
    " else if y == LAST { (bottom: 1pt) } else { none }",
    "grid": ".5pt",
    "rows": "(x: none, y: .5pt)",
    "none": "none",
}


def table(
    rows: Sequence[Sequence[str]] = ROWS,
    rules: str = "booktabs",
    caption: str | None = "Results on the test set",
) -> str:
    """Return the source of a table."""
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    stroke = _RULES[rules].replace("LAST", str(len(rows) - 1))
    made = f"table(columns: {len(rows[0])}, stroke: {stroke}, {cells})"
    if caption is None:
        return f"#align(center, {made})"
    return f"#figure({made}, caption: [{caption}])"


def paper(*parts: str, columns: int = 1) -> str:
    """Return the source of a page with prose around some parts."""
    prose = _PROSE * 4
    between = f"\n\n{prose}\n\n"
    return (
        f'#set page(paper: "a4", columns: {columns}, margin: 2.2cm)\n'
        '#set text(font: "New Computer Modern", size: 10pt)\n#set par(justify: true)\n'
        "#show figure.where(kind: table): set figure.caption(position: top)\n"
        f"{prose}{between}{between.join(parts)}{between}"
    )


def compile_pages(folder: Path, source: str, name: str = "paper.pdf") -> Path:
    """Typeset a source; return the PDF."""
    path = folder / name
    made = folder / f"{name}.typ"
    made.write_text(source, encoding="utf-8")
    typst.compile(str(made), output=str(path))
    return path
