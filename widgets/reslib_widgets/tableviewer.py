"""TableViewer: look at tables beside their pages, and cut them anew."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets

from reslib import ErrorCode, ExtractionError, ResearchDatabase, ReslibError, tableview
from reslib_widgets import tabledraw as draw
from reslib_widgets.cutting import Lines, LinesEditor, numbers_in
from reslib_widgets.inturn import InTurn
from reslib_widgets.shown import Shown, let_answers_choose_their_way, set_trait
from reslib_widgets.tablestyle import STYLE
from reslib_widgets.view import one_line, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TableViewer"]

logger = logging.getLogger(__name__)

#: Tables of a document that are listed; a longer list nobody can choose from.
_MOST_TABLES = 500

Edges = tuple[float, float, float, float]


class TableViewer(Shown):
    """A viewer of the tables of documents, each beside the picture of its page.

    The cells that were found are drawn on the page, those that hold two numbers in another colour.
    Where a table was cut wrong, *Cut anew* shows its lines: move them with the slider or type
    where they are, see what becomes of the DataFrame, and keep it. What is kept wins over whatever
    is found there later, see :meth:`~reslib.ResearchDatabase.set_table`. Tables that a format
    states itself (DOCX, XLSX and the like) are shown without a page.

    Pages are drawn in a process of its own. Show it as the last line of a cell; running the cell
    again replaces it.

    Parameters
    ----------
    db
        The database.
    attachment_id
        The document to begin with; the first that has tables when None.
    table_id
        The table to begin with, for instance that of a hit of ``db.search_tables``.
    min_confidence
        Only tables of which so much was probably read right, 0 to 1.
    passwords
        Tried for a protected document.

    Attributes
    ----------
    root
        The outermost widget, to place the viewer in a layout of your own.

    Raises
    ------
    TypeError
        *db* is no database.
    AttachmentNotFound
        There is no document with that id.

    Examples
    --------
    >>> TableViewer(db, 3)
    """

    def __init__(
        self,
        db: ResearchDatabase,
        attachment_id: int | None = None,
        *,
        table_id: int | None = None,
        min_confidence: float = 0.0,
        passwords: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._db = db
        self._least = min_confidence
        self._reader = tableview.page_reader(db, passwords)
        self._post = InTurn(self._act, f"reslib-{type(self).__name__}").post
        self._document_id: int | None = None
        self._tables: list[tableview.ListedTable] = []
        self._table: tableview.ListedTable | None = None
        self._page: tableview.TurnedPage | None = None
        self._cells: Mapping[tuple[int, int], Edges] = {}
        self._window: draw.Window = (0.0, 0.0, 1.0, 1.0)
        self._lines: Lines | None = None
        self._picture: tuple[Any, draw.Window] | None = None
        self._drawing: int | None = None
        self._build()
        if attachment_id is None:
            first = next(iter(tableview.documents(db, limit=1)), None)
            attachment_id = first.attachment_id if first is not None else None
        if attachment_id is None:
            self._draw()
            self._say("No tables were found yet: worker.enqueue_batch(ids, task='tables') looks.")
        else:
            self.show(attachment_id, table_id)

    def __repr__(self) -> str:
        if self.closed:
            return "<TableViewer closed>"
        return f"<TableViewer {self._title()}>"

    # --- for people -----------------------------------------------------------------------------

    @property
    def frame(self) -> pd.DataFrame | None:
        """The table that is shown, with what was changed of it; None without one."""
        return self._table.frame if self._table is not None else None

    def show(self, attachment_id: int, table_id: int | None = None) -> None:
        """Show a table.

        Parameters
        ----------
        attachment_id
            Of which document.
        table_id
            Which one; the first when None.

        Raises
        ------
        AttachmentNotFound
            There is no document with that id.
        """
        with self._lock:
            found = tableview.tables(self._db, attachment_id, min_confidence=self._least)
            those = [table for table in found if table.table_id == table_id]
            self._tables = found[:_MOST_TABLES]
            self._document_id = attachment_id
            self._list_documents(attachment_id)
            self._begin(next(iter(those or self._tables), None))

    def cut(
        self,
        columns: Sequence[float] | None = None,
        rows: Sequence[float] | None = None,
        *,
        header_rows: int | None = None,
        caption: str | None = None,
    ) -> pd.DataFrame:
        """Cut the table that is shown by other lines; nothing is stored.

        Parameters
        ----------
        columns, rows
            Where the lines down and across are, edges included, in points from the upper left
            corner of the page as the table is read on it; those of now when None.
        header_rows, caption
            What it is to have; as it has them when None.

        Returns
        -------
        DataFrame
            What becomes of it.

        Raises
        ------
        ValueError
            No table on a page is shown, or the lines do not follow each other.
        """
        with self._lock:
            page, table = self._on_page()
            lines = self._lines or self._lines_of(page, table)
            columns = lines.columns if columns is None else columns
            rows = lines.rows if rows is None else rows
            heads = table.table.header_rows if header_rows is None else header_rows
            named = table.table.caption if caption is None else caption
            cut = page.cut(columns, rows, heads, named)
            lines.replace("column", columns)
            lines.replace("row", rows)
            self._lines = lines
            self._table = replace(table, table=cut, task="")  # nobody has found or kept it
            self._cells = page.places(cut).cells
            self._draw()
            return self._table.frame

    def keep(self) -> int:
        """Keep the table as it was cut: it wins over what is found in its place.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        ValueError
            No table on a page is shown.
        """
        with self._lock:
            _, table = self._on_page()
            own = table.table
            kept = self._db.set_table(
                table.attachment_id,
                own.rows,
                page=own.page or 1,
                box=own.box,
                header_rows=own.header_rows,
                caption=own.caption,
                spans=own.spans,
            )
            self.show(table.attachment_id, kept)
            self._say("Kept. It wins over what is found here, also later.")
            return kept

    def new_table(self, page: int) -> None:
        """Begin to cut a table where none was found, with lines around the text of a page.

        Parameters
        ----------
        page
            The number of the page, from 1.

        Raises
        ------
        ExtractionError
            The page cannot be shown.
        """
        with self._lock:
            if self._document_id is None:
                raise ValueError("choose a document first")
            turned = tableview.TurnedPage(self._reader.read(self._document_id, page))
            left, top, right, bottom = turned.text_box()
            self._page, self._picture = turned, None
            self._window = (0.0, 0.0, *turned.size)
            self._lines = Lines(
                (left, round((left + right) / 2, 1), right),
                (top, round((top + bottom) / 2, 1), bottom),
            )
            cut = turned.cut(self._lines.columns, self._lines.rows)
            self._table = tableview.ListedTable(None, self._document_id, cut)
            self._cells = turned.places(cut).cells
            self._draw()
            self._say("Move the edges to the table, add lines, and keep it.")

    def close(self) -> None:
        """Take the viewer off the page, and end the process that draws pages."""
        self._reader.close()
        super().close()

    # --- what is shown --------------------------------------------------------------------------

    def _begin(self, table: tableview.ListedTable | None) -> None:
        """Show a table as it is stored, on its page."""
        self._table, self._page, self._lines, self._cells = table, None, None, {}
        said = "" if table is not None else "No tables were found in this document."
        if table is not None and table.has_place:
            try:
                view = self._reader.read(table.attachment_id, table.table.page or 1)
            except ExtractionError as error:  # the table is there all the same
                said = f"Its page cannot be shown. {error}"
                if error.code is ErrorCode.ENCRYPTED:
                    said += ". Here: TableViewer(db, passwords=[...])"
            else:
                page = self._page = tableview.TurnedPage(view, table.table.box)
                self._cells = page.places(table.table).cells
                self._window = draw.around(page, page.box(table.table))
        self._picture = None
        self._draw()
        self._say(said)
        self._save(self._still())

    def _list_documents(self, attachment_id: int) -> None:
        """List the documents that have tables, and the one that is to be shown."""
        if attachment_id in [value for _, value in self._document.options]:
            return
        found = tableview.documents(self._db, attachment_id)
        names = [(self._name_of(each), each.attachment_id) for each in found]
        if attachment_id not in [value for _, value in names]:
            names.insert(0, (f"{attachment_id} (no tables)", attachment_id))
        with self._drawn_here():
            self._document.options = names

    def _on_page(self) -> tuple[tableview.TurnedPage, tableview.ListedTable]:
        if self._page is None or self._table is None:
            raise ValueError("only a table that is shown on its page can be cut")
        return self._page, self._table

    def _lines_of(self, page: tableview.TurnedPage, table: tableview.ListedTable) -> Lines:
        places = page.places(table.table)
        return Lines(places.columns, places.rows)

    def _title(self) -> str:
        at = self._table
        if at is None:
            return "without a table"
        number = 1 + next(
            (n for n, each in enumerate(self._tables) if each.table_id == at.table_id), 0
        )
        label = draw.label_of(at, number) if at.table_id is not None else "a new table"
        names = {value: name for name, value in self._document.options}
        return f"{names.get(at.attachment_id, '')}, {label}"

    def _still(self) -> str:
        if self._table is None:
            return "<div>No table.</div>"
        return draw.still_html(self._title(), self._table, self._page, self._window, self._cells)

    # --- widgets --------------------------------------------------------------------------------

    def _build(self) -> None:
        wide = ipywidgets.Layout(width="auto", flex="1 1 200px", min_width="200px")
        self._document, self._which = (
            ipywidgets.Dropdown(description=name, layout=wide, style={"description_width": "70px"})
            for name in ("Document", "Table")
        )
        self._before = self._button("Previous", "step", "The table before", -1)
        self._after = self._button("Next", "step", "The table behind", 1)
        self._worth, self._back, self._marks, self._cut_frame, self._said = (
            ipywidgets.HTML(layout=ipywidgets.Layout(width="auto", margin="0")) for _ in range(5)
        )
        self._marks.add_class("rl-marks")
        self._on_paper = ipywidgets.Box([self._back, self._marks])
        self._on_paper.add_class("rl-paper")
        self._cut_frame.add_class("rl-frame")
        self._cut = self._button("Cut anew", "toggle_cutting", "Show the lines of the table")
        self._undo = self._button(
            "Take back", "take_back", "What was found here counts again, and this is forgotten"
        )
        self._whole = ipywidgets.ToggleButton(
            description="Whole page",
            tooltip="Show all of the page",
            layout=ipywidgets.Layout(width="auto"),
        )
        self._number = ipywidgets.BoundedIntText(
            description="on page",
            value=1,
            min=1,
            max=100_000,
            layout=ipywidgets.Layout(width="146px"),
            style={"description_width": "64px"},
        )
        self._new = self._button("New table", "begin_new", "Cut one that was not found")
        self._editor = LinesEditor(self._post)
        self._document.observe(self._chosen("show"), names="value")
        self._which.observe(self._chosen("show_table"), names="value")
        self._whole.observe(self._chosen("show_whole"), names="value")
        wrap = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        self._said.add_class("rl-said")
        self.root = ipywidgets.VBox(
            [
                ipywidgets.HTML(STYLE, layout=ipywidgets.Layout(display="none")),
                self._hiding_style(),
                ipywidgets.HBox(
                    [self._document, self._which, self._before, self._after], layout=wrap
                ),
                self._worth,
                ipywidgets.HBox(
                    [self._whole, self._cut, self._undo, self._new, self._number], layout=wrap
                ),
                self._editor.root,
                self._said,
                ipywidgets.HBox(
                    [self._on_paper, self._cut_frame],
                    layout=ipywidgets.Layout(flex_flow="row wrap", align_items="flex-start"),
                ),
            ]
        )
        self.root.children[-1].add_class("rl-beside")
        self.root.add_class("reslib-tables")

    def _button(self, words: str, method: str, tooltip: str, *arguments: Any) -> Any:
        button = ipywidgets.Button(
            description=words, tooltip=tooltip, layout=ipywidgets.Layout(width="auto")
        )
        button.on_click(lambda _: self._post(method, *arguments))
        return button

    def _chosen(self, method: str) -> Any:
        def tell(change: Any) -> None:
            if change["new"] is not None and threading.get_ident() != self._drawing:
                self._post(method, change["new"])

        return tell

    @contextlib.contextmanager
    def _drawn_here(self) -> Iterator[None]:
        """Have what changes meanwhile not be taken for what a reader has chosen."""
        self._drawing = threading.get_ident()
        try:
            yield
        finally:
            self._drawing = None

    def _draw(self) -> None:
        """Bring the widgets up to date."""
        table, page = self._table, self._page
        options = [(draw.label_of(t, n), t.table_id) for n, t in enumerate(self._tables, 1)]
        at = table.table_id if table is not None else None
        ids = [value for _, value in options]
        with self._drawn_here():
            set_trait(
                self._document, "value", self._document_id if self._document.options else None
            )
            if [*self._which.options] != options:
                self._which.options = options
            set_trait(self._which, "value", at if at in ids else None)
        place = ids.index(at) if at in ids else -1
        set_trait(self._before, "disabled", place <= 0)
        set_trait(self._after, "disabled", not 0 <= place < len(ids) - 1)
        set_trait(self._worth, "value", draw.worth_html(table) if table is not None else "")
        set_trait(self._cut_frame, "value", draw.frame_html(table) if table is not None else "")
        set_trait(self._cut, "disabled", page is None)
        set_trait(self._cut, "description", "Hide lines" if self._lines else "Cut anew")
        is_set = table is not None and table.is_set
        set_trait(self._undo.layout, "display", None if is_set else "none")
        set_trait(self._whole, "disabled", page is None)
        set_trait(self._on_paper.layout, "display", None if page is not None else "none")
        if page is not None:
            self._draw_page(page)
        own = table.table if table is not None else None
        self._editor.draw(
            self._lines,
            page.size if page is not None else (1.0, 1.0),
            own.header_rows if own is not None else 0,
            own.caption if own is not None else "",
        )
        let_answers_choose_their_way(self._widgets())

    def _draw_page(self, page: tableview.TurnedPage) -> None:
        window = (0.0, 0.0, *page.size) if self._whole.value else self._window
        if self._picture != (page, window):  # it is large, and changes seldom
            self._picture = page, window
            set_trait(self._back, "value", draw.page_svg(page, window))
        lines, table = self._lines, self._table
        marks = draw.marks_svg(
            page,
            window,
            self._cells,
            table.crowded if table is not None else (),
            lines.columns if lines else (),
            lines.rows if lines else (),
            lines.chosen if lines else None,
        )
        set_trait(self._marks, "value", marks)

    def _say(self, words: str) -> None:
        said = f'<div role="status" aria-live="polite" data-said>{text(words)}</div>'
        set_trait(self._said, "value", said)

    @staticmethod
    def _name_of(document: tableview.ListedDocument) -> str:
        tables = "1 table" if document.tables == 1 else f"{document.tables} tables"
        return f"{document.attachment_id} {one_line(document.filename)} ({tables})"

    # --- what readers do ------------------------------------------------------------------------

    def _act(self, wish: str, arguments: tuple[Any, ...]) -> None:
        with self._lock:
            if self.closed:
                return
            try:
                getattr(self, f"_do_{wish}")(*arguments)
            except (ReslibError, OSError, ValueError) as error:
                self._say(str(error))
            except Exception as error:
                logger.warning("%s of the viewer failed", wish, exc_info=True)
                self._say(f"{type(error).__name__}: {error}")

    def _do_show(self, attachment_id: int) -> None:
        self.show(attachment_id)

    def _do_show_table(self, table_id: int | None) -> None:
        self._begin(next(each for each in self._tables if each.table_id == table_id))

    def _do_step(self, by: int) -> None:
        ids = [each.table_id for each in self._tables]
        at = self._table.table_id if self._table is not None else None
        place = ids.index(at) + by if at in ids else 0
        if 0 <= place < len(ids):
            self._begin(self._tables[place])

    def _do_show_whole(self, _: bool) -> None:
        self._draw()

    def _do_toggle_cutting(self) -> None:
        page, table = self._on_page()
        if self._lines is None:
            self._lines = self._lines_of(page, table)
            self._draw()
        else:  # what was not kept is given up
            self.show(table.attachment_id, table.table_id)

    def _do_start_over(self) -> None:
        page, table = self._on_page()
        if table.table_id is None:
            self.new_table(page.view.number)
            return
        self._do_show_table(table.table_id)
        self._lines = self._lines_of(*self._on_page())
        self._draw()

    def _do_take_back(self) -> None:
        if self._table is not None and self._table.table_id is not None:
            self._db.unset_table(self._table.table_id)
            self.show(self._table.attachment_id)
            self._say("Taken back: what was found counts again.")

    def _do_begin_new(self) -> None:
        self.new_table(self._number.value)

    def _do_keep(self) -> None:
        self.keep()

    def _do_take_columns(self, typed: str) -> None:
        self.cut(columns=numbers_in("Columns", typed))

    def _do_take_rows(self, typed: str) -> None:
        self.cut(rows=numbers_in("Rows", typed))

    def _do_take_heads(self, heads: int) -> None:
        self.cut(header_rows=heads)

    def _do_take_caption(self, caption: str) -> None:
        self.cut(caption=caption)

    def _do_take_line(self, chosen: tuple[str, int]) -> None:
        if self._lines is not None:
            self._lines.chosen = chosen
            self._draw()

    def _do_take_place(self, place: float) -> None:
        if self._lines is not None and place != self._lines.place:
            self._lines.move(place)
            self.cut()

    def _do_add_line(self) -> None:
        if self._lines is not None:
            self._lines.add()
            self.cut()

    def _do_remove_line(self) -> None:
        if self._lines is not None:
            self._lines.remove()
            self.cut()
