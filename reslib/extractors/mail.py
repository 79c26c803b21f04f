"""Mail: a message, or a mailbox (mbox) whose messages are its pages.

A page begins with the headers that people search for, then the text comes once: the plain part
or, where that says less, the HTML part, read like a web page. Forwarded messages follow in place,
with their own headers. Attachments are given as documents of their own. What is encrypted is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.html import stated_by_page
from reslib.extractors.mailparts import SHOWN, Letter, header, parse
from reslib.extractors.stated import Stated
from reslib.extractors.textfile import MAX_BYTES, read_bytes
from reslib.formats.mailforms import FIRST_LINE, is_mailbox, is_message
from reslib.items import Child, DocumentInfo, Metadata, Page, Warning

__all__ = ["MAX_ATTACHED", "extract", "read_message"]

#: Of one message, in bytes; and of a file, of which the parent takes 10,000.
MAX_ATTACHED = 48_000_000
_MOST_ATTACHMENTS = 5_000
_MOST_WARNINGS = 1_000
_HEAD = 65_536
_KEEP = "Save it from the mail and add it"


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata | Child | Warning]:
    """Yield what a message states of itself, its text and its attachments; or each of a mailbox.

    Parameters
    ----------
    path
        The message or mailbox.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is neither, or nested too deep; ``encrypted`` when the text of the
        message is; ``output_limit`` when the message, with its attachments, is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if is_mailbox(head):
            file.seek(0)
            yield from _mailbox(file)
            return
    if not is_message(head):
        raise ExtractionError(
            "it is no mail: it does not begin with the headers of a message. Save it again in "
            "the mail program, or give it its right name",
            ErrorCode.MALFORMED,
        )
    instead = "Save what is attached in the mail program, and the message without it, and add those"
    data = read_bytes(path, what="the message, with what is attached to it,", instead=instead)
    message = parse(data)
    yield from read_message(message)  # which refuses what is nested too deep
    page = _saved_page(path, message)
    if page is not None:
        title, stated = stated_by_page(*page)
        yield DocumentInfo(title=title)
        yield from stated


def _saved_page(path: Path, message: Message) -> tuple[bytes, str | None] | None:
    """Return the page that a browser has saved as a message (MHTML), None when it is a mail."""
    named = path.suffix.lower() in (".mht", ".mhtml")
    if not named and message["Snapshot-Content-Location"] is None:
        return None
    for part in message.walk():
        if part.get_content_type() == "text/html":
            data = part.get_payload(decode=True)
            return (data, part.get_content_charset()) if isinstance(data, bytes) else None
    return None


def read_message(message: Message) -> Iterator[Page | DocumentInfo | Metadata | Child | Warning]:
    """Yield what is read of one message, as :func:`extract` does.

    Parameters
    ----------
    message
        The message, taken apart.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is nested too deep; ``encrypted`` when its text is.
    """
    letter = Letter(message)
    stated = Stated("message header")
    for name in SHOWN:
        stated.add(name.lower(), header(message, name))
    stated.add("title", header(message, "Subject"))
    if not header(message, "From").startswith("<Saved by"):  # a browser
        stated.add("author", header(message, "From"))
    stated.add("language", header(message, "Content-Language"))
    yield DocumentInfo(title=stated.title(), partial=letter.is_partial)
    yield from stated
    yield _page(letter)
    yield from _Attachments().of(letter, 1)
    if letter.encrypted:
        raise ExtractionError(
            "the message is encrypted; only its headers were read. Save a copy without "
            "encryption in the mail program and add that",
            ErrorCode.ENCRYPTED,
        )


def _mailbox(file: BinaryIO) -> Iterator[Page | DocumentInfo | Child | Warning]:
    """Yield each message as a page with its subject as label, and its attachments.

    Its headers stay in the text: a mailbox has more of them than there may be metadata.
    """
    attachments = _Attachments()
    number = partial = damaged = 0
    for number, data in enumerate(_messages(file), 1):
        try:
            if len(data) > MAX_BYTES:
                raise ExtractionError(f"it is longer than {MAX_BYTES // 1_000_000} MB")
            letter = Letter(parse(data))
        except ExtractionError as error:
            damaged += 1
            yield Page("", 0.0, f"the message was not read: {error}")
            continue
        partial += letter.is_partial
        yield _page(letter)
        yield from attachments.of(letter, number)
    counts = ((partial, "are encrypted or cut off"), (damaged, "were not read"))
    reasons = [f"{count} of {number} messages {what}" for count, what in counts if count]
    if reasons:
        yield DocumentInfo(partial=True, reason="; ".join(reasons))


def _page(letter: Letter) -> Page:
    return Page(letter.text(), letter.confidence, letter.reason(), label=letter.subject)


class _Attachments:
    """Gives attachments as long as there is room for them, and says which are left out."""

    def __init__(self) -> None:
        self._given = self._left_out = 0

    def of(self, letter: Letter, page: int) -> Iterator[Child | Warning]:
        room = MAX_ATTACHED
        for child in letter.attachments:
            if len(child.data) <= room and self._given < _MOST_ATTACHMENTS:
                room -= len(child.data)
                self._given += 1
                yield child
                continue
            self._left_out += 1
            if self._left_out <= _MOST_WARNINGS:
                size = f"{len(child.data) / 1_000_000:.1f} MB"
                yield Warning(
                    "attachment_left_out",
                    f"the attachment {printable(child.name)!r} ({size}) was left out: all those "
                    f"of a message may have {MAX_ATTACHED // 1_000_000} MB. {_KEEP}",
                    page,
                )


def _messages(file: BinaryIO) -> Iterator[bytes]:
    r"""Yield the messages of a mailbox, without the line before each.

    A message begins at a line ``From …`` with a date after an empty line (RFC 4155); lines that
    begin with ``>From`` lose one ``>``. What is longer than a text may be is cut.
    """
    lines: list[bytes] = []
    size, after_empty = 0, True
    for line in iter(lambda: file.readline(1 << 20), b""):
        if after_empty and FIRST_LINE.match(line):
            if lines:
                yield b"".join(lines)
            lines, size, after_empty = [], 0, False
            continue
        after_empty = not line.strip(b"\r\n")
        if size <= MAX_BYTES:
            if line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
                line = line[1:]
            lines.append(line)
            size += len(line)
    if lines:
        yield b"".join(lines)
