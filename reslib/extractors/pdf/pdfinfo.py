"""The information of a PDF as a whole: its attachments, and stand-in pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.pdf.standins import attached_files, find_stand_in, not_read
from reslib.items import DocumentInfo

__all__ = ["about"]


def about(
    document: Any, path: Path, pages: list[PageSignals | None], title: str | None = None
) -> tuple[DocumentInfo, list[PageSignals | None]]:
    """Return what is known of a document, and its pages with what they stand in for.

    Parameters
    ----------
    document
        The open pypdfium2 document.
    path
        Its file.
    pages
        What was read; None for a page that is damaged.
    title
        What it states as its title, when that is one.
    """
    files = attached_files(document)
    metadata = {"attached_files": files} if files else {}
    texts = [page.text if page is not None else "" for page in pages]
    stand_in = find_stand_in(document, path, texts, files)
    if stand_in is not None:
        if stand_in.text:
            pages = [PageSignals(stand_in.text, text_objects=1), *pages[1:]]
        info = DocumentInfo(title, stand_in.confidence, stand_in.reason, metadata, partial=True)
        return info, pages
    # What was put over a scan is read, the scan is not.
    partial = any(p.notes and not p.text.strip() and not p.blank for p in pages if p is not None)
    return DocumentInfo(title, None, not_read(files), metadata, partial), pages
