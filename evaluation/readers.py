"""Readers of PDFs that reslib is compared with, called as their first pages show."""

from __future__ import annotations

import multiprocessing
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import QUICK

__all__ = ["DEADLINE", "PEERS", "Peer", "read_pdfplumber", "read_pypdfium2"]

#: Seconds a peer may take for a document before its process is ended and it has read nothing.
DEADLINE = 20 if QUICK else 60


def read_pypdfium2(path: str) -> str:
    """Return what PDFium reads, page after page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
        return "\n".join(texts)
    finally:
        document.close()


def read_pdfplumber(path: str, **options: Any) -> str:
    """Return what pdfplumber reads when it is called as its first page shows."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        texts = []
        for page in document.pages:
            texts.append(page.extract_text(**options))
            page.close()
        return "\n".join(texts)


def read_pdfplumber_flow(path: str) -> str:
    """Return what it reads in the order of the file."""
    return read_pdfplumber(path, use_text_flow=True)


def read_pdfminer(path: str) -> str:
    """Return what pdfminer.six reads with its own settings."""
    from pdfminer.high_level import extract_text

    return extract_text(path)


def read_pypdf(path: str) -> str:
    """Return what pypdf reads."""
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def read_pdftotext(path: str) -> str:
    """Return what Poppler's pdftotext reads."""
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


#: By name: what must be there (a module, or a program), and the function.
PEERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "pypdfium2": ("pypdfium2", read_pypdfium2),
    "pdfplumber": ("pdfplumber", read_pdfplumber),
    "pdfplumber, text flow": ("pdfplumber", read_pdfplumber_flow),
    "pdfminer.six": ("pdfminer", read_pdfminer),
    "pypdf": ("pypdf", read_pypdf),
    "pdftotext": ("pdftotext", read_pdftotext),
}


def serve(pipe: Any, name: str) -> None:
    """Be the process of a peer: read what is asked for, answer text and seconds."""
    module, read = PEERS[name]
    if name != "pdftotext":
        __import__(module)
    while (path := pipe.recv()) is not None:
        began = time.perf_counter()
        try:
            text = read(path)
        except Exception as error:
            text = f"{type(error).__name__}"
        pipe.send((text, time.perf_counter() - began))


class Peer:
    """A reader in a process of its own, which is replaced when it does not come back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hung = 0
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(other, self.name), daemon=True)
        self._process.start()
        other.close()

    def read(self, path: Path) -> tuple[str, float]:
        """Return text and seconds; no text when it took too long or its process died."""
        self._pipe.send(str(path))
        try:
            if self._pipe.poll(DEADLINE):
                text, seconds = self._pipe.recv()
                return text, seconds
        except EOFError:
            pass
        self.hung += 1
        self.close()
        self._start()
        return "", float(DEADLINE)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()
