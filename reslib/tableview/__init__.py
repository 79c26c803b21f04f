"""The tables of documents to look through: each beside its page, and cut anew by a reader's lines.

The viewer of tables in a notebook is made of this; it works without one as well::

    reader = tableview.page_reader(db)
    [first, *_] = tableview.tables(db, 3)
    page = tableview.TurnedPage(reader.read(3, first.table.page), first.table.box)
    places = page.places(first.table)
    cut = page.cut(places.columns, places.rows)
"""

from __future__ import annotations

from reslib.tableview.listed import ListedDocument, ListedTable, documents, tables
from reslib.tableview.pageview import PageReader, PageView, page_reader
from reslib.tableview.places import Places
from reslib.tableview.turnedpage import TurnedPage

__all__ = [
    "ListedDocument",
    "ListedTable",
    "PageReader",
    "PageView",
    "Places",
    "TurnedPage",
    "documents",
    "page_reader",
    "tables",
]
