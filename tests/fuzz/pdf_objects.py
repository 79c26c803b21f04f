"""PDFs written by hand, object by object."""

from __future__ import annotations

from collections.abc import Sequence

HEADER = b"%PDF-1.7\n"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def document(objects: Sequence[bytes], *, header: bytes = HEADER, trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects; the first is its catalog."""
    out, places = header, []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(places) + 1, table, len(places) + 1, trailer, len(out))
    )
