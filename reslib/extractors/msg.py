"""Outlook messages (.msg): read as mail is, from the properties that Outlook keeps ([MS-OXMSG]).

A message is made of them as it would have come by mail: with the headers that people search for,
its text once, attachments as documents of their own and attached messages in place. Then it is read
as any mail. The plain text is taken; without one the HTML, and without that the formatted text.

Written here because the library for it (extract-msg) is under the GPL.
"""

from __future__ import annotations

import datetime
import email.utils
import re
import struct
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.encoding import decode
from reslib.extractors.mail import MAX_ATTACHED, read_message
from reslib.extractors.mailparts import SHOWN, header, parse
from reslib.extractors.office.codepages import of_language, of_number
from reslib.extractors.office.compressedrtf import decompress
from reslib.extractors.office.ole import AGAIN, CUT_SHORT, Container
from reslib.extractors.rtf import rtf_text
from reslib.formats.mediatypes import guess_from_name
from reslib.items import Child, DocumentInfo, Metadata, Page, Warning

__all__ = ["extract"]

_PROPERTIES = "__properties_version1.0"
_RECIPIENT, _ATTACHMENT = "__recip_version1.0_", "__attach_version1.0_"
#: What is in front of the properties (2.4.1): of a message, of one inside another, of others.
_OUTER, _INNER, _OTHER = 32, 24, 8
#: Types of properties that are kept as streams: text, text in a code page, bytes, an object.
_TEXT, _BYTES_OF_TEXT, _BINARY, _OBJECT = "001F", "001E", "0102", "000D"
#: Numbers of properties ([MS-OXPROPS]).
_CLASS, _SUBJECT, _HEADERS, _MESSAGE_ID = 0x001A, 0x0037, 0x007D, 0x1035
_BODY, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_SENT, _DELIVERED = 0x0039, 0x0E06
_PAGE, _PAGE_OF_HTML, _LANGUAGE = 0x3FFD, 0x3FDE, 0x3FF1
#: Of the author, and of who sent it for them: name, address, and address as others know it.
_FROM = ((0x0042, 0x5D02, 0x0065), (0x0C1A, 0x5D01, 0x0C1F))
_RECIPIENT_KIND, _NAME, _ADDRESSES = 0x0C15, 0x3001, (0x39FE, 0x3003)
_DATA, _METHOD, _KIND, _LONG_NAME, _SHORT_NAME = 0x3701, 0x3705, 0x370E, 0x3707, 0x3704
_KINDS = {1: "To", 2: "Cc"}
_DISPLAYED = {"To": 0x0E04, "Cc": 0x0E03}
_AS_OBJECT = 6
_SIGNED, _SEALED = "ipm.note.smime.multipartsigned", "ipm.note.smime"
#: The identifier of signed data (RFC 5652, §5.1); what is sealed otherwise is encrypted.
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TYPE = re.compile(r"[a-z0-9][\w!#$&.+^-]{0,100}/[a-z0-9][\w!#$&.+^-]{0,100}", re.ASCII)
_DEEPEST = 25
_MOST_RECIPIENTS, _MOST_ATTACHMENTS, _MOST_WARNINGS = 20_000, 10_000, 1_000
_LONGEST_TEXT, _LONGEST_HEADERS, _LONGEST_LINE = 64 << 20, 1 << 20, 100_000


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata | Child | Warning]:
    """Yield what a message states of itself, its text and its attachments.

    Parameters
    ----------
    path
        The message.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no message or damaged; ``encrypted`` when its text is.
    """
    with Container(path) as container:
        if _PROPERTIES not in container:
            raise ExtractionError(f"it is no Outlook message. {AGAIN}", ErrorCode.MALFORMED)
        room = _Room()
        message = _Item(container, room).message()
        if container.is_damaged:
            yield DocumentInfo(partial=True, reason=CUT_SHORT)
    yield from read_message(message)
    yield from room.left_out[:_MOST_WARNINGS]


class _Room:
    """Room for attachments: those that are too large are named, and not read."""

    def __init__(self) -> None:
        self._left = MAX_ATTACHED
        self.left_out: list[Warning] = []

    def takes(self, size: int, name: str) -> bool:
        """True when an attachment may be read; otherwise it is noted."""
        if size <= self._left:
            self._left -= size
            return True
        message = (
            f"the attachment {printable(name)!r} ({size / 1_000_000:.1f} MB) was left out: all "
            f"those of a message may have {MAX_ATTACHED // 1_000_000} MB. Save it from the mail "
            "and add it"
        )
        self.left_out.append(Warning("attachment_left_out", message, 1))
        return False


class _Storage:
    """The properties of a message, of a recipient or of an attachment.

    Parameters
    ----------
    container
        The file.
    path
        The storages it is in.
    before
        How many bytes are in front of its properties.
    encoding
        Of its texts in a code page, where it is known already.
    """

    def __init__(
        self, container: Container, path: tuple[str, ...], before: int, encoding: str = ""
    ) -> None:
        self._container, self._path = container, path
        self._fixed: dict[int, bytes] = {}
        data = container.read(*path, _PROPERTIES)
        for at in range(before, len(data) - 15, 16):
            tag, _, value = struct.unpack_from("<II8s", data, at)
            self._fixed[tag >> 16] = value
        self._encoding = encoding or self._stated_encoding()

    def number(self, property_: int) -> int | None:
        """Return a number, None when it is not there."""
        value = self._fixed.get(property_)
        return None if value is None else int.from_bytes(value[:4], "little")

    def date(self, property_: int) -> str:
        """Return a moment as headers write it; empty when it is not there or is none."""
        ticks = int.from_bytes(self._fixed.get(property_, b""), "little")
        try:
            moment = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
            moment += datetime.timedelta(microseconds=ticks // 10)
        except OverflowError:
            return ""
        return email.utils.format_datetime(moment) if ticks else ""

    def binary(self, property_: int, kind: str = _BINARY) -> bytes:
        """Return the bytes of a property, none when it is not there."""
        return self._container.read(*self._path, f"__substg1.0_{property_:04X}{kind}")

    def text(self, property_: int) -> str:
        """Return a text; empty when it is not there."""
        data = self.binary(property_, _TEXT)
        if data:
            return data[:_LONGEST_TEXT].decode("utf-16-le", "replace").rstrip("\0")
        data = self.binary(property_, _BYTES_OF_TEXT)[:_LONGEST_TEXT]
        return decode(data, self._encoding or None).text.rstrip("\0") if data else ""

    def line(self, property_: int) -> str:
        """Return a text on one line; a longer one is cut."""
        return " ".join(self.text(property_)[:_LONGEST_LINE].split())

    def _stated_encoding(self) -> str:
        number = self.number(_PAGE)
        stated = of_number(number) if number else None
        if stated is None and (language := self.number(_LANGUAGE)):
            stated = of_language(language)
        return stated or ""


class _Item(_Storage):
    """A message, and what it is as a mail."""

    def __init__(self, container: Container, room: _Room, path: tuple[str, ...] = ()) -> None:
        super().__init__(container, path, _INNER if path else _OUTER)
        self._room, self._depth = room, len(path) // 2

    def message(self) -> Message:
        """Return the message as it would have come by mail.

        Raises
        ------
        ExtractionError
            ``malformed`` when messages are inside each other too deep.
        """
        if self._depth > _DEEPEST:
            raise ExtractionError(
                "messages are attached to each other too deep. It is damaged or made to attack "
                "programs that read it",
                ErrorCode.MALFORMED,
            )
        whole = Message()
        for name, value in self._headers():
            whole[name] = value
        whole["Content-Type"] = "multipart/mixed"
        kind = self.line(_CLASS).lower()
        parts = list(self._attachments(kind))
        if kind != _SIGNED or not parts:  # what was signed has the text in it
            whole.attach(self._body())
        for part in parts:
            whole.attach(part)
        return whole

    # --- headers --------------------------------------------------------------------------------

    def _headers(self) -> Iterator[tuple[str, str]]:
        came_with = self.text(_HEADERS).removeprefix("Microsoft Mail Internet Headers Version 2.0")
        came = parse(came_with[:_LONGEST_HEADERS].lstrip().encode("utf-8", "surrogateescape"))
        kept = self._kept()
        for name in SHOWN:
            value = header(came, name) or kept.get(name, "")
            if value:
                yield name, value

    def _kept(self) -> dict[str, str]:
        """Return the headers as Outlook keeps them, which it does of messages of its own too."""
        people = dict(self._recipients())
        for name, property_ in _DISPLAYED.items():
            people.setdefault(name, self.line(property_))
        subject = self.line(_SUBJECT)
        if len(subject) > 1 and subject[0] == "\1":
            subject = subject[2:]  # the length of its prefix ([MS-OXCMSG] 2.2.1.9)
        senders = (self._person(self, name, addresses) for name, *addresses in _FROM)
        return {
            "From": next(filter(None, senders), ""),
            **people,
            "Date": self.date(_SENT) or self.date(_DELIVERED),
            "Subject": subject,
            "Message-ID": self.line(_MESSAGE_ID),
        }

    def _recipients(self) -> Iterator[tuple[str, str]]:
        people: dict[str, list[str]] = {}
        for name in self._inside(_RECIPIENT)[:_MOST_RECIPIENTS]:
            one = _Storage(self._container, (*self._path, name), _OTHER, self._encoding)
            kind = _KINDS.get(one.number(_RECIPIENT_KIND) or 1)
            who = self._person(one, _NAME, _ADDRESSES)
            if kind and who:
                people.setdefault(kind, []).append(who)
        for kind, found in people.items():
            yield kind, ", ".join(found)

    @staticmethod
    def _person(of: _Storage, name: int, addresses: tuple[int, ...] | list[int]) -> str:
        known = of.line(name).strip("'")
        # Inside a company some are paths in its directory.
        reached = next((a for a in map(of.line, addresses) if "@" in a and a[0] != "/"), "")
        if not reached or not known or known == reached:
            return reached or known
        return f"{known} <{reached}>"

    # --- text and attachments -------------------------------------------------------------------

    def _body(self) -> Message:
        """Return its text as a part: plain, HTML, or what the formatted text says."""
        text = self.text(_BODY)
        if text.strip():
            return _part("text/plain", text.encode("utf-8", "replace"), "utf-8")
        page = of_number(self.number(_PAGE_OF_HTML) or 0) or self._encoding
        data = self.binary(_HTML)
        if data.strip():
            return _part("text/html", data[:_LONGEST_TEXT], page)
        text = self.text(_HTML)
        if text.strip():
            return _part("text/html", text.encode("utf-8", "replace"), "utf-8")
        data = self.binary(_RTF)
        formatted = rtf_text(decompress(data)) if data else ""
        return _part("text/plain", formatted.encode("utf-8", "replace"), "utf-8")

    def _attachments(self, kind: str) -> Iterator[Message]:
        for name in self._inside(_ATTACHMENT)[:_MOST_ATTACHMENTS]:
            path = (*self._path, name)
            one = _Storage(self._container, path, _OTHER, self._encoding)
            inner = f"__substg1.0_{_DATA:04X}{_OBJECT}"
            if self._container.is_storage(*path, inner):
                if one.number(_METHOD) != _AS_OBJECT:
                    part = Message()
                    part["Content-Type"] = "message/rfc822"
                    part.attach(_Item(self._container, self._room, (*path, inner)).message())
                    yield part
                continue
            called = one.line(_LONG_NAME) or one.line(_SHORT_NAME)
            size = self._container.size(*path, f"__substg1.0_{_DATA:04X}{_BINARY}")
            if not self._room.takes(size, called):
                continue
            data = one.binary(_DATA)
            if kind == _SIGNED:  # the message as it was signed, with its own parts
                yield parse(data)
                continue
            stated = one.line(_KIND).lower() or guess_from_name(called) or ""
            part = _part(stated if _TYPE.fullmatch(stated) else "application/octet-stream", data)
            if kind.startswith(_SEALED):
                part.replace_header("Content-Type", "application/pkcs7-mime")
                if _SIGNED_DATA in data[:64]:
                    part.set_param("smime-type", "signed-data")
            part.add_header("Content-Disposition", "attachment", filename=called)
            yield part

    def _inside(self, prefix: str) -> list[str]:
        names = self._container.names(*self._path)
        return sorted(name for name in names if name.lower().startswith(prefix))


def _part(kind: str, data: bytes, charset: str = "") -> Message:
    part = Message()
    part["Content-Type"] = f"{kind}; charset={charset}" if charset else kind
    part.set_payload(data)
    return part
