"""The command ``reslib export``: the library for other programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from reslib.commands import terminal
from reslib.commands.command import db_option, give_up, open_existing
from reslib.commands.export import FORMATS, write_export
from reslib.commands.outputfile import is_stream, whole_file
from reslib.commands.searchable import write_searchable
from reslib.errors import printable

__all__ = ["export"]


@click.command()
@click.option("--format", "kind", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--searchable-pdf",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Instead, write a copy of each scanned PDF to DIR, with the words that OCR read.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@db_option
def export(kind: str, output: Path | None, folder: Path | None, force: bool, db_path: Path) -> None:
    """Write every document with its text, for other programs.

    With --searchable-pdf, write scanned PDFs so that other programs find their words: the pages
    that OCR read are read once more, to know where on the page each word is.
    """
    if folder is not None:
        if output is not None or kind != FORMATS[0]:
            give_up("--searchable-pdf writes PDFs to its own DIR; leave --format and -o out")
        with open_existing(db_path) as db:
            sys.exit(write_searchable(db, folder, force=force))
    if output is not None:
        if os.path.lexists(output) and not force and not is_stream(output):
            give_up(f"{output} is there already; --force replaces it")
        if not output.absolute().parent.is_dir():
            give_up(f"the folder {output.absolute().parent} does not exist")
    with open_existing(db_path) as db:
        if output is None:
            sys.stdout.reconfigure(  # type: ignore[union-attr]  # it is a TextIOWrapper
                encoding="utf-8", errors="backslashreplace", newline=""
            )
            write_export(db, sys.stdout, kind, ascii_only=sys.stdout.isatty())
            return
        with whole_file(output) as stream:
            count = write_export(db, stream, kind, ascii_only=False)
    written = terminal.plural(count, "document")
    click.echo(f"{written} written to {printable(str(output))}", err=True)
