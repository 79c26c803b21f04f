"""The wire form of items: each as a JSON object and its bytes, with limits for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reslib.extractors.assemble import MAX_PAGES
from reslib.items import (
    Child,
    Figure,
    Item,
    Metadata,
    Page,
    Reference,
    Section,
    Table,
    Warning,
)
from reslib.sandbox.codec import ProtocolError, from_wire, to_wire
from reslib.sandbox.itemranges import out_of_range
from reslib.sandbox.memory import MB
from reslib.sandbox.protocol import MAX_TEXT_BYTES, dump

__all__ = ["MAX_ITEM_BYTES", "Tally", "pack", "unpack"]

#: Most bytes of everything else that is found in one document.
MAX_ITEM_BYTES = 64 * MB
#: Most bytes of pages, those that are given again included.
_MOST_BYTES = 3 * MAX_TEXT_BYTES
#: Most numbers that are passed over. Each is a page without text in the end.
_MOST_MISSING = 10_000


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of item: its class, how many a document may have, and what travels as bytes."""

    item: type[Any]
    most: int
    body: str = ""

    @property
    def left(self) -> tuple[str, ...]:
        return (self.body,) if self.body else ()


_KINDS = {
    "page": _Kind(Page, MAX_PAGES, "text"),
    "table": _Kind(Table, 100_000),
    "figure": _Kind(Figure, 100_000, "data"),
    "metadata": _Kind(Metadata, 10_000),
    "reference": _Kind(Reference, 100_000),
    "section": _Kind(Section, 100_000),
    "child": _Kind(Child, 10_000, "data"),
    "warning": _Kind(Warning, 10_000),
}
_NAMES = {kind.item: name for name, kind in _KINDS.items()}


def _name_of(item: Item) -> str:
    """Return the kind of an item, whose class may be made from one of ours."""
    return next(_NAMES[base] for base in type(item).__mro__ if base in _NAMES)


def pack(item: Item) -> tuple[dict[str, Any], bytes]:
    """Return the header and the body of an item.

    Raises
    ------
    ProtocolError
        A field is not of the type that it is annotated with.
    """
    name = _name_of(item)
    kind = _KINDS[name]
    body = getattr(item, kind.body) if kind.body else b""
    try:
        data = body.encode() if isinstance(body, str) else bytes(memoryview(body))
    except TypeError:
        raise ProtocolError(f"{kind.body} is {type(body).__name__}") from None
    return {"item": name, **to_wire(item, kind.left, kind.item)}, data


def unpack(header: Mapping[str, Any], body: bytes) -> Item:
    """Return the item that a header and a body hold.

    Raises
    ------
    ProtocolError
        There is no such item, a field is not what its annotation says, or a number is out of its
        range.
    """
    kind = _KINDS.get(str(header.get("item")))
    if kind is None:
        raise ProtocolError("there is no such item")
    if kind.item is Page:
        return _page(header, body)
    known = {kind.body: body} if kind.body else {}
    item: Item = from_wire(kind.item, header, **known)
    for name in out_of_range(header):
        raise ProtocolError(f"{name} is out of its range")
    return item


def _page(header: Mapping[str, Any], body: bytes) -> Page:
    try:
        text = body.decode()
    except ValueError as error:
        raise ProtocolError(str(error)) from None
    page = from_wire(Page, header, text=text)
    if page.number is None or not 1 <= page.number <= MAX_PAGES:
        raise ProtocolError(f"a page has the number {page.number}")
    return page


class Tally:
    """The count of what a document has given so far, held against the limits.

    A page that is given again counts once, but for the bytes in all.
    """

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}
        self._text_bytes = self._item_bytes = self._all_bytes = 0
        self._counts: dict[str, int] = {}

    def add(self, item: Item, header: Mapping[str, Any], body: bytes) -> str | None:
        """Count an item by its wire form; return what there is too much of, for people, or None."""
        if isinstance(item, Page):
            return self._add_page(item, body)
        name = _name_of(item)
        self._counts[name] = self._counts.get(name, 0) + 1
        self._item_bytes += len(dump(header)) + len(body)
        most = _KINDS[name].most
        if self._counts[name] > most:
            return f"{most:,} items of the kind {name}"
        if self._item_bytes > MAX_ITEM_BYTES:
            return f"{MAX_ITEM_BYTES // MB} MB of tables, figures and the like"
        return None

    def _add_page(self, page: Page, body: bytes) -> str | None:
        number, words = page.number or 0, (page.label, page.reason, page.origin, *page.wants)
        size = len(body) + 1 + sum(map(len, words)) + len(page.wants)
        self._text_bytes += size - self._pages.get(number, 0)
        self._pages[number] = size
        self._all_bytes += size
        if self._text_bytes > MAX_TEXT_BYTES + 1:
            return f"{MAX_TEXT_BYTES // 1_000_000} MB of text"
        if self._all_bytes > _MOST_BYTES:
            return f"{_MOST_BYTES // 1_000_000} MB of pages, those that were given again included"
        if number > len(self._pages) + _MOST_MISSING:
            return f"{_MOST_MISSING:,} page numbers without a page"
        return None
