"""The command ``reslib tables``: the tables of documents, listed or written for other programs."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from reslib.commands import terminal
from reslib.commands.command import db_option, give_up, new_console, open_existing
from reslib.commands.interrupt import run_until_done
from reslib.database import ResearchDatabase
from reslib.documents.tableframes import column_names, table_frame
from reslib.documents.tablejoin import join_pages
from reslib.errors import printable
from reslib.extractors.registry import registry
from reslib.pool.pool import ExtractionWorker

__all__ = ["documents_with_tables", "find_tables", "tables"]

_TASK = "tables"
_MOST_SHOWN = 200
#: What begins a formula in a spreadsheet (OWASP: CSV injection).
_FORMULA = re.compile(r"[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20\0]|[\t\r\n]")
_NUMBER = re.compile(
    r"[-+]?\s*[$€£¥]?\s*[\d.,]*\d[\d.,]*(?:[Ee][-+]?\d+)?(?:\s*(?:[%°]|±\s*[\d.,]+))?|-"
)


@click.command()
@click.argument("query", nargs=-1)
@click.option("--csv", "csv_folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--xlsx", "xlsx_file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--parquet", "parquet_folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--join", is_flag=True, help="Put tables together that go on over pages.")
@db_option
def tables(
    query: tuple[str, ...],
    csv_folder: Path | None,
    xlsx_file: Path | None,
    parquet_folder: Path | None,
    markdown: bool,
    min_confidence: float,
    join: bool,
    db_path: Path,
) -> None:
    """List the tables of documents, or write them for other programs.

    QUERY names documents by their number, or by words that stand in a table or its caption. Cells
    are written as text; what a spreadsheet would take for a formula has an apostrophe before it.
    """
    words = " ".join(query)
    with open_existing(db_path) as db:
        rows = _rows(db, words, min_confidence, join=join)
    if not rows:
        give_up(
            f"no table matches {words}"
            if words
            else "no tables were found yet: `reslib extract --tables` looks for them"
        )
    if csv_folder is not None:
        _write_each(rows, _new_folder(csv_folder), ".csv", _write_csv)
    if parquet_folder is not None:
        _write_each(rows, _new_folder(parquet_folder), ".parquet", _write_parquet)
    if xlsx_file is not None:
        _write_xlsx(rows, xlsx_file)
    for target in (csv_folder, parquet_folder, xlsx_file):
        if target is not None:
            written = terminal.plural(len(rows), "table")
            click.echo(f"{written} written to {printable(str(target))}", err=True)
    if markdown:
        for row in rows:
            click.echo(_markdown(row))
    elif csv_folder is None and parquet_folder is None and xlsx_file is None:
        _show(rows)


def documents_with_tables(db: ResearchDatabase, attachment_ids: Sequence[int] | None) -> list[int]:
    """Return the documents whose tables have not been looked for, and for which something does.

    Parameters
    ----------
    db
        The database.
    attachment_ids
        Which documents; the whole library when None.
    """
    ids = None if attachment_ids is None else json.dumps(list(attachment_ids))
    finders = [each for each in registry.all() if each.task == _TASK]
    return [
        row["id"]
        for row in db.store.rows("without_task", {"ids": ids, "task": _TASK})
        if any(each.accepts(row["mime_type"] or "", "") for each in finders)
    ]


def find_tables(
    pool: ExtractionWorker, attachment_ids: Sequence[int] | None, progress: bool | None
) -> tuple[int, int]:
    """Look for the tables of documents; return of how many, and the exit code when it was stopped.

    Parameters
    ----------
    pool
        What reads them.
    attachment_ids
        Which documents; the whole library when None.
    progress
        Whether a bar is shown; None where there is a terminal.
    """
    wanted = documents_with_tables(pool.db, attachment_ids)
    if not wanted:
        return 0, 0
    jobs = pool.enqueue_batch(wanted, task=_TASK)
    click.echo(f"Looking for tables in {terminal.plural(len(jobs), 'document')}.", err=True)
    return len(jobs), run_until_done(pool, progress)


def _rows(db: ResearchDatabase, words: str, least: float, *, join: bool) -> list[dict[str, Any]]:
    is_id = re.fullmatch(r"[0-9]{1,18}", words) is not None
    asked = {"least": 0.0 if join else least, "id": int(words) if is_id else None}
    rows = [dict(row) for row in db.store.rows("tables_with_names", asked)]
    if join:
        of_each = itertools.groupby(rows, lambda row: row["attachment_id"])
        rows = [table for _, those in of_each for table in join_pages(list(those), least)]
    if words and not is_id:
        wanted = {hit.table_id for hit in db.search_tables(words, limit=1_000_000)}
        rows = [row for row in rows if wanted.intersection(_pieces(row, "table_ids", "id"))]
    for row in rows:
        row["rows"] = json.loads(row["rows"])
        row["spans"] = json.loads(row["spans"])
    return rows


def _pieces(row: dict[str, Any], those: str, own: str) -> tuple[int, ...]:
    """Return what the pieces of a table have, or what it has itself when it is of one piece."""
    found: tuple[int, ...] = row.get("joined", {}).get(those, (row[own],))
    return found


def _show(rows: list[dict[str, Any]]) -> None:
    console = new_console()
    for row in rows[:_MOST_SHOWN]:
        pages = [str(page) for page in _pieces(row, "pages", "page") if page is not None]
        page = f", page{'s' * (len(pages) > 1)} {', '.join(pages)}" if pages else ""
        sure = "" if row["confidence"] is None else f", confidence {row['confidence']:.2f}"
        size = f"{len(row['rows'])} x {max(map(len, row['rows']), default=0)}"
        caption = f": {row['caption'][:120]}" if row["caption"] else ""
        name = f"{row['attachment_id']} {row['filename']}{page}, {size}{sure}{caption}"
        console.print(Text(printable(name)))
    if len(rows) > _MOST_SHOWN:
        console.print(Text(f"and {len(rows) - _MOST_SHOWN:,} more"))


# --- files --------------------------------------------------------------------------------------


def _new_folder(folder: Path) -> Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        give_up(f"{folder} is there already and not an empty folder; name another one")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_each(rows: list[dict[str, Any]], folder: Path, suffix: str, write: Any) -> None:
    seen: dict[int, int] = {}
    for row in rows:
        number = seen[row["attachment_id"]] = seen.get(row["attachment_id"], 0) + 1
        name = re.sub(r"[^\w.-]+", "_", Path(row["filename"]).stem)[:60] or "document"
        page = f"-page{row['page']}" if row["page"] is not None else ""
        write(row, folder / f"{row['attachment_id']:05d}-{name}{page}-table{number}{suffix}")


def _write_csv(row: dict[str, Any], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([[_safe(cell) for cell in cells] for cells in row["rows"]])


def _write_parquet(row: dict[str, Any], path: Path) -> None:
    as_stored = {**row, "rows": json.dumps(row["rows"]), "spans": json.dumps(row["spans"])}
    try:
        table_frame(as_stored, numbers=False).to_parquet(path)
    except ImportError:
        give_up("--parquet needs packages. From a clone: pip install '.[notebook,parquet]'")


def _write_xlsx(rows: list[dict[str, Any]], path: Path) -> None:
    try:
        import openpyxl
    except ImportError:
        give_up("--xlsx needs openpyxl: pip install openpyxl")
    if path.exists():
        give_up(f"{path} is there already; name another file")
    book = openpyxl.Workbook(write_only=True)
    for number, row in enumerate(rows, 1):
        sheet = book.create_sheet(f"table {number}")
        for line in (row["filename"], row["caption"]):
            sheet.append([_plain(_safe(line))])
        sheet.append([])
        for cells in row["rows"]:
            sheet.append([_plain(_safe(cell)) for cell in cells])
    book.save(path)


def _plain(text: str) -> str:
    """Return what a workbook can hold: no control characters, at most 32,767 characters."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)[:32_767]


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _markdown(row: dict[str, Any]) -> str:
    head = row["header_rows"]
    width = max(map(len, row["rows"]), default=0)
    names = column_names(row["rows"][:head], row["spans"], width)
    lines = [_line(names), _line(["---"] * width)]
    lines += [_line([*cells, *[""] * (width - len(cells))]) for cells in row["rows"][head:]]
    page = f", page {row['page']}" if row["page"] is not None else ""
    title = printable(f"{row['filename']}{page}: {row['caption']}".rstrip(": "))
    return f"**{title}**\n\n" + "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    escaped = (re.sub(r"([\\|`*_<>\[\]])", r"\\\1", printable(cell)) for cell in cells)
    return f"| {' | '.join(escaped)} |"
