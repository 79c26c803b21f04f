"""The parts of a message: its headers as people read them, its text once, its attachments.

Python's ``email`` takes a message apart. Its headers are decoded here: bytes in no stated encoding,
words in another than they state, and characters that are split between two words are common, and
Python gives replacement characters for them.
"""

from __future__ import annotations

import binascii
import email
import email.errors
import email.policy
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.encoding import decode
from reslib.extractors.html import read_body
from reslib.extractors.invisible import visible
from reslib.items import Child

__all__ = ["SHOWN", "Letter", "header", "parse"]

#: The headers that people search for.
SHOWN = ("From", "To", "Cc", "Date", "Subject", "Message-ID")
#: Longer ones are cut. Python takes the square of the length of those that describe a part.
_LONGEST_HEADER, _LONGEST_DESCRIPTION = 100_000, 4_000
_LONGEST_NAME = 200
#: Of one name: to find out an encoding that is not stated takes a millisecond each.
_MOST_HEADERS = 100
#: RFC 2047, and the language of RFC 2231, §5.
_ENCODED = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
#: A type (RFC 6838, §4.2), and the one of what states none.
_MEDIA_TYPE = re.compile(r"[a-z0-9][\w!#$&^.+-]{0,126}/[a-z0-9][\w!#$&^.+-]{0,126}", re.ASCII)
_OF_NO_TYPE = "application/octet-stream"
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_TEXTS = frozenset("plain html enriched markdown x-web-markdown".split())
_SIGNATURES = frozenset("pgp-signature pkcs7-signature x-pkcs7-signature".split())
_SEALED = frozenset(
    (
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/x-microsoft-rpmsg-message",  # the rights of its readers are restricted
    )
)
#: The HTML part is taken when it has so many more words: the plain one only says so then.
_MUCH_MORE = 2
_CUT = (
    email.errors.CloseBoundaryNotFoundDefect,
    email.errors.StartBoundaryNotFoundDefect,
)


class _Policy(email.policy.Compat32):
    """The policy by which Python reads headers; too long ones are cut."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        described = name.lower().startswith("content-")
        return name, value[: _LONGEST_DESCRIPTION if described else _LONGEST_HEADER]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the text, and how surely it was read."""

    text: str
    confidence: float = 1.0
    reason: str = ""


def parse(data: bytes) -> Message:
    """Return the message that these bytes are.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is nested too deep.
    """
    try:
        return email.message_from_bytes(data, policy=_Policy())
    except RecursionError as error:
        raise _too_deep() from error


def header(message: Message, name: str) -> str:
    """Return what a header says, on one line; empty when it is not there.

    Parameters
    ----------
    message
        The message.
    name
        Of the header. Of several, as broken programs write them, the first hundred are given.
    """
    values = (value for key, value in message.raw_items() if key.lower() == name.lower())
    few = itertools.islice(values, _MOST_HEADERS)
    return ", ".join(filter(None, (_readable(str(value)) for value in few)))


class Letter:
    """The text of one message, and what was found beside it.

    Parameters
    ----------
    message
        The message, taken apart.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is nested too deep.
    """

    def __init__(self, message: Message) -> None:
        self.subject = header(message, "Subject")[:_LONGEST_NAME]
        self.attachments: list[Child] = []
        #: Whether its text is encrypted; in a signature that hides it; whether an end is missing.
        self.encrypted = self.sealed = self.is_cut = False
        try:
            self._pieces = list(self._message(message))
        except RecursionError as error:
            raise _too_deep() from error

    @property
    def confidence(self) -> float:
        """The confidence of its least sure piece."""
        return min((piece.confidence for piece in self._pieces), default=1.0)

    @property
    def is_partial(self) -> bool:
        """True when part of its text is known to be missing."""
        return self.encrypted or self.sealed or self.is_cut

    def text(self) -> str:
        """Return its headers and its text."""
        return "\n\n".join(piece.text for piece in self._pieces if piece.text)

    def reason(self) -> str:
        """Return what is to be said of it, for people."""
        reasons = [piece.reason for piece in self._pieces]
        reasons += ["its text is encrypted"] * self.encrypted
        reasons += ["its text is inside a signature (S/MIME)"] * self.sealed
        reasons += ["its last part has no end; it may be cut off"] * self.is_cut
        return "; ".join(dict.fromkeys(filter(None, reasons)))

    def _message(self, message: Message) -> Iterator[_Piece]:
        lines = ((name, header(message, name)) for name in SHOWN)
        yield _Piece("\n".join(f"{name}: {value}" for name, value in lines if value))
        yield from self._part(message)

    def _part(self, part: Message) -> Iterator[_Piece]:
        self.is_cut |= any(isinstance(defect, _CUT) for defect in part.defects)
        kind = part.get_content_type()
        # Asked for as text, Python decodes it, and stumbles over some names of encodings.
        payload = part.get_payload() if part.is_multipart() else None
        if kind == "multipart/encrypted":
            self.encrypted = True
            return
        if not isinstance(payload, list):
            yield from self._leaf(part, kind)
            return
        parts = [inner for inner in payload if isinstance(inner, Message)]
        if kind == "multipart/alternative":
            yield from self._best(parts)
        elif kind == "message/delivery-status":
            yield _Piece("\n".join(_all_headers(block) for block in parts))
        else:
            read = self._message if kind.startswith("message/") else self._part
            for inner in parts:
                yield from read(inner)

    def _best(self, parts: list[Message]) -> list[_Piece]:
        """Return the text that is there in several forms, once."""
        forms = [list(self._part(part)) for part in parts]
        sizes = [sum(len(piece.text.split()) for piece in form) for form in forms]
        plain = next(
            (n for n, part in enumerate(parts) if part.get_content_type() == "text/plain"), None
        )
        largest = max(range(len(forms)), key=lambda n: sizes[n], default=None)
        if largest is None:
            return []
        if plain is not None and sizes[largest] < _MUCH_MORE * max(1, sizes[plain]):
            return forms[plain]
        return forms[largest]

    def _leaf(self, part: Message, kind: str) -> Iterator[_Piece]:
        main, _, sub = kind.partition("/")
        if kind in _SEALED:
            self._seal(part)
            return
        if sub in _SIGNATURES:
            return
        data = part.get_payload(decode=True)
        data = data if isinstance(data, bytes) else b""
        name = _file_name(part)
        attached = (part.get_content_disposition() or "") == "attachment"
        if main in ("multipart", "text") and not attached and (sub in _TEXTS or not name):
            yield self._text(data, sub, _charset(part))
        elif data:
            name = name or f"attachment {len(self.attachments) + 1}"
            known = _MEDIA_TYPE.fullmatch(kind) is not None
            self.attachments.append(Child(name, kind if known else _OF_NO_TYPE, data))

    def _text(self, data: bytes, kind: str, charset: str | None) -> _Piece:
        if kind == "html":
            decoded, text = read_body(data, charset)
        else:
            decoded = decode(data, charset)
            text = visible(decoded.text)
            if text.lstrip().startswith(_ARMOUR):
                self.encrypted = True
                return _Piece("")
        return _Piece(text.strip("\n"), decoded.confidence, decoded.reason)

    def _seal(self, part: Message) -> None:
        if str(part.get_param("smime-type") or "").lower() == "signed-data":
            self.sealed = True
        else:
            self.encrypted = True


def _all_headers(block: Message) -> str:
    return "\n".join(f"{key}: {_readable(str(value))}" for key, value in block.raw_items())


def _charset(part: Message) -> str | None:
    """Return the encoding that a part states."""
    try:
        return part.get_content_charset()
    except ValueError:  # a NUL in it
        return None


def _file_name(part: Message) -> str:
    """Return the name of an attachment, without folders and what is not seen."""
    try:
        name = _readable(part.get_filename() or "")
    except (ValueError, LookupError, TypeError):  # of some broken parameters
        return ""
    name = PurePosixPath(name.replace("\\", "/")).name
    return "".join(filter(str.isprintable, visible(name)))[-_LONGEST_NAME:].strip()


def _readable(raw: str) -> str:
    """Return a header with its encoded words decoded, on one line."""
    if not raw.isascii():  # bytes as they are, which is not allowed and done
        raw = decode(raw.encode("utf-8", "surrogateescape")).text
    parts: list[str] = []
    charset, pending = "", b""
    position = 0
    for word in _ENCODED.finditer(raw):
        between = raw[position : word.start()]
        if between.strip() or word[1].lower() != charset:
            # The space between two encoded words is none (RFC 2047, §6.2), and a character may
            # begin in one and end in the next.
            parts += [decode(pending, charset).text, between if between.strip() else ""]
            pending = b""
            if not between.strip() and not charset:
                parts.append(between)
        charset = word[1].lower()
        pending += _bytes_of(word[2], word[3])
        position = word.end()
    parts += [decode(pending, charset).text, raw[position:]]
    return " ".join(visible(_CONTROLS.sub("", "".join(parts))).split())


def _bytes_of(form: str, word: str) -> bytes:
    encoded = word.encode("utf-8", "surrogateescape")
    if form in "qQ":
        return binascii.a2b_qp(encoded, header=True)
    try:
        return binascii.a2b_base64(encoded + b"==")
    except binascii.Error:
        return encoded


def _too_deep() -> ExtractionError:
    return ExtractionError(
        "its parts are nested too deep. It is damaged or made to attack programs that read it",
        ErrorCode.MALFORMED,
    )
