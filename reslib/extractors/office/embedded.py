"""Text of what programs put into a Word document as a piece of another format (``altChunk``).

Word shows a web page, a saved web page (MHTML) or a plain text there as part of the document.
"""

from __future__ import annotations

import email
import email.policy
import re

from reslib.extractors.encoding import decode
from reslib.extractors.html import read_page
from reslib.extractors.invisible import visible

__all__ = ["read_embedded"]

_MARKUP = re.compile(rb"<[a-z/!?]", re.IGNORECASE)
_NOT_READ = (b"{\\rtf", b"PK", b"\xd0\xcf\x11\xe0", b"%PDF")


def read_embedded(content: bytes, name: str) -> str | None:
    """Return the text of an embedded document, None when it is of a kind that is not read.

    Parameters
    ----------
    content
        Its bytes.
    name
        Of its part; its suffix tells a plain text.
    """
    if content.lstrip()[:8].startswith(_NOT_READ):
        return None
    head = content[:4096].lower()
    if b"mime-version:" in head and b"content-type:" in head.partition(b"<")[0]:
        return _saved_page(content)
    if name.lower().endswith(".txt") or not _MARKUP.search(head.replace(b"\0", b"")):
        return visible(decode(content).text).strip("\n")
    return read_page(content)[2]


def _saved_page(content: bytes) -> str | None:
    """Return the text of the first page of a saved web page (RFC 2557)."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml", "text/plain"):
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                if part.get_content_type() == "text/plain":
                    return decode(data, part.get_content_charset()).text
                return read_page(data, part.get_content_charset())[2]
    return None
