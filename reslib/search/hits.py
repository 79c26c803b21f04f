"""The hits of a search, and the list of them that shows as a table in a notebook."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

from reslib.display import from_here, html_table, link, marked
from reslib.errors import printable
from reslib.formats.inner import is_inner, outermost

__all__ = ["SearchHit", "SearchHits"]


class SearchHits(list["SearchHit"]):
    """A list of hits that shows as a table in a notebook."""

    def names(self) -> list[str]:
        """Return a name for each hit, with as much of its folder as tells the hits apart.

        What lies in an archive or a mail has the name of that before its own.
        """
        common = self._common_folder()
        return [
            hit.filename
            if hit.folder == common
            else str(PurePath(hit.folder).relative_to(common) / hit.filename)
            for hit in self
        ]

    def __repr__(self) -> str:
        if not self:
            return "no hits"
        return "\n".join(
            f"{number}. {printable(name)}{f', {printable(hit.part)}' if hit.part else ''}: "
            f"{printable(hit.snippet)}"
            for number, (name, hit) in enumerate(zip(self.names(), self, strict=True), 1)
        )

    def _repr_html_(self) -> str:
        rows = [
            (link(name, hit.file, hit.link), hit.part.removeprefix("page "), marked(hit.snippet))
            for name, hit in zip(self.names(), self, strict=True)
        ]
        count = len({hit.attachment_id for hit in self})
        words = f"{count} document{'' if count == 1 else 's'} found"
        if self:
            words += f" in {from_here(self._common_folder())}"
        return html_table(rows, ("document", "page", "where"), words)

    def _common_folder(self) -> str:
        """Return the folder in which all files are."""
        folders = [str(PurePath(hit.file).parent) for hit in self]
        try:
            return os.path.commonpath(folders)
        except ValueError:  # on two drives
            return folders[0] if folders else ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One document that a search found.

    Parameters
    ----------
    page
        Number of the page the snippet is from, from 1; 1 in a document that has no pages, as a web
        page or a note. None when only the name matched.
    snippet
        The words around the match, matches between ``**`` and ``**``.
    rank
        bm25 score as FTS5 gives it: smaller is better.
    path
        Where the document is.
    places
        Every path at which it is, that one first: its copies and links.
    part
        What people call that page: ``page 3``, ``slide 7``, ``sheet Results``, ``chapter Methods``.
        Empty when only the name matched.
    """

    attachment_id: int
    filename: str
    page: int | None
    snippet: str
    rank: float
    path: str
    places: tuple[str, ...]
    part: str = ""

    @property
    def folder(self) -> str:
        """The folder that the document is in; for one inside an archive or a mail, that."""
        return str(PurePath(self.path).parent)

    @property
    def file(self) -> str:
        """The path of the file: the document itself, or the archive or mail that it is in."""
        return outermost(self.path)

    @property
    def link(self) -> str:
        """A ``file:`` link to the file; to the page, where that is a PDF.

        Browsers and most viewers go to ``#page=3`` (RFC 8118 §3).
        """
        # As PurePath.as_uri() does where file names are UTF-8, but also where Python takes them
        # for ASCII.
        link = "file://" + quote(self.file.encode("utf-8", "surrogateescape"))
        is_pdf = self.path.lower().endswith(".pdf") and not is_inner(self.path)
        return f"{link}#page={self.page}" if is_pdf and self.page else link

    def open(self) -> None:
        """Show the file in the program that this machine has for it.

        A browser is asked for a PDF, because it goes to the page; without one, and for
        everything else, the desktop decides.

        Raises
        ------
        FileNotFoundError
            The file is not there any more. Adding the folder in which it is now with
            ``add_folder()`` finds it again.
        OSError
            Nothing on this machine opens it, as on a server without a screen.
        """
        if not Path(self.file).exists():
            raise FileNotFoundError(
                f"{printable(self.file)} is not there any more. Add the folder in which it is now "
                "with add_folder(), which finds it again"
            )
        import webbrowser  # here, because hardly any program that searches opens something

        # Without a screen it would begin a browser of the terminal, and wait for its end.
        screen = {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
        has_screen = bool(screen) or sys.platform in ("darwin", "win32")
        if not has_screen or not webbrowser.open(self.link):
            raise OSError(
                f"no program on this machine opens {printable(self.file)}; copy the path, or "
                f"open {self.link} in a browser"
            )
