"""HTML: all of the text, the title apart.

Everything a page carries as text is kept, what a style sheet would hide included; what an element
itself hides (``hidden``, ``display: none``), scripts, styles, templates, readings above words
(``<rt>``) and sources of formulas are left out. A page that is hidden as a whole is read. Blocks
end lines, cells are separated by tabs, ``<pre>`` keeps its line breaks, a picture is represented
by its ``alt`` text, what is raised is written as :mod:`~reslib.extractors.raised` says. Nothing
is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from reslib.extractors.encoding import Decoded, decode
from reslib.extractors.htmlparts import HtmlParts
from reslib.extractors.htmlstated import HtmlStated
from reslib.extractors.htmltext import Collector
from reslib.extractors.labels import label_of_markup
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Metadata, Page, Section, Table

__all__ = ["extract", "read_body", "read_page", "stated_by_page"]


def extract(path: Path) -> Iterator[Page | Metadata | Section | Table | DocumentInfo]:
    """Yield what the page states of itself, its text as one page, its headings and tables.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it
        is packed and damaged.
    """
    data = read_bytes(path)
    stated, parts = HtmlStated(), HtmlParts()
    decoded, title, text = _read(data, None, stated, parts)
    yield DocumentInfo(
        title=stated.title(title),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield from stated
    yield Page(text)
    yield from parts.sections
    yield from parts.tables


def read_page(data: bytes, label: str | None = None) -> tuple[Decoded, str | None, str]:
    """Return how a page was decoded, its title and its text.

    Parameters
    ----------
    data
        The page.
    label
        The encoding that came with it; by default the one it states.
    """
    return _read(data, label)


def read_body(
    data: bytes, label: str | None = None, parts: HtmlParts | None = None
) -> tuple[Decoded, str]:
    """Return how a page inside a document was decoded, and its text without the title.

    The title is for the frame of a window: readers of books and mails do not show it.

    Parameters
    ----------
    data, label
        See :func:`read_page`.
    parts
        Takes the headings and tables of the page.
    """
    decoded, title, text = _read(data, label, HtmlStated(), parts)
    return decoded, text.removeprefix(title or "").lstrip("\n")


def stated_by_page(data: bytes, label: str | None = None) -> tuple[str | None, list[Metadata]]:
    """Return the title of a page inside a document, and what it states of itself.

    Parameters
    ----------
    data, label
        See :func:`read_page`.
    """
    stated = HtmlStated()
    _, title, _ = _read(data, label, stated, HtmlParts())
    return stated.title(title), list(stated)


def _read(
    data: bytes,
    label: str | None,
    stated: HtmlStated | None = None,
    parts: HtmlParts | None = None,
) -> tuple[Decoded, str | None, str]:
    decoded = decode(data, label or label_of_markup(data))
    collector = Collector()
    _parse(decoded.text, _Shared(collector, stated, parts) if stated and parts else collector)
    text = collector.text()
    if collector.has_hidden and not text.strip():
        shown = Collector(show_hidden=True)  # a script shows it
        _parse(decoded.text, shown)
        text = shown.text()
    return decoded, collector.title(), text


class _Shared:
    """Gives the events of a page to all who look at it."""

    def __init__(self, collector: Collector, stated: HtmlStated, parts: HtmlParts) -> None:
        self._collector, self._stated, self._parts = collector, stated, parts

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        self._stated.start(tag, attributes)
        self._collector.start(tag, attributes)
        self._parts.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._stated.end(tag)
        self._collector.end(tag)
        self._parts.end(tag)

    def data(self, text: str) -> None:
        self._stated.data(text)
        self._collector.data(text)
        if not self._collector.is_silent:
            self._parts.data(text)

    def close(self) -> None:
        self._collector.close()


def _parse(text: str, target: Collector | _Shared) -> None:
    from lxml import etree

    # UTF-8 whatever the page says: it has been decoded already.
    parser = etree.HTMLParser(
        target=cast("Any", target), encoding="utf-8", no_network=True, huge_tree=True
    )
    # Versions of libxml2 differ in what a NUL becomes; nothing at all is an error to lxml.
    content = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    parser.feed(b"<html>" if not content.strip() else content)
    parser.close()
