"""Tables of PDFs: how many are found and how well, beside other tools, in one run.

``python evaluation/tables.py`` typesets papers whose tables are known and pages without any, and
has every reader that is installed look for them: reslib, pdfplumber, camelot (each flavour),
img2table.
Papers whose tables have notes, with raised marks behind their cells, are a class of their own.
``--icdar DIR`` adds the documents of the ICDAR 2013 competition, where the reader has them: PDFs
with the truth beside each as ``*-str.xml``.

Times are processor time. The text of a document needs it opened and its pages loaded as well: what
reslib takes *on top* is its time without that, which is measured after each document by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from evaluation.tablepages import LAYOUTS, typeset_paper
from evaluation.tablescores import Cell, Score, auc, cells_of, match

__all__ = ["main"]

_OWN = "reslib"
Found = list[tuple[list[Cell], float | None]]


def _own(path: Path) -> Found:
    from reslib.extractors.tables.pdftables import extract
    from reslib.items import Table

    return [(cells_of(i.rows), i.confidence) for i in extract(path) if isinstance(i, Table)]


def _pdfplumber(path: Path) -> Found:
    import pdfplumber

    with pdfplumber.open(path) as document:
        return [
            (cells_of([[cell or "" for cell in row] for row in table]), None)
            for page in document.pages
            for table in page.extract_tables()
        ]


def _camelot(flavour: str, engine: str = "") -> Callable[[Path], Found]:
    more = {"engine": engine} if engine else {}

    def read(path: Path) -> Found:
        import camelot

        found = camelot.read_pdf(str(path), pages="all", flavor=flavour, **more)
        return [(cells_of(each.df.to_numpy().tolist()), each.accuracy / 100) for each in found]

    return read


def _img2table(path: Path) -> Found:
    from img2table.document import PDF

    found = PDF(str(path)).extract_tables(borderless_tables=True)
    return [
        (cells_of(table.df.fillna("").astype(str).to_numpy().tolist()), None)
        for tables in found.values()
        for table in tables
    ]


def _readers() -> dict[str, Callable[[Path], Found]]:
    readers: dict[str, Callable[[Path], Found]] = {_OWN: _own}
    if importlib.util.find_spec("pdfplumber"):
        readers["pdfplumber"] = _pdfplumber
    if importlib.util.find_spec("camelot"):
        # The flavour ml has weights of a model, which it fetches when it runs: it is left out.
        for flavour in ("lattice", "stream", "network", "hybrid", "auto"):
            readers[f"camelot {flavour}"] = _camelot(flavour)
        readers["camelot lattice, vector"] = _camelot("lattice", "vector")
    if importlib.util.find_spec("img2table"):
        readers["img2table"] = _img2table
    return readers


def _icdar(folder: Path) -> Iterator[tuple[Path, list[list[Cell]]]]:
    from lxml import etree

    for truth in sorted(folder.rglob("*-str.xml")):
        path = truth.with_name(truth.name.replace("-str.xml", ".pdf"))
        if path.exists():
            root = etree.parse(str(truth)).getroot()
            yield path, [_icdar_table(table) for table in root.iter("table")]


def _icdar_table(table: Any) -> list[Cell]:
    cells = []
    for region in table.findall("region"):
        down, aside = (int(region.get(f"{n}-increment") or 0) for n in ("row", "col"))
        for cell in region.findall("cell"):
            row, column = int(cell.get("start-row")), int(cell.get("start-col"))
            last = int(cell.get("end-row") or row), int(cell.get("end-col") or column)
            text = (cell.findtext("content") or "").strip()
            cells.append((row + down, column + aside, last[0] + down, last[1] + aside, text))
    return cells


def _load(path: Path) -> int:
    """Open a document and load its pages, as its text needs them; return how many it has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path.read_bytes())
    count = len(document)
    for index in range(count):
        page = document[index]
        page.get_textpage().close()
        page.close()
    document.close()
    return count


def _judge(read: Callable[[Path], Found], documents: list[tuple[Path, list[list[Cell]]]]) -> Score:
    score = Score()
    for path, _ in documents[:1]:
        with contextlib.suppress(Exception):
            read(path)  # what is imported at the first document is no time of a page
    for path, truth in documents:
        begun = time.process_time()
        try:
            found = read(path)
        except Exception as error:
            print(f"  {path.name}: {type(error).__name__}: {error}"[:200])
            found = []
        read_at = time.process_time()
        pages = _load(path)
        score.seconds += read_at - begun
        score.loading += time.process_time() - read_at
        score.pages += pages
        if truth:
            score.add(*match(truth, found))
        else:
            score.empty_pages += pages
            score.false_on_empty += len(found)
    return score


def _print(name: str, score: Score) -> None:
    sure = [one for one in score.tables if (one.confidence or 0) >= 0.9]
    high = f"{sum(one.f1 >= 0.8 for one in sure) / len(sure):.2f}" if sure else "-"
    told = auc(score)
    on_top = f"{_ms(score, score.seconds - score.loading):.1f}" if name == _OWN else "-"
    false = f"{100 * score.false_on_empty / score.empty_pages:.1f}" if score.empty_pages else "-"
    print(
        f"| {name} | {score.f1:.3f} | {score.precision:.3f} | {false} | "
        f"{_ms(score, score.seconds):.1f} | {on_top} | "
        f"{'-' if told is None else format(told, '.2f')} | {high} |",
        flush=True,
    )


def _ms(score: Score, seconds: float) -> float:
    return 1000 * seconds / max(1, score.pages)


def main() -> None:
    """Typeset, read and print a table for each set of documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=48, help="papers with tables")
    parser.add_argument("--empty", type=int, default=16, help="papers without tables")
    parser.add_argument("--marked", type=int, default=16, help="papers with marks in tables")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--icdar", type=Path)
    parser.add_argument("--only", help="only readers whose name has this")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        layouts = list(LAYOUTS)
        documents = []
        for number in range(given.papers + given.empty):
            tables = 2 if number < given.papers else 0
            path = Path(folder, f"paper-{number:03d}.pdf")
            layout = layouts[number % len(layouts)]
            paper = typeset_paper(path, 1000 * given.seed + number, layout, tables)
            documents.append((path, paper.tables))
        marked = []
        for number in range(given.marked):
            path, layout = Path(folder, f"marked-{number:03d}.pdf"), layouts[number % len(layouts)]
            seed = 1000 * given.seed + 500 + number
            marked.append((path, typeset_paper(path, seed, layout, marked=True).tables))
        sets = {f"typeset here, {len(documents)} papers": documents}
        if marked:
            sets[f"with raised marks in cells, {len(marked)} papers"] = marked
        if given.icdar is not None:
            sets["ICDAR 2013"] = list(_icdar(given.icdar))
        for name, those in sets.items():
            print(f"\n{name}: {sum(len(truth) for _, truth in those)} tables\n")
            print(
                "| reader | F1 | precision | false on 100 empty pages | ms a page "
                "| on top of opening and loading | AUC | >= 0.9 |"
            )
            print("|---|---|---|---|---|---|---|---|")
            for reader, read in _readers().items():
                if given.only is None or given.only in reader:
                    _print(reader, _judge(read, those))


if __name__ == "__main__":
    main()
