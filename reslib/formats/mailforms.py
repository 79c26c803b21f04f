"""The look of a mail and of a mailbox: by the headers it begins with, not by a word or two."""

from __future__ import annotations

import re

__all__ = ["FIRST_LINE", "is_mailbox", "is_message"]

#: What is in front of each message of a mailbox (RFC 4155, appendix A; some leave the zone out).
FIRST_LINE = re.compile(
    rb"From [^\r\n]{1,300}? \d?\d:\d\d(?::\d\d)?(?: [A-Z+-][A-Z0-9+-]{0,8}){0,2} \d{4}"
    rb"(?: [+-]\d{4}| remote from \S{1,100})?[ \t]*\r?(?:\n|\Z)"
)
_FROM = re.compile(rb"From [^\n:]*\n")
_FIELD = re.compile(rb"([!-9;-~]{1,76}):[^\n]*(?:\n|\Z)")
_CONTINUED = re.compile(rb"[ \t][^\n]*(?:\n|\Z)")
_EMPTY = re.compile(rb"\r?\n")
#: What programs write and people do not, when they type or paste a letter.
_BY_PROGRAMS = frozenset(
    b"message-id mime-version return-path delivered-to x-mailer x-mozilla-status "
    b"dkim-signature authentication-results in-reply-to newsgroups "
    b"content-transfer-encoding x-unsent thread-index".split()
)
#: Papers say when they were received.
_BY_BOTH = frozenset((b"received",))
_BY_PEOPLE = frozenset(b"from sender to cc date subject reply-to".split())


def is_message(head: bytes, named: bool = True) -> bool:
    """True when a text begins with the headers of a message (RFC 5322).

    Parameters
    ----------
    head
        Its first kilobytes.
    named
        Whether its name says so. Otherwise it takes more than what people write above letters
        and notes: one header that only programs write beside one of those.
    """
    found: set[bytes] = set()
    position = 0
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    # With a name that says so, a line like that of mailboxes may have no date.
    first = (_FROM if named else FIRST_LINE).match(head)
    if first is not None:
        position = first.end()
    while match := _FIELD.match(head, position):
        found.add(match[1].strip().lower())
        position = match.end()
        while continued := _CONTINUED.match(head, position):
            position = continued.end()
    # What was read of it may end inside a header.
    ended = _EMPTY.match(head, position) is not None or b"\n" not in head[position:]
    if named:
        return bool(found & (_BY_PROGRAMS | _BY_PEOPLE | _BY_BOTH))
    return ended and bool(found & _BY_PROGRAMS) and bool(found & _BY_PEOPLE)


def is_mailbox(head: bytes) -> bool:
    """True when a text begins as a mailbox does: with its line, and the headers of a message.

    Parameters
    ----------
    head
        Its first kilobytes.
    """
    first = FIRST_LINE.match(head)
    if first is None:
        return False
    return _FIELD.match(head, first.end()) is not None or head.startswith(b">From ", first.end())
