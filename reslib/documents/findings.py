"""The calls of a database about what was found in documents beside their text."""

from __future__ import annotations

from numbers import Real

from reslib.documents.tableframes import DataFrame, table_frame
from reslib.documents.tablesearch import TableHit, search_tables
from reslib.errors import AttachmentNotFound, TablesNotRead, printable
from reslib.extractors.registry import registry
from reslib.given import shown
from reslib.storage.store import Store

__all__ = ["Findings"]

#: The task that finds tables where a format does not state them.
_TABLES = "tables"


class Findings:
    """The calls of a database about tables and what documents say of themselves."""

    store: Store

    def tables(
        self,
        attachment_id: int,
        *,
        min_confidence: float = 0.5,
        numbers: bool = False,
        task: str | None = None,
    ) -> list[DataFrame]:
        """Return the tables of a document as DataFrames.

        Those that a format states itself (DOCX, XLSX, web pages and the like) are found with the
        text, those of PDFs by the task ``tables``: ``worker.enqueue(id, task="tables")`` or
        ``reslib extract --tables``. A table that goes on over pages is one for each page.

        Parameters
        ----------
        attachment_id
            Which document.
        min_confidence
            Only tables of which so much was probably read right, 0 to 1. Tables that a format
            states itself have no confidence, and are always among them.
        numbers
            Whether a column of which every cell is a number is converted (``"12.3 ± 0.4"``,
            ``"1,234"``, ``"−3"``, ``"45 %"``); what is behind ``±`` becomes a column of its own,
            and the unit stands in ``attrs["units"]``. Otherwise every cell is text.
        task
            Only what this task found; all when None.

        Returns
        -------
        list of DataFrame
            In the order in which they stand. The head of a table, where it is known, gives the
            names of the columns, several levels joined by ``" / "``. ``frame.attrs`` has
            ``table_id, attachment_id, page, caption, box`` (left, top, right, bottom in points from
            the upper left corner of the page), ``confidence, reason, header_rows, spans, task``.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        TablesNotRead
            Nobody has looked for the tables of this document yet.
        ImportError
            pandas is not installed.
        ValueError
            *min_confidence* is no number from 0 to 1.
        """
        if not isinstance(min_confidence, Real) or not 0 <= min_confidence <= 1:
            raise ValueError(f"min_confidence is from 0 to 1, not {shown(min_confidence)}")
        asked = {"id": attachment_id, "task": task, "least": float(min_confidence)}
        rows = self.store.rows("tables_of", asked)
        if not rows:
            self._check_tables_were_read(attachment_id)
        return [table_frame(dict(row), numbers) for row in rows]

    def search_tables(
        self, query: str, limit: int = 20, *, min_confidence: float = 0.0
    ) -> list[TableHit]:
        """Find tables by the words of their captions and cells.

        Parameters
        ----------
        query
            Anything a person types; see :meth:`ResearchDatabase.search`. Every word must occur in
            the caption or in a cell.
        limit
            How many tables at most.
        min_confidence
            Only tables of which so much was probably read right, 0 to 1.

        Returns
        -------
        list of TableHit
            Those first in which most of the words stand in one row; each with that row.

        Raises
        ------
        ValueError
            *limit* is not positive, or *query* is no text.
        """
        return search_tables(self.store, query, limit, min_confidence)

    def _check_tables_were_read(self, attachment_id: int) -> None:
        """Raise :class:`TablesNotRead` when no list of tables says nothing about the document."""
        row = self.store.row("tables_read", {"id": attachment_id, "task": _TABLES})
        if row is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        needs_task = any(
            each.task == _TABLES and each.accepts(row["mime_type"] or "", "")
            for each in registry.all()
        )
        if row["has_text"] and not needs_task:
            return
        if not row["was_read"]:
            name = printable(row["filename"])
            call = (
                f'worker.enqueue({attachment_id}, task="{_TABLES}")'
                if needs_task
                else f"worker.enqueue({attachment_id})"
            )
            raise TablesNotRead(
                f"nobody has looked for the tables of {name} yet: {call} does, or `reslib extract "
                "--tables`"
                if needs_task
                else f"{name} has not been read yet: {call} does, or `reslib extract`"
            )
