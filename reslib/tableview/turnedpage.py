"""A page turned so that a table on it is read from the left to the right, to be cut by lines."""

from __future__ import annotations

from collections.abc import Sequence

from reslib.documents.tableedits import SET_BY_READER
from reslib.items import Table
from reslib.tableview.cutting import cut_table
from reslib.tableview.pageview import PageView
from reslib.tableview.places import Places, find_places

__all__ = ["TurnedPage"]


class TurnedPage:
    """A page of a document, turned so that a table on it is read from the left to the right.

    Boxes and lines are in points from the upper left corner of the turned page.

    Parameters
    ----------
    view
        The page.
    box
        Where the table is, on the page as it is seen; without one, what most of its text does
        counts.
    """

    def __init__(self, view: PageView, box: Sequence[float] = ()) -> None:
        self.view = view
        self._frame = view.frame(box)
        self._words = view.words_in(self._frame)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self._frame.size

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """The transformation of the picture of the page, as SVG's ``matrix`` takes it."""
        width, height = self.view.width, self.view.height
        return {
            0: (1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
            1: (0.0, -1.0, 1.0, 0.0, 0.0, width),
            2: (-1.0, 0.0, 0.0, -1.0, width, height),
            3: (0.0, 1.0, -1.0, 0.0, height, 0.0),
        }[self._frame.turns]

    def box(self, table: Table) -> tuple[float, float, float, float]:
        """Return where a table is."""
        return self._frame.turned(table.box)

    def places(self, table: Table) -> Places:
        """Return where the cells of a table stand, and the lines between them."""
        return find_places(table.rows, self._words, self.box(table))

    def text_box(self) -> tuple[float, float, float, float]:
        """Return where the text of the page is; where the page is, when it has none."""
        if not self._words:
            return 0.0, 0.0, *self.size
        return (
            min(word.left for word in self._words),
            min(-word.top for word in self._words),
            max(word.right for word in self._words),
            max(-word.bottom for word in self._words),
        )

    def cut(
        self,
        columns: Sequence[float],
        rows: Sequence[float],
        header_rows: int = 1,
        caption: str = "",
    ) -> Table:
        """Return the table that lines cut out of the page.

        Parameters
        ----------
        columns, rows
            Where the lines down and across are, edges included.
        header_rows
            How many of the rows are its head.
        caption
            What it is called.

        Raises
        ------
        ValueError
            There are less than two lines of a kind, or they do not follow each other.
        """
        cut = cut_table(self._words, columns, rows, header_rows)
        box = self._frame.seen((columns[0], rows[0], columns[-1], rows[-1]))
        return Table(
            rows=cut.rows,
            page=self.view.number,
            caption=caption,
            header_rows=cut.header_rows,
            box=tuple(round(edge, 1) for edge in box),
            reason=SET_BY_READER,
            spans=cut.spans,
        )
