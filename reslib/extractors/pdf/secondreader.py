"""A second look at pages of a PDF on which PDFium finds nothing, with pypdf.

PDFium refuses a page whose dictionary has the wrong type, invents a blank page for a file that
lost its own, and takes a content that it cannot unpack for none. pypdf, a reader in pure Python,
knows the objects of a file, and is asked only about such pages: it is a dozen times slower.

A page that PDFium refuses is put into a file of its own, with the right type, and read by PDFium
from there, so that its text is like that of all other pages.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.pdf.pdfopen import is_whole, open_pdf_bytes

__all__ = [
    "is_portfolio",
    "look_again",
    "open_bytes",
    "open_to_change",
    "page_dictionaries",
    "resolved",
]

_NOWHERE = logging.NullHandler()
#: Pages of a document that are looked at again.
_MOST_PAGES = 50
#: Nodes of a page tree that are visited, and how deep; a tree may be a loop.
_MOST_NODES, _MOST_LEVELS = 200_000, 200
#: What is unpacked of a content to see whether it breaks off.
_MOST_BYTES = 1 << 20
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
#: Entries that lead from a page to the rest of the file.
_LEADING_AWAY = ("/Parent", "/Annots", "/B", "/StructParents", "/AA")
#: A string that is not empty, and the operator that shows it (ISO 32000-2, table 107).
_SHOWS_TEXT = re.compile(rb"(?:[^(]\)|[0-9A-Fa-f]>)[\s\d.-]*(?:\]\s*)?(?:TJ|Tj|'|\")(?![^\s\[(<])")
_STRING = re.compile(rb"\([^()]*\)")
_NO_ASCII = re.compile(rb"[^\t\n\f\r\x20-\x7e]")


def look_again(
    path: Path,
    pages: list[PageSignals | None],
    read: Callable[[Any, int], PageSignals],
) -> list[PageSignals | None]:
    """Return the pages of a document, those that PDFium has nothing of looked at again.

    Parameters
    ----------
    path
        The document.
    pages
        What PDFium read; None for a page that it could not read.
    read
        Reads a page of a document opened by PDFium.

    Returns
    -------
    list
        The pages there are. One that is damaged is None.
    """
    suspects = [n for n, page in enumerate(pages) if page is None or _is_bare(page)]
    if not suspects:
        return pages
    if all(page is not None and _is_bare(page) for page in pages) and not is_whole(path):
        # Blank pages that PDFium made of what is left of a file.
        return [None] * len(pages)
    second = _SecondReader.open(path)
    if second is None:
        return pages
    seen = list(pages)
    for number in suspects[:_MOST_PAGES]:
        seen[number] = second.page(number, pages[number], read)
    # A page tree that counts more pages than it has.
    while len(seen) > max(1, second.total) and seen[-1] is None:
        seen.pop()
    return seen


def is_portfolio(path: Path) -> bool:
    """True when a PDF is a cover over the files in it (ISO 32000-2, 12.3.5)."""
    reader = _open(path)
    try:
        return reader is not None and "/Collection" in reader.trailer["/Root"]
    except MemoryError:
        raise
    except Exception:  # it raises whatever comes of a damaged file
        return False


def open_bytes(content: bytes) -> Any:
    """Open a PDF with pypdf."""
    import pypdf

    _say_nothing()
    return pypdf.PdfReader(io.BytesIO(content))


def open_to_change(reader: Any) -> Any:
    """Return what adds a change at the end of a PDF; one that is encrypted is written anew."""
    import pypdf

    if reader.is_encrypted:
        return pypdf.PdfWriter(clone_from=reader)
    return pypdf.PdfWriter(reader.stream, incremental=True)


def page_dictionaries(document: Any) -> Iterator[Any]:
    """Yield the pages of a document of pypdf, with what they inherit; None for no page."""
    return _leaves(document.root_object["/Pages"])


def _say_nothing() -> None:
    """Let go what pypdf has to say about damage; it does so in the log of the whole process."""
    logging.getLogger("pypdf").addHandler(_NOWHERE)


def _open(path: Path) -> Any | None:
    """Open a PDF with pypdf; None when it cannot."""
    import pypdf

    _say_nothing()
    try:
        return pypdf.PdfReader(path)
    except MemoryError:
        raise
    except Exception:  # as above
        return None


def _is_bare(page: PageSignals) -> bool:
    return page.blank and not page.paths and not page.notes


class _SecondReader:
    """The page tree of a PDF, as its objects say it."""

    def __init__(self, reader: Any) -> None:
        self._leaves = list(page_dictionaries(reader))
        self.total = len(self._leaves)

    @classmethod
    def open(cls, path: Path) -> _SecondReader | None:
        """Open a PDF; None when pypdf cannot, or finds no pages."""
        reader = _open(path)
        try:
            second = cls(reader) if reader is not None else None
        except MemoryError:
            raise
        except Exception:  # it raises whatever comes of a damaged file
            return None
        return second if second is not None and second.total else None

    def page(
        self, number: int, found: PageSignals | None, read: Callable[[Any, int], PageSignals]
    ) -> PageSignals | None:
        """Return a page of which PDFium found nothing; None when it is damaged."""
        leaf = self._leaves[number] if number < self.total else None
        if leaf is None:
            return None
        try:
            content = _content(leaf)
            if found is None or _SHOWS_TEXT.search(content):
                return self._read(leaf, found, read)
            return None if _is_damaged(leaf, content) else found
        except MemoryError:
            raise
        except Exception:  # as above
            return None

    def _read(
        self, leaf: Any, found: PageSignals | None, read: Callable[[Any, int], PageSignals]
    ) -> PageSignals | None:
        if found is None:
            document = open_pdf_bytes(_alone(leaf))
            try:
                found = read(document, 0)
            finally:
                document.close()
            if found.text.strip() or not _SHOWS_TEXT.search(_content(leaf)):
                return found
        text = _as_page(leaf).extract_text()
        return PageSignals(text=text, text_objects=1) if text.strip() else None


def _leaves(root: Any) -> Iterator[Any]:
    """Yield the pages below a node, with what they inherit; None for what is no page.

    By what the nodes are and not by the type they state: a wrong type is what pages are lost for.
    """
    inherited: list[dict[str, Any]] = [{}]
    stack: list[Iterator[Any]] = [iter([root])]
    for _ in range(_MOST_NODES):
        while stack and (node := next(stack[-1], stack)) is stack:
            stack.pop()
            inherited.pop()
        if not stack:
            return
        node = resolved(node)
        if not isinstance(node, dict) or len(stack) > _MOST_LEVELS:
            yield None
            continue
        passed_on = inherited[-1] | {key: node[key] for key in _INHERITED if key in node}
        kids = resolved(node.get("/Kids")) if "/Contents" not in node else None
        if isinstance(kids, list):
            inherited.append(passed_on)
            stack.append(iter(kids))
        else:
            yield {**node, **passed_on}


def resolved(item: Any) -> Any:
    """Return what a reference of pypdf leads to, anything else as it is."""
    return item.get_object() if hasattr(item, "get_object") else item


def _content(leaf: Any) -> bytes:
    """Return what draws the page; raises when that is not there or cannot be unpacked."""
    data = b""
    if "/Contents" in leaf:
        content = resolved(leaf["/Contents"])
        for item in content if isinstance(content, list) else [content]:
            data += _unpacked(resolved(item)) + b"\n"
    return data


def _unpacked(stream: Any) -> bytes:
    if stream.get("/Filter") in ("/FlateDecode", ["/FlateDecode"]):
        # pypdf gives what it could unpack of a stream that breaks off.
        unpacker = zlib.decompressobj()
        unpacker.decompress(stream._data, _MOST_BYTES)
        if not (unpacker.eof or unpacker.unconsumed_tail):
            raise ValueError("the content breaks off")
    data: bytes = stream.get_data()
    if stream._data.strip() and not data and len(stream._data) > 16:
        raise ValueError("nothing comes out of the content")
    return data


def _is_damaged(leaf: Any, content: bytes) -> bool:
    """True when a page on which nothing is drawn has lost what is drawn on it."""
    if "/MediaBox" not in leaf or leaf.get("/Type") == "/Pages":
        return True
    resources = leaf.get("/Resources")
    if "/Contents" not in leaf and resources is not None:
        return bool(resolved(resources).get("/Font"))
    # Not a name in it, but all of it is no text.
    rest = _STRING.sub(b"", content)
    return len(_NO_ASCII.findall(rest)) > len(rest) / 5


def _as_page(leaf: Any) -> Any:
    import pypdf
    from pypdf.generic import NameObject

    page = pypdf.PageObject()
    page.update({NameObject(key): leaf[key] for key in leaf if key not in _LEADING_AWAY})
    page[NameObject("/Type")] = NameObject("/Page")
    return page


def _alone(leaf: Any) -> bytes:
    """Return a PDF of this page alone."""
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_page(_as_page(leaf))
    buffer = io.BytesIO()
    with contextlib.closing(writer):
        writer.write(buffer)
    return buffer.getvalue()
