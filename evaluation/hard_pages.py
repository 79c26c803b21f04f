"""Papers with what readers get wrong, typeset here with the words that are right.

Raised and lowered pieces, numbers beside the lines, tables turned on their side, fields that are
filled in. Each kind comes in several builds (Typst or reportlab, one column or two, drawn in one
order or another), because a reader that knows one of them may not know the next.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from evaluation.raised_pages import raised_by_reportlab, raised_by_typst
from evaluation.typeset import Truth, compile_typst, draw_lines, prose

__all__ = ["BUILDS", "build"]


# --- numbers beside the lines --------------------------------------------------------------------


def numbered_by_typst(
    path: Path,
    seed: int,
    *,
    columns: int = 1,
    step: int = 1,
    margin: str = "start",
    scope: str = "document",
) -> Truth:
    """Typeset a manuscript with a number beside every line, or every *step*-th."""
    truth = prose(seed, 100)
    number = f"n => if calc.rem(n, {step}) == 0 {{ text(7pt, fill: luma(90))[#n] }}"
    parts = [
        f'#set page(paper: "a4", margin: 2.6cm, columns: {columns}, numbering: "1")',
        '#set text(font: "New Computer Modern", size: 11pt, lang: "en", hyphenate: false)',
        f"#set par(justify: true, leading: {'0.65em' if columns == 2 else '1.1em'})",
        f'#set par.line(numbering: {number}, number-margin: {margin}, numbering-scope: "{scope}")',
    ]
    parts += [" ".join(truth[at : at + 6]) for at in range(0, len(truth), 6)]
    compile_typst(parts, path)
    return [truth]


def numbered_by_reportlab(
    path: Path,
    seed: int,
    *,
    columns: int = 1,
    step: int = 1,
    right: bool = False,
    last: bool = False,
) -> Truth:
    """Draw a manuscript line by line, by default each after its number, as LaTeX's lineno does.

    Parameters
    ----------
    path, seed
        Where to, and what is drawn.
    columns
        One or two.
    step
        Which lines have a number.
    right
        Whether the numbers are to the right of the lines.
    last
        Whether a page's numbers are drawn after all of its lines.
    """
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    truth = prose(seed, 100)
    width = 400 if columns == 1 else 205
    lines = simpleSplit(" ".join(truth), "Times-Roman", 11, width)
    canvas = Canvas(str(path))
    waiting = []
    for index, line in enumerate(lines):
        column, row = divmod(index % (36 * columns), 36)
        x, y = 90 + 240 * column, 770 - 19 * row
        if (index + 1) % step == 0:
            waiting.append((x + width + 22 if right else x - 18, y, str(index + 1)))
        if not last:
            _numbers(canvas, waiting)
        canvas.setFont("Times-Roman", 11)
        canvas.drawString(x, y, line)
        if (index + 1) % (36 * columns) == 0 or index + 1 == len(lines):
            _numbers(canvas, waiting)
            canvas.showPage()
    canvas.save()
    return [truth]


def _numbers(canvas: Any, waiting: list[tuple[float, float, str]]) -> None:
    """Draw the numbers that wait for it."""
    canvas.setFont("Helvetica", 7)
    for x, y, text in waiting:
        canvas.drawRightString(x, y, text)
    waiting.clear()


# --- tables on their side ------------------------------------------------------------------------


def _rows(draw: random.Random, count: int) -> list[list[str]]:
    """Return a table of stations with the years in its first column."""
    sides = ("western South bay", "upper estuary", "old harbour", "northern valley", "outer reef")
    kinds = ("unknown", "Hydrostatic pressure", "float gauge", "acoustic", "CTD and bottle")
    head = ["Year", "Place of the station", "Kind of gauge", "Depth", "Readings"]
    first = draw.randint(1950, 2021 - count)
    return [head] + [
        [
            str(first + row),
            draw.choice(sides),
            draw.choice(kinds),
            f"{draw.uniform(1, 90):.2f}",
            f"{draw.randint(1000, 99999):,}",
        ]
        for row in range(count)
    ]


def sideways_by_typst(path: Path, seed: int, *, degrees: int = 90, turn: bool = False) -> Truth:
    """Typeset prose and a table turned by *degrees*; with *turn*, the page is turned back."""
    draw = random.Random(seed)
    rows, body = _rows(draw, 24), prose(seed, 20)
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    compile_typst(
        [
            '#set page(paper: "a4", margin: 2cm, numbering: "1")',
            '#set text(font: "New Computer Modern", size: 10pt, lang: "en")',
            " ".join(body),
            "#pagebreak()",
            f"#rotate({degrees}deg, reflow: true)[#table(columns: 5, stroke: 0.4pt, {cells})]",
        ],
        path,
    )
    if turn:
        _turn_last_page(path, -degrees % 360)
    return [body, [" ".join(row) for row in rows]]


def sideways_by_reportlab(path: Path, seed: int, *, degrees: int = 90) -> Truth:
    """Draw prose and a turned table without lines, cell after cell."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    draw = random.Random(seed)
    rows, body = _rows(draw, 24), prose(seed, 20)
    canvas = Canvas(str(path))
    draw_lines(canvas, simpleSplit(" ".join(body), "Times-Roman", 10, 450), 70, 780)
    canvas.showPage()
    canvas.setFont("Helvetica", 9)
    canvas.translate(*((60, 60) if degrees == 90 else (540, 780)))
    canvas.rotate(degrees)
    across = (0, 60, 220, 380, 450)
    for number, row in enumerate(rows):
        for x, cell in zip(across, row, strict=True):
            canvas.drawString(x, -20 - 18 * number, cell)
    canvas.showPage()
    canvas.save()
    return [body, [" ".join(row) for row in rows]]


def _turn_last_page(path: Path, degrees: int) -> None:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=path)
    writer.pages[-1].rotate(degrees)
    writer.write(path)


# --- fields --------------------------------------------------------------------------------------


def _answers(seed: int) -> list[tuple[str, str]]:
    """Return labels and what is filled in: names that stand nowhere else."""
    draw = random.Random(seed)
    labels = ("Applicant", "Institution", "Title of the study", "Instrument", "Purpose", "Season")
    syllables = "ba de fi go lu mar nes pol rin sat tov vek".split()
    return [
        (label, " ".join("".join(draw.sample(syllables, 4)).capitalize() for _ in range(4)))
        for label in labels
    ]


def _draw_form(path: Path, seed: int, *, filled: bool) -> Truth:
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    fields, body = _answers(seed), prose(seed, 8)
    canvas = Canvas(str(path))
    draw_lines(canvas, simpleSplit(" ".join(body), "Times-Roman", 10, 470), 60, 800)
    for row, (label, answer) in enumerate(fields):
        y = 600 - 44 * row
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(60, y + 24, f"{label}:")
        place = {"x": 60, "y": y, "width": 470, "height": 18, "fontSize": 9}
        if not filled:
            canvas.acroForm.textfield(name=f"field{row}", **place)
        elif row == len(fields) - 1:
            canvas.acroForm.choice(name="choice", value=answer, options=["none", answer], **place)
        else:
            canvas.acroForm.textfield(name=f"field{row}", value=answer, **place)
    canvas.save()
    return [body, *([text] for pair in fields for text in pair)]


def form_by_reportlab(path: Path, seed: int, *, appearances: bool = True) -> Truth:
    """Draw a form whose fields are filled in; without *appearances*, viewers have to draw them."""
    truth = _draw_form(path, seed, filled=True)
    if not appearances:
        _remove_appearances(path)
    return truth


def form_filled_by_pypdf(path: Path, seed: int) -> Truth:
    """Draw an empty form, fill it with another program, and type a remark onto the page."""
    import pypdf
    from pypdf import generic

    truth = _draw_form(path, seed, filled=False)
    writer = pypdf.PdfWriter(clone_from=path)
    page = writer.pages[0]
    values = {f"field{row}": answer for row, (_, answer) in enumerate(_answers(seed))}
    writer.update_page_form_field_values(page, values, auto_regenerate=False)

    def dictionary(**entries: Any) -> Any:
        return generic.DictionaryObject(
            {generic.NameObject(f"/{k}"): v for k, v in entries.items()}
        )

    def numbers(*values: float) -> Any:
        return generic.ArrayObject(map(generic.FloatObject, values))

    remark = "Approved by Ragnvald Quistorp"
    drawn = generic.DecodedStreamObject()
    drawn.set_data(f"BT /F1 10 Tf 4 8 Td ({remark}) Tj ET".encode())
    drawn.update(
        dictionary(
            Subtype=generic.NameObject("/Form"),
            BBox=numbers(0, 0, 340, 30),
            Resources=dictionary(Font=page["/Resources"]["/Font"]),
        )
    )
    note = dictionary(
        Type=generic.NameObject("/Annot"),
        Subtype=generic.NameObject("/FreeText"),
        Rect=numbers(60, 200, 400, 230),
        Contents=generic.TextStringObject(remark),
        DA=generic.TextStringObject("/F1 10 Tf 0 g"),
        AP=dictionary(N=writer._add_object(drawn)),
    )
    page["/Annots"].append(writer._add_object(note))
    writer.write(path)
    return [*truth, [remark]]


def _remove_appearances(path: Path) -> None:
    """Leave the values of fields and ask viewers to draw them."""
    import pypdf
    from pypdf.generic import BooleanObject, NameObject

    writer = pypdf.PdfWriter(clone_from=path)
    for page in writer.pages:
        for reference in page.get("/Annots", ()):
            reference.get_object().pop("/AP", None)
    form = writer.root_object["/AcroForm"].get_object()
    form[NameObject("/NeedAppearances")] = BooleanObject(True)
    writer.write(path)


# --- all of them ---------------------------------------------------------------------------------


#: By class, how each build is made.
BUILDS: dict[str, list[tuple[Callable[..., Truth], dict[str, Any]]]] = {
    "own, raised pieces": [
        (raised_by_typst, {"small": True}),
        (raised_by_reportlab, {}),
        (raised_by_typst, {"columns": 2, "small": True}),
        (raised_by_typst, {"formulas": True, "small": True}),
        (raised_by_reportlab, {"columns": 2}),
        (raised_by_typst, {}),
    ],
    "own, numbered lines": [
        (numbered_by_reportlab, {}),
        (numbered_by_reportlab, {"columns": 2}),
        (numbered_by_typst, {}),
        (numbered_by_reportlab, {"right": True}),
        (numbered_by_reportlab, {"step": 5}),
        (numbered_by_typst, {"columns": 2, "step": 2}),
        (numbered_by_reportlab, {"step": 10, "last": True}),
        (numbered_by_typst, {"margin": "right", "scope": "page"}),
    ],
    "own, sideways tables": [
        (sideways_by_typst, {}),
        (sideways_by_reportlab, {}),
        (sideways_by_typst, {"degrees": -90}),
        (sideways_by_typst, {"turn": True}),
        (sideways_by_reportlab, {"degrees": -90}),
    ],
    "own, forms": [
        (form_by_reportlab, {}),
        (form_filled_by_pypdf, {}),
        (form_by_reportlab, {"appearances": False}),
    ],
}


def build(folder: Path, most: int | None = None) -> Iterator[tuple[str, Path, Truth]]:
    """Make the documents, at most that many of each class; yield class, path and truth."""
    for kind, makers in BUILDS.items():
        for number, (make, options) in enumerate(makers[:most], start=1):
            path = folder / f"{kind.removeprefix('own, ').replace(' ', '-')}-{number}.pdf"
            yield kind, path, make(path, 400 + number, **options)
