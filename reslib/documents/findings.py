"""The calls of a database about what was found in documents: words, tables, who wrote them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Real

from reslib.clock import utc_text
from reslib.documents.bibimport import ImportedBibliography, import_bibliography
from reslib.documents.records import Record, matching, records, set_fields
from reslib.documents.tableedits import forget_table, keep_table
from reslib.documents.tableframes import DataFrame, table_frame
from reslib.documents.tablejoin import join_pages
from reslib.documents.tablesearch import TableHit, search_tables
from reslib.errors import AttachmentNotFound, TablesNotRead, printable
from reslib.extractors.registry import registry
from reslib.given import shown
from reslib.search.hits import SearchHits
from reslib.storage.store import Store

__all__ = ["Findings"]

#: The task that finds tables where a format does not state them.
_TABLES = "tables"


class Findings:
    """The calls of a database about words, tables and what documents say of themselves."""

    store: Store

    def tables(
        self,
        attachment_id: int,
        *,
        min_confidence: float = 0.5,
        numbers: bool = False,
        task: str | None = None,
        join: bool = False,
    ) -> list[DataFrame]:
        """Return the tables of a document as DataFrames.

        Those that a format states itself (DOCX, XLSX, web pages and the like) are found with the
        text, those of PDFs by the task ``tables``: ``worker.enqueue(id, task="tables")`` or
        ``reslib extract --tables``. A table that goes on over pages is one for each page, unless
        *join* says otherwise.

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
            and the unit stands in ``attrs["units"]``. Cells of workbooks give the numbers that they
            hold, also where less is shown. Otherwise every cell is text, as it is shown.
        task
            Only what this task found; all when None.
        join
            Whether the pieces of a table that goes on over pages are put together: those that
            follow each other, have as many columns, and of which the later ones repeat the head,
            say that they go on, or have neither head nor caption. Such a table has ``pages`` and
            ``table_ids`` in its ``attrs``, the least confidence of its pieces, and says so in its
            ``reason``. So does one that goes on in a piece of less than *min_confidence*.

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
            Nobody has looked for the tables of this document yet, or that failed.
        ImportError
            pandas is not installed.
        ValueError
            *min_confidence* is no number from 0 to 1.
        """
        if not isinstance(min_confidence, Real) or not 0 <= min_confidence <= 1:
            raise ValueError(f"min_confidence is from 0 to 1, not {shown(min_confidence)}")
        least = float(min_confidence)
        asked = {"id": attachment_id, "task": task, "least": 0.0 if join else least}
        rows = self.store.rows("tables_of", asked)
        if not rows:
            self._check_tables_were_read(attachment_id)
        found = [dict(row) for row in rows]
        return [table_frame(row, numbers) for row in (join_pages(found, least) if join else found)]

    def search(
        self,
        query: str,
        limit: int = 20,
        *,
        all_pages: bool = False,
        folder: str | os.PathLike[str] | None = None,
        file_type: str | None = None,
        year: int | tuple[int, int] | None = None,
        author: str | None = None,
        doi: str | None = None,
        section: str | None = None,
    ) -> SearchHits:
        """Find documents by their words, best first.

        Every word must occur, in whatever form it is written: case, accents, strokes, ligatures
        and letters of formulas make no difference, and any word inside a run of Chinese, Japanese,
        Korean or Thai is found. ``"words in quotes"`` must follow each other, ``photo*`` finds
        every word that starts so. Between words, in capitals: ``OR``; ``NOT``, which leaves out
        the one word or phrase behind it; ``NEAR`` (at most 10 words between its neighbours) and
        ``NEAR/5``. ``a b OR c NOT d`` finds what has a and b, or c without d. Everything else is
        taken as it is typed.

        Parameters
        ----------
        query
            Anything a person types.
        limit
            How many documents at most. One that lies in several places counts once.
        all_pages
            Give a hit for each page on which as many of the words stand as on the best one, in the
            order of the pages, instead of one hit a document.
        folder
            Only documents in this folder, or in one inside it.
        file_type
            Only documents of this type: the end of a name (``"pdf"``) or a media type.
        year
            Only documents of this year, or of the years from one to another: ``(2015, 2019)``.
        author
            Only documents of whose authors one has all these words in the name.
        doi
            Only the document of this DOI.
        section
            Only what stands in a section whose heading has these words: ``"methods"``.

        Returns
        -------
        list of SearchHit
            Empty when nothing matches, also when the query has no letter or digit.

        Raises
        ------
        ValueError
            *limit* is not positive, or an argument is of another type.
        """
        # Here, because most programs that open a library do not search it.
        from reslib.search.search import search

        ids = matching(self.store, year, author, doi)
        return search(self.store, query, limit, all_pages, folder, file_type, ids, section)

    def record(self, attachment_id: int) -> Record:
        """Return what is known of a document: title, authors, year, DOI and the like.

        Of each thing the surest source counts, and what :meth:`set_metadata` has set before all.
        ``db.get_items(id, Metadata)`` has everything that was found.

        Parameters
        ----------
        attachment_id
            Which document.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        """
        found = next(records(self.store, [attachment_id]), None)
        if found is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        return found

    def set_metadata(self, attachment_id: int, **fields: object) -> Record:
        """Say what a document is; that wins for ever over what is found in it.

        Parameters
        ----------
        attachment_id
            Which document.
        **fields
            ``title, authors`` (a list), ``year, doi, arxiv, journal, volume, issue, pages,
            publisher, abstract, keywords`` (a list), ``language, key`` (by which it is cited). None
            takes back what was set before.

        Returns
        -------
        Record
            What is known of it now.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        ValueError
            There is no such field, or its value is none: a year is 1 to 9999, and a DOI may have
            its address before it.

        Examples
        --------
        >>> db.set_metadata(3, title="Tides of the Elbe", year=2019)  # doctest: +SKIP
        """
        set_fields(self.store, attachment_id, fields, utc_text())
        return self.record(attachment_id)

    def set_table(
        self,
        attachment_id: int,
        rows: Sequence[Sequence[str]],
        *,
        page: int,
        box: Sequence[float],
        header_rows: int = 1,
        caption: str = "",
        spans: Sequence[Sequence[int]] = (),
    ) -> int:
        """Say what a table is; that wins for ever over what is found in its place.

        Tables of the same page that share half of their area with *box*, or more, are not given any
        more, also when they are found again; one that was set there before is replaced. In a
        notebook, ``reslib_widgets.TableViewer`` cuts tables on the picture of their page.

        Parameters
        ----------
        attachment_id
            Which document.
        rows, header_rows, caption, spans
            See :class:`~reslib.items.Table`.
        page
            The number of the page it is on, from 1.
        box
            Left, top, right and bottom on the page, in points.

        Returns
        -------
        int
            The id of the table. Its ``task`` is ``"set by you"``, and it has no confidence.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        TypeError, ValueError
            One of them is not what it should be.
        """
        return keep_table(self.store, attachment_id, rows, page, box, header_rows, caption, spans)

    def unset_table(self, table_id: int) -> bool:
        """Take back a table that :meth:`set_table` has set: what was found there counts again.

        Returns
        -------
        bool
            False when no such table was set.
        """
        return forget_table(self.store, table_id)

    def import_bibtex(self, path: str | os.PathLike[str]) -> ImportedBibliography:
        """Take what a bibliography in BibTeX says of documents of the library.

        So that a document can be cited by its key (``db.record(id).key``). Exports of Zotero,
        JabRef and the like are such files. An entry is of the document of its DOI, else of the file
        that it names, else of the same title; never of a document of another DOI. Two entries of
        one document are not mixed: the first counts. What :meth:`set_metadata` has set stays.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        ImportedBibliography
            Which entry is of which document, and which of none.

        Raises
        ------
        FileNotFoundError
            It does not exist.
        """
        return import_bibliography(self.store, path)

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
            if row["failure"] is not None and needs_task:
                raise TablesNotRead(
                    f"the tables of {name} could not be looked for: {printable(row['failure'])}"
                )
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
