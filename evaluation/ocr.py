"""Recall of the words and sentences of scans: by reslib, and by others beside it.

Run it as ``python evaluation/ocr.py``: scans are typeset and damaged with seeds, read through the
queue as people read them, and compared with their truth. ``--beside`` reads them with bare
tesseract too, and with ocrmypdf and rapidocr where they are in the environment of ``--peers``;
``--corpus FOLDER`` adds the scans of a corpus that has texts by hand::

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install ocrmypdf rapidocr onnxruntime
    python evaluation/ocr.py --beside --peers /tmp/peers/bin/python --corpus ../shared/corpus
"""

from __future__ import annotations

import argparse
import csv
import platform
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evaluation.ocr_rivals import Rival, pictures_for, rivals
from evaluation.recall import common_words
from evaluation.scans import CASES, Case, make
from reslib import ExtractionWorker, ResearchDatabase
from reslib.models import OCR

Truth = list[list[str]]
_COMMAND = "python evaluation/ocr.py --seed"
_WORD = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Score:
    """How much of one document was read, by whom, at which cost."""

    words: float
    sentences: float
    cpu: float | None = None
    pages: int = 0
    confidence: float | None = None

    @property
    def a_page(self) -> float | None:
        """Seconds of computing a page; None when none was read."""
        return (self.cpu or 0) / self.pages if self.pages else None


def word_recall(truth: Truth, text: str) -> float:
    """Return the share of the words of *truth* that stand in *text*, in the order of each piece."""
    found = _WORD.findall(_plain(text))
    wanted = [_WORD.findall(_plain(" ".join(piece))) for piece in truth]
    return sum(common_words(piece, found) for piece in wanted) / sum(map(len, wanted))


def sentence_recall(truth: Truth, text: str) -> float:
    """Return the share of the sentences of which each letter and digit stands in *text*."""
    found = "".join(_WORD.findall(_plain(text)))
    wanted = ["".join(_WORD.findall(_plain(sentence))) for piece in truth for sentence in piece]
    wanted = [sentence for sentence in wanted if sentence]
    return sum(sentence in found for sentence in wanted) / len(wanted)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


class Reslib:
    """The reading of documents through the queue, as people read them, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._pools: dict[tuple[str, ...] | None, tuple[ResearchDatabase, ExtractionWorker]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def read(self, path: Path, languages: tuple[str, ...] | None) -> tuple[str, Score]:
        """Return the text of a document, and what is to be said of it but for how much was read."""
        if languages not in self._pools:
            file = self._folder / f"{len(self._pools)}.db"
            db = self._open.enter_context(ResearchDatabase(file))
            pool = ExtractionWorker(db, 1, ocr_languages=languages, poll_interval=0.1)
            self._pools[languages] = db, self._open.enter_context(pool)
        db, worker = self._pools[languages]
        id = db.add_attachment(path.name, path)
        worker.enqueue(id)
        worker.wait()
        rows = db.store.rows("frame_metrics", {"since": None, "limit": -1})
        mine = [row for row in rows if row["task"] == OCR and row["attachment_id"] == id]
        cpu = sum(row["cpu_time_ms"] or 0 for row in mine) / 1000
        pages = max((row["page_count"] or 0 for row in mine), default=0)
        known = db.get_attachment(id)
        return known.extracted_text or "", Score(0, 0, cpu, pages, known.confidence)


def corpus_scans(folder: Path) -> list[tuple[Path, Case, Truth]]:
    """Return the pictures of a corpus whose texts were typed by hand."""
    found = []
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = folder / row["file"]
            is_scan = "needs OCR" in row["note"] or "no text layer" in row["note"]
            if is_scan and row["truth_kind"] == "text by hand":
                truth = _as_printed((folder / row["truth_file"]).read_text("utf-8", "replace"))
                sentences = [s for s in re.split(r"(?<=[.!?])\s+", truth) if len(s) > 10]
                found.append((path, Case(path.name, dpi=300), [sentences]))
    return found


def _as_printed(text: str) -> str:
    """Return a text by hand without the hyphens at which its lines end."""
    return re.sub(r"(?<=[^\W\d_])-[ \t]*\n\s*(?=[^\W\d_])", "", text)


@dataclass(slots=True)
class Row:
    """One document: what of it reslib read, and what others did."""

    case: Case
    score: Score
    others: list[tuple[float, float, float]]
    text: str

    @property
    def is_low(self) -> bool:
        """True when less was read than is allowed."""
        return self.score.words < self.case.limit


def measured(
    todo: Sequence[tuple[Path, Case, Truth]], folder: Path, beside: Sequence[Rival]
) -> Iterator[Row]:
    """Yield what was read of each document, by the others on the same machine at the same time."""
    with Reslib(folder) as reslib:
        for number, (path, case, truth) in enumerate(todo):
            text, score = reslib.read(path, case.languages)
            score.words, score.sentences = word_recall(truth, text), sentence_recall(truth, text)
            yield Row(
                case, score, _by_others(path, case, truth, folder / str(number), beside), text
            )


def _by_others(
    path: Path, case: Case, truth: Truth, place: Path, beside: Sequence[Rival]
) -> list[tuple[float, float, float]]:
    """Return which words and sentences others read, and the seconds of computing a page."""
    readers = [rival.read for rival in beside if rival.read is not None]
    if not readers:
        return []
    copy = place.with_suffix(path.suffix)
    copy.write_bytes(path.read_bytes())
    is_scan = case.kind not in ("map", "digital")
    pictures = pictures_for(copy, case.dpi if is_scan else None)
    found = []
    for read in readers:
        text, cpu = read(copy, pictures)
        found.append((word_recall(truth, text), sentence_recall(truth, text), cpu / len(pictures)))
    for picture in pictures:
        picture.unlink()
    return found


def report(rows: Sequence[Row], beside: Sequence[Rival], command: str) -> str:
    """Return all of it as a page of Markdown."""
    here = [rival for rival in beside if rival.read is not None]
    names = ["reslib", *(rival.name for rival in here)]
    lines = [
        "# Scans",
        "",
        f"`{command}`, Python {platform.python_version()}, {platform.system()}. "
        "Words and sentences that were read, of all; seconds of computing a page. Languages are "
        "found by reslib and English for the others, but where they are named.",
        *(f"Absent: {each.name}, {each.absent}." for each in beside if each.read is None),
        "",
        f"| document | {' | '.join(names)} | reslib's confidence |",
        "|---|" + "---:|" * (len(names) + 1),
    ]
    for row in rows:
        own = row.score
        cells = [(own.words, own.sentences, own.a_page), *row.others]
        shown = " | ".join(_cell(*each) for each in cells)
        sure = f"{own.confidence:.2f}" if own.confidence is not None else "-"
        lines.append(f"| {row.case.name} | {shown} | {sure}{' LOW' if row.is_low else ''} |")
    lines += ["", *_summary(rows, names)]
    return "\n".join(lines) + "\n"


def _cell(words: float, sentences: float, cpu: float | None) -> str:
    return f"{words:.3f} {sentences:.2f} {f'{cpu:.1f} s' if cpu else '-'}"


def _summary(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    lines = []
    for number, name in enumerate(names):
        pairs = [
            (row.score.words, row.score.sentences) if not number else row.others[number - 1][:2]
            for row in rows
        ]
        words, sentences = (_mean([pair[n] for pair in pairs]) for n in (0, 1))
        low = min(pair[0] for pair in pairs)
        lines.append(f"- {name}: words {words:.3f}, sentences {sentences:.3f}, worst {low:.3f}.")
    read = [row for row in rows if row.score.pages]
    errors = [abs((row.score.confidence or 0) - row.score.words) for row in read]
    bold = sum((row.score.confidence or 0) > 0.9 and row.score.words < 0.7 for row in rows)
    lines.append(
        f"- reslib's confidence is wrong by {_mean(errors):.3f} in the mean; above 0.9 and read "
        f"below 0.7: {bold} of {len(read)}."
    )
    own = sum((row.score.a_page or 0) for row in read)
    line = f"- reslib's computing: {own / max(1, len(read)):.2f} s a page"
    if any(name.startswith("tesseract") for name in names):
        bare = sum(row.others[0][2] for row in read)
        line += f", {own / bare:.2f} times that of tesseract on the same pages"
    return [*lines, f"{line}."]


def main(arguments: list[str]) -> int:
    """Print a table; 1 when something is below its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sentences", type=int, default=28, help="of a document")
    parser.add_argument("--beside", action="store_true", help="read with bare tesseract, too")
    parser.add_argument("--peers", help="a Python in which ocrmypdf and rapidocr are installed")
    parser.add_argument("--corpus", type=Path, help="a folder with scans and their texts")
    parser.add_argument("--show", action="store_true", help="print what was read")
    parser.add_argument("--write", type=Path, help="a file for the report")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = [case for case in CASES if asked.only in case.name]
        documents = [(*make(case, asked.seed, folder, asked.sentences), case) for case in cases]
        todo = [(path, case, truth) for path, truth, case in documents]
        if asked.corpus is not None:
            todo += [each for each in corpus_scans(asked.corpus) if asked.only in each[1].name]
        rows = []
        with rivals(asked.peers) if asked.beside else nullcontext([]) as beside:
            for row in measured(todo, folder, beside):
                rows.append(row)
                cells = [(row.score.words, row.score.sentences, row.score.a_page), *row.others]
                shown = "   ".join(_cell(*each) for each in cells)
                print(f"{row.case.name[:32]:34}{shown}{'  LOW' * row.is_low}", flush=True)
                if asked.show:
                    print(row.text)
            whole = report(rows, beside, f"{_COMMAND} {asked.seed} --sentences {asked.sentences}")
    print(whole)
    if asked.write is not None:
        asked.write.write_text(whole, encoding="utf-8")
    return int(any(row.is_low for row in rows))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
