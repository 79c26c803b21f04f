"""The common part of all commands: options, console, and errors as one line."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.core import ParameterSource
from rich.console import Console

from reslib.commands.cluster import cluster_options
from reslib.database import ResearchDatabase
from reslib.errors import ReslibError, printable

__all__ = [
    "Asked",
    "Group",
    "OneLine",
    "db_option",
    "give_up",
    "json_option",
    "new_console",
    "open_existing",
    "pool_options",
]

C = TypeVar("C", bound=Callable[..., Any])


@dataclass(slots=True)
class Asked:
    """The options that may stand before the name of a command or after it."""

    verbose: bool = False
    db_path: Path | None = None


class OneLine(logging.Formatter):
    """A formatter that writes a log record on one line, without what a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            text += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        return printable(text)


class Group(click.Group):
    """Turns errors that people can do something about into one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            # What a terminal cannot show (an ASCII locale) comes out as question marks.
            sys.stdout.reconfigure(errors="replace")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # `reslib search … | head`: nobody reads on. Keep Python from complaining at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            ctx.exit(128 + signal.SIGINT)
        except (ReslibError, OSError, ValueError) as error:
            give_up(_sentence(error))


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError) and error.encoding == sys.getfilesystemencoding():
        return (
            f"{error.object}: this Python takes the names of files for {error.encoding}, which "
            "this one is not. Set PYTHONUTF8=1 in the environment"
        )
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return str(error)


class _NotDone(click.ClickException):
    """The command could not be done; its message is the one line people get."""

    exit_code = 2


def give_up(message: str) -> NoReturn:
    """End the command: it could not be done."""
    raise _NotDone(printable(message))


def db_option(command: C) -> C:
    """Have a command take ``--db`` and ``--verbose``, which may also stand before its name."""
    verbose = click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_be_verbose,
        help="Say more: log messages, every document.",
    )
    return click.option(
        "--db",
        "db_path",
        metavar="FILE",
        envvar="RESLIB_DB",
        default="research.db",
        show_default=True,
        show_envvar=True,
        type=click.Path(path_type=Path),
        callback=_database,
        help="The database.",
    )(verbose(command))


def _be_verbose(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Asked).verbose = True
        logging.getLogger().setLevel(logging.INFO)


def _database(ctx: click.Context, option: click.Parameter, value: Path) -> Path:
    """Return the database that was named last, or else the default."""
    before = ctx.ensure_object(Asked).db_path
    here = ctx.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
    return value if here or before is None else before


def json_option(command: C) -> C:
    """Have a command take ``--json``."""
    return click.option(
        "--json", "json_wanted", is_flag=True, help="Print one JSON object, for programs."
    )(command)


def pool_options(command: C) -> C:
    """Have a command take the settings of a pool, and ``--db``."""
    for option in (
        click.option(
            "--progress/--no-progress",
            default=None,
            help="A progress bar; by default when there is a terminal.",
        ),
        click.option(
            "--extractor",
            "extractors",
            metavar="NAME",
            multiple=True,
            help="Prefer this extractor, e.g. pdfplumber; may be given several times.",
        ),
        click.option(
            "--password-file",
            "passwords",
            metavar="FILE",
            type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
            callback=_passwords,
            help="Try the passwords in this file, one a line, for protected documents; - reads "
            "them from standard input. They are not taken on the command line itself, where "
            "every user of the machine can see them and the shell keeps them.",
        ),
        click.option(
            "--ocr/--no-ocr",
            default=None,
            help="Read every page with a picture by OCR, or none; by default those that need it.",
        ),
        click.option(
            "--ocr-language",
            "ocr_languages",
            metavar="NAME",
            multiple=True,
            help="A language that tesseract is to read, e.g. ell, where several are mixed; by "
            "default the language of each document is found out.",
        ),
        click.option(
            "--timeout",
            metavar="SECONDS",
            type=float,
            default=300.0,
            show_default=True,
            help="End the extraction of a document after this time.",
        ),
        click.option(
            "--workers",
            metavar="N",
            type=int,
            help="Extract so many documents at a time; by default 2, or as many as a cluster can.",
        ),
    ):
        command = option(command)
    return db_option(cluster_options(command))


def _passwords(_ctx: click.Context, _option: click.Parameter, path: Path | None) -> list[str]:
    """Return the lines of a file of passwords."""
    if path is None:
        return []
    is_stdin = path == Path("-")
    try:
        text = (sys.stdin.buffer.read() if is_stdin else path.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Its own words would show a piece of it.
        line = error.object.count(b"\n", 0, error.start) + 1
        raise click.BadParameter(f"its line {line} is not UTF-8. Save it as UTF-8") from None
    return list(filter(None, (line.rstrip("\r") for line in text.split("\n"))))


def new_console() -> Console:
    """Return what tables and lists are printed with."""
    # highlight=False: numbers and paths inside messages are no decoration.
    return Console(highlight=False, soft_wrap=False)


def open_existing(db_path: Path) -> ResearchDatabase:
    """Open a database that is there; without one the command ends."""
    if not db_path.exists():
        give_up(
            f"there is no database {db_path}. Run `reslib extract FOLDER` first, or say where "
            "it is with --db"
        )
    return ResearchDatabase(db_path)
