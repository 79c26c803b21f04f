"""A page of a document as people see it: its picture, and where each of its words stands.

Documents are hostile, so it is a sandbox that opens them and draws the page.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reslib.database import ResearchDatabase, as_database
from reslib.documents.intake import settle
from reslib.errors import AttachmentNotFound, ErrorCode, ExtractionError
from reslib.extractors.base import Extractor, ImportedAtCall
from reslib.extractors.layout.layout import Word
from reslib.extractors.own import PDF
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import Requirement
from reslib.items import Figure
from reslib.models import ExtractionRequest, Outcome
from reslib.storage.store import Store

if TYPE_CHECKING:
    from reslib.sandbox import Sandbox

__all__ = ["Frame", "PageReader", "PageView", "page_reader"]

_PICTURES = ("image/png", "image/jpeg")
_PICTURE = Extractor(
    name="page-picture",
    function=ImportedAtCall("reslib.extractors.layout.pagepicture:extract"),
    mime_types=PDF.mime_types,
    suffixes=PDF.suffixes,
    requires=(
        Requirement("pypdfium2", "pip install pypdfium2"),
        Requirement("PIL", "pip install pillow"),
    ),
    writes=False,
    task="page-picture",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A page turned so that text of one direction runs to the right.

    Parameters
    ----------
    width, height
        Of the page as it is seen, in points.
    turns
        By how many quarter turns with the clock that text runs from the right.
    """

    width: float
    height: float
    turns: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the turned page."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    def turned(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """Return a box of the page as it is seen (left, top, right, bottom) on the turned one."""
        left, top, right, bottom = box
        if self.turns == 1:
            return top, self.width - right, bottom, self.width - left
        if self.turns == 2:
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if self.turns == 3:
            return self.height - bottom, left, self.height - top, right
        return left, top, right, bottom

    def seen(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """Return a box of the turned page on the page as it is seen."""
        width, height = self.size
        return Frame(width, height, -self.turns % 4).turned(box)


@dataclass(frozen=True, slots=True)
class PageView:
    """A page with its picture and its words.

    Parameters
    ----------
    number
        Of the page, from 1.
    width, height
        As it is seen, in points.
    media_type, picture
        Its picture, as a file has it.
    words
        Of each its box on the page as it is seen (left, top, right, bottom), its size, how deep its
        box reaches below the line, its direction (see :class:`Frame`), and what it says.
    """

    number: int
    width: float
    height: float
    media_type: str
    picture: bytes
    words: tuple[tuple[float, float, float, float, float, float, int, str], ...] = ()

    def frame(self, box: Sequence[float] = ()) -> Frame:
        """Return the page turned so that most words in a box run to the right."""
        inside = Counter(
            word[6] for word in self.words if not box or _holds(box, word[:4])
        ).most_common(1)
        return Frame(self.width, self.height, inside[0][0] if inside else 0)

    def words_in(self, frame: Frame) -> list[Word]:
        """Return the words of a frame's direction on the turned page; heights grow upwards from
        its upper edge, so they are negative.
        """
        found = []
        for *box, size, depth, turns, text in self.words:
            if turns == frame.turns:
                left, top, right, bottom = frame.turned(box)
                found.append(Word(left, right, depth - bottom, size, text, -bottom, -top))
        return found


class PageReader:
    """Draws pages of documents, in a sandbox of its own that it starts when it is first asked.

    Parameters
    ----------
    store
        The database.
    passwords
        Tried for a protected document.
    timeout
        Seconds for a page.
    """

    def __init__(self, store: Store, passwords: Sequence[str] = (), timeout: float = 30.0) -> None:
        self._store = store
        self._passwords = tuple(passwords)
        self._timeout = timeout
        self._sandbox: Sandbox | None = None
        self._is_closed = False

    def read(self, attachment_id: int, number: int) -> PageView:
        """Return a page.

        Parameters
        ----------
        attachment_id
            Of which document; a PDF.
        number
            Which page, from 1.

        Raises
        ------
        AttachmentNotFound
            There is no such document.
        ExtractionError
            It cannot be shown; the message says why.
        RuntimeError
            The reader is closed.
        """
        outcome = self._run(attachment_id, number)
        if outcome.failure is not None and outcome.failure.error_code is ErrorCode.FILE_NOT_FOUND:
            # It may lie elsewhere as well, or the file that it is in may.
            settle(self._store, self._store.value("outermost", {"id": attachment_id}))
            outcome = self._run(attachment_id, number)
        if outcome.failure is not None:
            raise ExtractionError(outcome.failure.message, outcome.failure.error_code)
        result = outcome.result
        if result is None:
            why = outcome.unavailable or "it was interrupted"
            raise ExtractionError(f"page {number} cannot be shown: {why}", ErrorCode.EXCEPTION)
        # The process that drew it may be in the hands of the document.
        figure = next(item for item in result.items if isinstance(item, Figure))
        if figure.media_type not in _PICTURES:
            raise ExtractionError(f"page {number} came as no picture", ErrorCode.EXCEPTION)
        width, height = figure.box[2:]
        words = tuple(map(_word, result.metadata["words"]))
        return PageView(number, width, height, figure.media_type, figure.data, words)

    def close(self) -> None:
        """End the sandbox, with a page that is being drawn. Calling it again does nothing."""
        self._is_closed = True
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def _run(self, attachment_id: int, number: int) -> Outcome:
        row = self._store.row("document", {"id": attachment_id})
        if row is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        if self._is_closed:
            raise RuntimeError("the reader of pages is closed")
        if self._sandbox is None:
            from reslib.sandbox import Sandbox  # here: who looks at no page has none

            drawing = Registry()
            drawing.add(_PICTURE)
            self._sandbox = Sandbox(memory_limit_mb=1024, registry=drawing)
        return self._sandbox.run(
            ExtractionRequest(
                os.fsdecode(row["path"]),
                row["mime_type"],
                self._timeout,
                task=_PICTURE.task,
                options={"page": number},
                passwords=self._passwords,
            )
        )


def page_reader(db: ResearchDatabase, passwords: Sequence[str] = ()) -> PageReader:
    """Return what draws pages of documents, in a process of its own; close it in the end.

    Parameters
    ----------
    db
        The database.
    passwords
        Tried for a protected document.
    """
    return PageReader(as_database(db).store, passwords)


def _word(told: Sequence[Any]) -> tuple[float, float, float, float, float, float, int, str]:
    left, top, right, bottom, size, depth = map(float, told[:6])
    return left, top, right, bottom, size, depth, int(told[6]) % 4, str(told[7])


def _holds(box: Sequence[float], word: Sequence[float]) -> bool:
    """True when the middle of a word is in a box."""
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1
