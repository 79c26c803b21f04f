"""One attempt, inside the child: which extractor, its pages, and the words for what it raised."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extraction import STAND_IN
from reslib.extractors.assemble import Assembler, clean, wrong_type
from reslib.extractors.base import Extractor
from reslib.extractors.choice import choose, passed_over
from reslib.extractors.kept import only_of
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import AnyRequirement
from reslib.formats.detect import detect
from reslib.formats.inner import split
from reslib.items import Child, Item, Page, Progress, Warning
from reslib.models import PAGE_BREAK, TEXT, Acceptance, ExtractionResult, TextStatus
from reslib.sandbox.confinement import MAX_FILE_MB
from reslib.sandbox.inner import Inside, take_out
from reslib.sandbox.protocol import ProtocolError

__all__ = ["describe", "extract"]

_MAX_MESSAGE = 2_000
_MAX_TRACEBACK = 64_000


def extract(
    path: str,
    mime_type: str | None,
    prefer: tuple[str, ...],
    registry: Registry,
    started: Callable[[Extractor, str], None],
    progress: Callable[[int, int | None], None],
    give: Callable[[Item], None],
    *,
    only: str | None = None,
    accepted: Acceptance | None = None,
    task: str = TEXT,
    options: Mapping[str, Any] | None = None,
    passwords: Sequence[str] = (),
) -> ExtractionResult:
    """Read one document; where one of *passwords* opens it, a copy that needs none.

    Parameters
    ----------
    path, mime_type, prefer, only, accepted, task, options, passwords
        See :class:`reslib.models.ExtractionRequest`.
    registry
        Who can read it.
    started
        Called with the extractor and the document's type before the extractor runs.
    progress
        Called with the number of the page that is done, and how many there are.
    give
        Called with each page and whatever else is found, as it is made.

    Returns
    -------
    ExtractionResult
        What was given, put together.

    Raises
    ------
    ExtractionError
        The document cannot be read, for a reason that has a name.
    BaseException
        Whatever else the extractor raises.
    """
    outer, names = split(path)
    file = Path(outer)
    only_of(file)
    inside = Inside(len(names))

    def read(document: Path) -> ExtractionResult:
        mime = _detect(document, mime_type)
        suffix = document.suffix.lower()
        extractor = choose(registry, mime, suffix, prefer, only=only, accepted=accepted, task=task)
        started(extractor, mime)
        result = _read(extractor, document, mime, options or {}, progress, give, inside)
        if only is None and extractor.name not in prefer:
            for better, missing in passed_over(registry, extractor, mime, suffix, task):
                give(Warning(STAND_IN, _stood_in(extractor, better, missing)))
        return result

    before = _size_and_time(file)
    try:
        with tempfile.TemporaryDirectory() if names else contextlib.nullcontext("") as folder:
            document = file
            if names:
                _detect(file, None)  # says what is wrong with the file itself
                document = take_out(file, names, registry, Path(folder), passwords)
            try:
                result = read(document)
            except ExtractionError as error:
                if error.code is not ErrorCode.ENCRYPTED or not passwords:
                    raise
                result = _read_unlocked(document, passwords, read, error)
    except Exception:
        if _has_changed(file, before):
            raise _changed() from None
        raise
    if _has_changed(file, before):
        raise _changed()
    return result


def _stood_in(extractor: Extractor, better: Extractor, missing: AnyRequirement) -> str:
    return (
        f"it was read by {extractor.name}, because {better.name}, which goes before it, needs "
        f"{missing}, which is not installed"
    )


def _read_unlocked(
    document: Path,
    passwords: Sequence[str],
    read: Callable[[Path], ExtractionResult],
    error: ExtractionError,
) -> ExtractionResult:
    """Return what *read* makes of a copy without a password; raise *error* where that cannot be."""
    from reslib.extractors.unlock import unlock  # here: few documents need it

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, document.name)
        if not unlock(document, passwords, copy):
            raise error
        return read(copy)


def _read(
    extractor: Extractor,
    document: Path,
    mime: str,
    options: Mapping[str, Any],
    progress: Callable[[int, int | None], None],
    give: Callable[[Item], None],
    inside: Inside,
) -> ExtractionResult:
    def checked(item: Item) -> None:
        try:
            give(item)
        except (ProtocolError, RecursionError, TypeError, ValueError) as error:
            problem = f"of its {type(item).__name__}, {error}"
            raise unstorable(extractor.name, problem) from error

    extracted = extractor.extract(document, options)
    if isinstance(extracted, ExtractionResult):
        result = _completed(extracted, extractor, mime)
        for item in _told((*result.pages, *result.items), inside, extractor.name):
            checked(item)
        return result
    assembler = Assembler(extractor, mime)
    if isinstance(extracted, str):
        _collect((extracted,), assembler, progress, checked)
    elif isinstance(extracted, Iterable) and not isinstance(extracted, (bytes, bytearray, dict)):
        told = _told(extracted, inside, extractor.name)
        _collect(told, assembler, progress, checked)
    else:
        raise wrong_type(extractor.name, extracted)
    return assembler.result()


def _told(extracted: Iterable[Any], inside: Inside, name: str) -> Iterator[Any]:
    """Yield what an extractor gives; of documents inside only what the parent is told of them."""
    for each in extracted:
        if not isinstance(each, Child):
            yield each
            continue
        try:
            told = inside.named(each)
        except (AttributeError, TypeError, ValueError) as error:
            raise unstorable(name, f"of its {type(each).__name__}, {error}") from error
        if told is not None:
            yield told


def _completed(result: ExtractionResult, extractor: Extractor, mime: str) -> ExtractionResult:
    """Return a result that an extractor made itself, with its pages one by one."""
    if not isinstance(result.text, str):
        raise wrong_type(extractor.name, result.text)
    if result.text_status == TextStatus.STALE:
        raise unstorable(extractor.name, "whether a text is stale is not for its extractor to say")
    return replace(
        result,
        pages=result.pages or _pages_of(result, extractor.name),
        extractor=result.extractor or extractor.name,
        extractor_version=result.extractor_version or extractor.full_version(),
        recipe=result.recipe or extractor.recipe,
        mime_type=result.mime_type or mime,
    )


def _pages_of(result: ExtractionResult, name: str) -> tuple[Page, ...]:
    """Return the pages of a text: what stands between its page breaks, where there are some."""
    text, starts = clean(result.text), list(result.page_offsets)
    if not starts or starts[0] != 0 or starts[-1] > len(text) or starts != sorted(starts):
        raise unstorable(name, "page_offsets do not rise from 0 to the length of the text")
    ends = [*starts[1:], len(text) + 1]
    pieces = [text[start : end - 1] for start, end in zip(starts, ends, strict=True)]
    if PAGE_BREAK.join(pieces) != text:
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return tuple(Page(piece, number=number) for number, piece in enumerate(pieces, 1))


def unstorable(name: str, problem: object) -> ExtractionError:
    """Return the error for an extractor that gave something that is not what it should be."""
    return ExtractionError(
        f"the extractor {name!r} gave a result that cannot be stored: {problem}",
        ErrorCode.EXCEPTION,
    )


def _collect(
    extracted: Iterable[object],
    assembler: Assembler,
    progress: Callable[[int, int | None], None],
    give: Callable[[Item], None],
) -> None:
    page, total = 0, None
    for each in extracted:
        item = assembler.add(each)
        if item is not None:
            give(item)
        if isinstance(each, Progress):
            page, total = each.page, each.total
        elif isinstance(item, Page):
            page = max(page, item.number or 0)
        else:
            continue
        progress(page, total)


def _detect(path: Path, hint: str | None) -> str:
    try:
        return detect(path, hint)
    except (FileNotFoundError, NotADirectoryError):
        raise gone(path) from None
    except PermissionError:
        raise forbidden(path) from None


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None  # the extractor says what is wrong
    return info.st_size, info.st_mtime_ns


def _has_changed(path: Path, before: tuple[int, int] | None) -> bool:
    now = _size_and_time(path)
    return None not in (before, now) and now != before


class _Changed(ExtractionError):
    """A document that somebody was writing: what was read of it belongs to no document."""


def _changed() -> ExtractionError:
    """Return the error for a document that somebody was writing.

    Half a document would be called damaged for good, or worse, stored as if it were the whole.
    """
    return _Changed(
        "it was changed while it was read: a download or a copy is still going on, or a program "
        "writes to it. It is tried again; if that fails as well, retry when it is finished"
    )


def gone(path: Path) -> ExtractionError:
    """Return the error for a document that is not there."""
    return ExtractionError(
        f"there is no such file (any more) in {str(path.parent)!r}. Put it back, or connect the "
        "disk it is on",
        ErrorCode.FILE_NOT_FOUND,
    )


def forbidden(path: Path) -> ExtractionError:
    """Return the error for a document that may not be read."""
    return ExtractionError(
        f"this user may not read it. Change the rights of the file, or of {str(path.parent)!r}",
        ErrorCode.PERMISSION_DENIED,
    )


# --- what was raised --------------------------------------------------------------------------


def describe(
    error: BaseException, path: str, extractor: Extractor | None, asked_for_network: bool = False
) -> dict[str, Any]:
    """Return the header of a FAILED message for an exception.

    Strings only: an exception made by an extractor may be impossible to pickle, and its
    ``__str__`` may raise.

    Parameters
    ----------
    error
        What was raised.
    path
        The document.
    extractor
        Who was reading, None when that was not settled yet.
    asked_for_network
        Whether it wanted the network where it is refused.
    """
    if isinstance(error, MemoryError) and error.__traceback__ is not None:
        # The frames hold on to what filled the memory, and words need some.
        with contextlib.suppress(BaseException):
            traceback.clear_frames(error.__traceback__)
    code, message = _classify(error, path, extractor)
    if asked_for_network and code is ErrorCode.EXCEPTION:
        message += (
            ". Before, it asked for the network, which extractions do not have. If it needs it, "
            "register it with register_extractor(..., network=True)"
        )
    # An ExtractionError says all there is to say when reslib itself raised it.
    return {
        "code": str(code),
        "message": message[:_MAX_MESSAGE],
        "exception_type": _type_name(error),
        "traceback": _traceback_text(error),
        "pages_hold": not isinstance(error, _Changed),
        "no_room": isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT),
    }


def _classify(
    error: BaseException, path: str, extractor: Extractor | None
) -> tuple[ErrorCode, str]:
    who = f"the extractor {extractor.name!r}" if extractor else "looking at it"
    if isinstance(error, ExtractionError):
        return error.code, _text(error)
    if isinstance(error, MemoryError) or _is_out_of_memory(error):
        return ErrorCode.MEMORY_LIMIT, ""
    if isinstance(error, ImportError):
        package = (error.name or "").partition(".")[0] or "a package"
        if isinstance(error, ModuleNotFoundError):
            what = f"needs the package {package}, which is not installed. Install it"
        else:
            what = f"could not import {package}. Install or update it"
        message = f"{who} {what} in this environment and retry ({_text(error)})"
        return ErrorCode.MISSING_DEPENDENCY, message
    if isinstance(error, OSError) and _names(error, path):
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return ErrorCode.FILE_NOT_FOUND, _text(gone(Path(path)))
        if isinstance(error, PermissionError):
            return ErrorCode.PERMISSION_DENIED, _text(forbidden(Path(path)))
    said = _text(error)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return (
            ErrorCode.OUTPUT_LIMIT,
            f"{who} wrote a file of more than {MAX_FILE_MB} MB, which is not allowed. Split the "
            "document, or leave it out",
        )
    return (
        ErrorCode.EXCEPTION,
        f"{who} raised {_type_name(error)}{': ' + said if said else ''}. Its traceback is kept "
        "with the attempt; if the file opens well elsewhere, the extractor has a bug",
    )


def _is_out_of_memory(error: BaseException) -> bool:
    """True when the system's refusal of memory came as another exception: from a system call,
    or from the loader of a library.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, ImportError) and any(
        words in _text(error) for words in ("failed to map segment", "annot allocate memory")
    )


def _names(error: OSError, path: str) -> bool:
    try:
        return Path(os.fsdecode(error.filename)) == Path(path)
    except TypeError:
        return False


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MAX_MESSAGE].rstrip(". ")
    except BaseException:
        return ""


def _type_name(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__ in ("builtins", "__main__", None):
        return str(kind.__qualname__)[:200]
    return f"{kind.__module__}.{kind.__qualname__}"[:200]


def _traceback_text(error: BaseException) -> str:
    try:
        text = "".join(traceback.format_exception(error))
    except BaseException as second:
        try:
            text = "".join(traceback.format_tb(error.__traceback__))
        except BaseException:
            text = ""
        text += f"(the rest cannot be shown: {type(second).__name__})"
    if len(text) > _MAX_TRACEBACK:
        half = _MAX_TRACEBACK // 2
        text = f"{text[:half]}\n[...]\n{text[-half:]}"
    return text
