"""The command ``reslib``: its subcommands, and what each of them does."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import click
from rich.text import Text

import reslib
from reslib.commands import jsonoutput, terminal
from reslib.commands.command import (
    Asked,
    Group,
    OneLine,
    db_option,
    give_up,
    json_option,
    new_console,
    open_existing,
    pool_options,
)
from reslib.commands.exportcommand import export
from reslib.commands.interrupt import run_until_done
from reslib.commands.ocrsum import say_ocr
from reslib.commands.rereading import (
    ask_others,
    enqueue_for_ocr,
    say_again,
    say_not_again,
    say_not_stale,
    say_stale,
)
from reslib.commands.tablescommand import find_tables, tables
from reslib.database import AddedFolder, ResearchDatabase
from reslib.documents.freshness import with_inside
from reslib.documents.intake import absolute
from reslib.documents.walk import Pattern, Skipped, walk
from reslib.engines import Engine
from reslib.errors import printable
from reslib.formats.inner import called
from reslib.joblist import interrupted, retriable
from reslib.jobs.manager import QueueManager
from reslib.library import DocumentState, documents, failures_of_other_tasks
from reslib.maintenance.doctor import Verdict, diagnose
from reslib.maintenance.repair import repair
from reslib.models import JobStatus, TextStatus
from reslib.pool.pool import ExtractionWorker
from reslib.pool.settings import extractor_named
from reslib.storage.diskspace import shortage

__all__ = ["main"]

#: Exit code: some documents failed.
_SOME_FAILED = 1
#: A summary names so many documents of a kind; --verbose names all.
_LIST_AT_MOST = 50


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(reslib.__version__, prog_name="reslib")
@click.option("-v", "--verbose", is_flag=True, help="Say more: log messages, every document.")
@click.option(
    "--db", "db_path", metavar="FILE", type=click.Path(path_type=Path), help="The database."
)
@click.pass_context
def main(ctx: click.Context, verbose: bool, db_path: Path | None) -> None:
    """Turn folders of papers into a searchable library.

    \b
    reslib extract papers/        extract what is new in a folder
    reslib search "tidal range"   find documents and pages
    reslib failed                 what failed, why, and what to do
    """
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
    ctx.obj = Asked(verbose, db_path)


# --- extracting -----------------------------------------------------------------------------------


@main.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Read every file, to see whether it has changed.")
@click.option("--again", is_flag=True, help="Read also what has a text already; it is kept.")
@click.option("--stale", is_flag=True, help="Read also what would be read otherwise by now.")
@click.option("--tables", "with_tables", is_flag=True, help="Look for the tables of PDFs as well.")
@click.option("--images", is_flag=True, help="Take pictures in, too; OCR reads their words.")
@click.option("--drop-furniture", is_flag=True, help="Texts of PDFs without running heads.")
@pool_options
@click.pass_obj
def extract(
    asked: Asked,
    paths: tuple[Path, ...],
    verify: bool,
    again: bool,
    stale: bool,
    with_tables: bool,
    images: bool,
    drop_furniture: bool,
    db_path: Path,
    workers: int | None,
    timeout: float,
    extractors: tuple[str, ...],
    passwords: list[str],
    ocr: bool | None,
    ocr_languages: tuple[str, ...],
    progress: bool | None,
    engine: Engine | None,
) -> None:
    """Extract the text of files and folders.

    Only what is new or has changed is extracted, so running it again carries on where it
    stopped. A file has changed when its size or time has; with --verify also when only its
    content has. One that was moved or renamed is the document that it was. Documents that
    failed are left alone until they change, or until `reslib retry`.
    Without PATH, the jobs that an earlier run left open are done.

    With --again everything in PATH, or in the whole library, is read again, by NAME with
    --extractor NAME. The text before stays until that is done, and can be compared afterwards.
    With --stale only what is worth it is: documents whose extractor gives other texts since, and
    those that failed for want of a package that is installed now.

    With --tables the tables of PDFs are looked for when the texts are done; `reslib tables` lists
    them. With --drop-furniture running heads and page numbers of PDFs that are read now are left
    out of their texts.

    Ctrl-C once lets running documents finish, twice gives them back at once; no job is lost.

    Exit code: 0 all went well, or nothing was new; 1 some documents failed now, not earlier; 2 it
    could not be done; 130 stopped.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"{path} does not exist")
    _check_installed(extractors)
    if not paths:
        open_existing(db_path).close()
    elif not db_path.exists() and all(map(_is_empty, paths)):
        for path in paths:
            _say_no_documents(path)
        return
    with ResearchDatabase(db_path) as db:
        pool = _pool(db, workers, timeout, extractors, passwords, ocr, ocr_languages, engine)
        added, skipped = _add(db, paths, verify, images)
        ids = with_inside(db.store, added)
        if again:
            say_again(pool, documents(db, ids if paths else None), extractors)
        elif stale:
            say_stale(pool, ids if paths else None, extractors)
        new = db.needs_extraction(ids)
        pool.enqueue_batch(new, options={"furniture": "drop"} if drop_furniture else None)
        if ocr is not False:
            new += enqueue_for_ocr(pool, ids if paths else None)
        new += [state.attachment_id for state in documents(db) if state.is_open]
        before = documents(db, set(ids).difference(new))
        _say_what_was_done_before(before)
        if not again:
            say_not_again((state for state in before if state.has_current_text), extractors)
        if not again and not stale:
            say_not_stale(db, (state.attachment_id for state in before))
        stopped = run_until_done(pool, progress)
        looked = 0
        if with_tables and not stopped:
            looked, stopped = find_tables(pool, ids if paths else None, progress)
        if not new and not looked:
            click.echo("Nothing new." if paths else "No job is open.")
            terminal.show_skipped(new_console(), skipped, every=asked.verbose)
            return
        _report(db, new, skipped, asked.verbose, stopped)


@main.command()
@click.argument("job_ids", metavar="[JOB_ID]...", nargs=-1, type=int)
@pool_options
@click.pass_obj
def retry(
    asked: Asked,
    job_ids: tuple[int, ...],
    db_path: Path,
    workers: int | None,
    timeout: float,
    extractors: tuple[str, ...],
    passwords: list[str],
    ocr: bool | None,
    ocr_languages: tuple[str, ...],
    progress: bool | None,
    engine: Engine | None,
) -> None:
    """Try failed documents again: these jobs, or all of them.

    `reslib failed` lists the numbers of the jobs. With --extractor NAME a job that `reslib extract
    --again --extractor` made for another one is done by NAME.
    """
    _check_installed(extractors)
    with open_existing(db_path) as db:
        pool = _pool(db, workers, timeout, extractors, passwords, ocr, ocr_languages, engine)
        for job_id in job_ids:
            job = pool.queue.get_job(job_id)
            if job is None:
                give_up(f"there is no job {job_id}; `reslib failed` lists those that failed")
            if job.status is not JobStatus.FAILED:
                give_up(f"job {job_id} has not failed: it is {job.status}")
        failed = job_ids or retriable(db).every
        count = pool.retry_failed_jobs(job_ids or None)
        ask_others(pool, failed, extractors)
        ids = [state.attachment_id for state in documents(db) if state.is_open]
        if not ids and not count:
            click.echo("Nothing has failed.")
            return
        stopped = run_until_done(pool, progress)
        _report(db, ids, [], asked.verbose, stopped)


def _check_installed(names: Iterable[str]) -> None:
    for name in names:
        for missing in extractor_named(name).missing():
            give_up(
                f"the extractor {name!r} needs {missing}, which is not installed. Install it with: "
                f"{missing.install}"
            )


def _pool(
    db: ResearchDatabase,
    workers: int | None,
    timeout: float,
    extractors: tuple[str, ...],
    passwords: list[str],
    ocr: bool | None,
    ocr_languages: tuple[str, ...],
    engine: Engine | None,
) -> ExtractionWorker:
    return ExtractionWorker(
        db,
        num_workers=workers,
        extraction_timeout=timeout,
        extractors=extractors,
        passwords=passwords,
        ocr="auto" if ocr is None else ocr,
        ocr_languages=ocr_languages or None,
        engine=engine,
    )


def _add(
    db: ResearchDatabase, paths: Iterable[Path], verify: bool, images: bool
) -> tuple[list[int], list[Skipped]]:
    """Add files and folders."""
    ids: list[int] = []
    skipped: list[Skipped] = []
    for path in paths:
        if path.is_dir():
            added = db.add_folder(path, verify=verify, images=images)
            ids += added
            skipped += added.skipped
            _say_what_was_found(added)
            if not added:
                _say_no_documents(path)
        else:
            ids.append(db.add_attachment(path.name, path, verify=verify))
    return ids, skipped


def _is_empty(path: Path) -> bool:
    """True when a path is a folder in which no file is, nor anything that cannot be looked at."""
    return path.is_dir() and not any(walk(absolute(path), Pattern("**/*")))


def _say_no_documents(folder: Path) -> None:
    click.echo(f"There are no documents in {printable(str(folder))}.", err=True)


def _say_what_was_done_before(before: Sequence[DocumentState]) -> None:
    if have := sum(1 for state in before if state.has_current_text):
        have_words = terminal.plural(have, "document")
        click.echo(f"Already extracted and unchanged: {have_words}.", err=True)
    if bad := sum(1 for state in before if state.has_failed and not state.has_current_text):
        bad_words = terminal.plural(bad, "document")
        click.echo(
            f"Failed earlier and unchanged: {bad_words}; see `reslib failed`, `reslib retry`.",
            err=True,
        )


def _say_what_was_found(added: AddedFolder) -> None:
    if added.moved:
        moved = terminal.plural(len(added.moved), "document")
        click.echo(f"Found at a new place, with its text: {moved}.", err=True)
    if added.copies:
        copies = terminal.plural(len(added.copies), "file")
        click.echo(f"The same as another file, and counted with it: {copies}.", err=True)


def _report(
    db: ResearchDatabase, ids: list[int], skipped: list[Skipped], verbose: bool, stopped: int
) -> NoReturn:
    """Print what became of the documents and leave with the exit code that says so."""
    gone = db.store.file_problem()
    if gone is not None:
        give_up(gone)
    every = with_inside(db.store, ids)
    console, states = new_console(), documents(db, every)
    terminal.show_summary(console, states, len(skipped))
    limit = None if verbose else _LIST_AT_MOST
    terminal.show_failures(console, states, limit)
    terminal.show_problems(console, states, limit)
    say_ocr(console, db, every)
    warnings = db.store.rows("warnings_of", {"ids": json.dumps(every)})
    named = [
        (called(os.fsdecode(row["path"]), row["filename"]), row["message"]) for row in warnings
    ]
    terminal.show_warnings(console, named, limit)
    terminal.show_skipped(console, skipped, every=verbose)
    failed = any(state.has_failed for state in states)
    if stopped:
        console.print("\nStopped; every job is kept. Run `reslib extract` again to carry on.")
    elif failed:
        console.print("\nWhen the causes are mended, `reslib retry` tries what failed again.")
    raise SystemExit(stopped or (_SOME_FAILED if failed else 0))


main.add_command(tables)
main.add_command(export)


# --- looking --------------------------------------------------------------------------------------


@main.command()
@json_option
@db_option
def status(db_path: Path, json_wanted: bool) -> None:
    """Show the queue, the documents and the workers."""
    console = new_console()
    with open_existing(db_path) as db:
        if json_wanted:
            click.echo(jsonoutput.as_json(jsonoutput.status(db)))
            return
        queue, states = QueueManager(db), documents(db)
        terminal.show_counts(
            console, "Jobs", [(str(name), count) for name, count in queue.counts().items()]
        )
        texts = [state.text_status for state in states]
        rows = [(f"text {name}", texts.count(name)) for name in TextStatus]
        console.print()
        terminal.show_counts(console, "Documents", [*rows, ("no text yet", texts.count(None))])
        if left_out := db.skipped_counts():
            console.print()
            terminal.show_counts(console, "Files left out", left_out.items())
        if count := interrupted(db):
            one = count == 1
            terminal.say(
                console,
                f"{terminal.plural(count, 'document')} {'was' if one else 'were'} interrupted; "
                f"`reslib extract` takes {'it' if one else 'them'} up again.",
            )
        if (problem := shortage(db.path)) is not None:
            terminal.say(console, problem)
        terminal.show_workers(console, queue.get_workers())


@main.command()
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, metavar="N")
@json_option
@db_option
def failed(db_path: Path, limit: int, json_wanted: bool) -> None:
    """List what failed: document, what happened, what to do."""
    console = new_console()
    with open_existing(db_path) as db:
        states = [state for state in documents(db) if state.has_failed]
        states += failures_of_other_tasks(db)
        states.sort(key=lambda state: state.completed_at or "", reverse=True)
        if json_wanted:
            click.echo(jsonoutput.as_json(jsonoutput.failed(states, limit)))
            return
        terminal.show_failures(console, states, limit, "--limit lists more")
        if not states:
            console.print("Nothing has failed.")


@main.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N")
@click.option("--all-pages", is_flag=True, help="Show every page, not only the best.")
@click.option("--folder", metavar="FOLDER", help="Only documents in this folder.")
@click.option("--type", "file_type", metavar="TYPE", help="Only these, such as pdf or docx.")
@json_option
@db_option
def search(
    query: tuple[str, ...],
    limit: int,
    all_pages: bool,
    folder: str | None,
    file_type: str | None,
    db_path: Path,
    json_wanted: bool,
) -> None:
    """Find documents by their words, best first, with the page.

    Every word must occur. "words in quotes" must follow each other, photo* finds every word that
    starts so. Between words: OR; NOT, which leaves out the next word; NEAR, or NEAR/5 for at most
    five words between them.
    """
    console, words = new_console(), _typed(" ".join(query))
    with open_existing(db_path) as db:
        hits = db.search(words, limit, all_pages=all_pages, folder=folder, file_type=file_type)
    if json_wanted:
        click.echo(jsonoutput.as_json(jsonoutput.found(words, hits)))
    elif hits:
        terminal.show_hits(console, hits)
    else:
        console.print(Text(printable(f"Nothing matches {words}")))


def _typed(text: str) -> str:
    """Return what was typed. In an ASCII locale Python passes its bytes on undecoded (PEP 383)."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        return text


@main.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@db_option
def backup(target: Path, db_path: Path) -> None:
    """Copy the database to TARGET, also while documents are being extracted."""
    with open_existing(db_path) as db:
        path = db.backup(target)
    size = path.stat().st_size / 1024**2
    new_console().print(Text(f"{printable(str(path))}, {size:,.1f} MB"))


@main.command()
@click.option("--repair", "mend", is_flag=True, help="Mend what is wrong, after making a copy.")
@db_option
def doctor(db_path: Path, mend: bool) -> None:
    """Check this machine: SQLite, disk, extractors, leftovers of earlier runs, the database.

    Without --repair nothing is changed. With it, what is wrong inside the database is mended, and a
    copy of it as it was stays beside it.

    \b
    Exit code: 0 all is fit (warnings included), 1 something is not, 2 it could not be looked at or
    repaired.
    """
    if mend and db_path.exists():
        done = repair(db_path)
        for line in done or ["There is nothing to repair in the database."]:
            new_console().print(Text(printable(line)))
    checks = diagnose(db_path)
    terminal.show_checks(new_console(), checks)
    if any(check.verdict is Verdict.FAIL for check in checks):
        raise SystemExit(_SOME_FAILED)


if __name__ == "__main__":
    main()
