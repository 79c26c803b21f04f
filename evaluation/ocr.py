"""Recall of the words and sentences of scans: by reslib, and by others beside it.

Run it as ``python evaluation/ocr.py``: scans are typeset and damaged with seeds, read through the
queue as people read them, and compared with their truth. ``--beside`` reads them with bare
tesseract too, and with ocrmypdf and rapidocr where those are installed; ``--corpus FOLDER`` adds
the scans of a corpus that has texts by hand.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluation.recall import common_words
from evaluation.scans import CASES, Case, make, pictures_of
from reslib import ExtractionWorker, ResearchDatabase
from reslib.items import Page
from reslib.models import OCR

Truth = list[list[str]]
_WORD = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Score:
    """How much of one document was read, by whom, at which cost."""

    words: float
    sentences: float
    cpu: float | None = None
    pages: int = 0
    confidence: float | None = None


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


def by_reslib(
    documents: Iterable[tuple[Path, Case]], folder: Path, workers: int = 2
) -> dict[Path, tuple[str, Score]]:
    """Read documents through the queue; return text and cost of each."""
    read: dict[Path, tuple[str, Score]] = {}
    groups: dict[tuple[str, ...] | None, list[Path]] = {}
    for path, case in documents:
        groups.setdefault(case.languages, []).append(path)
    for number, (languages, paths) in enumerate(groups.items()):
        with ResearchDatabase(folder / f"{number}.db") as db:
            ids = {db.add_attachment(path.name, path): path for path in paths}
            with ExtractionWorker(db, workers, ocr_languages=languages) as worker:
                worker.enqueue_batch(ids)
                worker.wait()
            costs = {
                row["attachment_id"]: (row["cpu_time_ms"], row["page_count"])
                for row in db.store.rows("frame_metrics", {"since": None, "limit": -1})
                if row["task"] == OCR
            }
            for id, path in ids.items():
                known = db.get_attachment(id)
                cpu, pages = costs.get(id, (0.0, 0))
                score = Score(0, 0, (cpu or 0) / 1000, pages or 0, known.confidence)
                read[path] = known.extracted_text or "", score
    return read


def pages_by_ocr(db: ResearchDatabase, id: int) -> int:
    """Return how many pages of a document were read by OCR."""
    return sum(bool(page.origin) for page in db.get_items(id, Page))


def by_tesseract(path: Path) -> str:
    """Return what tesseract by itself reads: each page as it is, in English."""
    return "\n".join(_tesseract(picture) for picture in _pictures(path))


def _pictures(path: Path) -> list[Path]:
    from PIL import Image, ImageSequence

    made = []
    if path.suffix == ".pdf":
        pages = pictures_of(path, 300)
    else:
        with Image.open(path) as file:
            pages = [page.convert("L") for page in ImageSequence.Iterator(file)]
    for number, page in enumerate(pages):
        made.append(path.with_name(f"{path.name}.{number}.png"))
        page.save(made[-1], dpi=(300, 300)) if path.suffix == ".pdf" else page.save(made[-1])
    return made


def _tesseract(picture: Path) -> str:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    command = ["tesseract", str(picture), "stdout", "-l", "eng"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    picture.unlink()
    return done.stdout.decode("utf-8", "replace")


def by_ocrmypdf(path: Path) -> str:
    """Return the text that ocrmypdf writes beside its PDF."""
    beside = path.with_suffix(".side.txt")
    command = ["ocrmypdf", "--sidecar", str(beside), "--rotate-pages", "--deskew", "--force-ocr"]
    command += ["--jobs", "1", "--image-dpi", "200", "-q", str(path), str(path) + ".out.pdf"]
    subprocess.run(command, capture_output=True, check=False)
    return beside.read_text("utf-8") if beside.exists() else ""


def by_rapidocr() -> Callable[[Path], str]:
    """Return a function that reads with rapidocr."""
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(path: Path) -> str:
        lines: list[str] = []
        for picture in _pictures(path):
            result = engine(str(picture))
            lines += list(result.txts or ())
            picture.unlink()
        return "\n".join(lines)

    return read


def others() -> dict[str, Callable[[Path], str]]:
    """Return those that are installed here."""
    found: dict[str, Callable[[Path], str]] = {}
    if shutil.which("tesseract"):
        found["tesseract"] = by_tesseract
    if shutil.which("ocrmypdf"):
        found["ocrmypdf"] = by_ocrmypdf
    try:
        found["rapidocr"] = by_rapidocr()
    except ImportError:
        pass
    return found


def corpus_scans(folder: Path) -> list[tuple[Path, Case, Truth]]:
    """Return the pictures of a corpus whose texts were typed by hand."""
    found = []
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = folder / row["file"]
            is_scan = "needs OCR" in row["note"] or "no text layer" in row["note"]
            if is_scan and row["truth_kind"] == "text by hand":
                truth = (folder / row["truth_file"]).read_text("utf-8", "replace")
                sentences = [s for s in re.split(r"(?<=[.!?])\s+", truth) if len(s) > 10]
                found.append((path, Case(path.name), [sentences]))
    return found


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime


def main(arguments: list[str]) -> int:
    """Print a table; 1 when something is below its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sentences", type=int, default=28, help="of a document")
    parser.add_argument("--beside", action="store_true", help="read with others, too")
    parser.add_argument("--corpus", type=Path, help="a folder with scans and their texts")
    parser.add_argument("--show", action="store_true", help="print what was read")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = [case for case in CASES if asked.only in case.name]
        documents = [(*make(case, asked.seed, folder, asked.sentences), case) for case in cases]
        todo = [(path, case, truth) for path, truth, case in documents]
        if asked.corpus is not None:
            todo += corpus_scans(asked.corpus)
        began = time.monotonic()
        read = by_reslib([(path, case) for path, case, _ in todo], folder)
        seconds = time.monotonic() - began
        beside = others() if asked.beside else {}
        print(f"{'':34}words  sent.  conf.  CPU s/page", *(f"{each:>12}" for each in beside))
        scores = []
        low = 0
        for path, case, truth in todo:
            text, score = read[path]
            score.words, score.sentences = word_recall(truth, text), sentence_recall(truth, text)
            scores.append(score)
            cost = f"{(score.cpu or 0) / score.pages:9.2f}" if score.pages else " " * 9
            line = f"{case.name[:32]:34}{score.words:5.3f}  {score.sentences:5.3f}  "
            line += f"{score.confidence or 0:5.2f}  {cost}"
            for reader in beside.values():
                before = _children_cpu()
                other = reader(path)
                spent = _children_cpu() - before
                line += f"  {word_recall(truth, other):5.3f} {spent:5.1f}s"
            is_low = score.words < case.limit
            low += is_low
            print(line + ("  LOW" if is_low else ""), flush=True)
            if asked.show:
                print(text)
    read_by_ocr = [score for score in scores if score.pages]
    errors = [abs((s.confidence or 0) - s.words) for s in read_by_ocr]
    bold = sum((s.confidence or 0) > 0.9 and s.words < 0.7 for s in scores)
    print(
        f"\n{len(scores)} documents in {seconds:.0f} s: "
        f"words {_mean([s.words for s in scores]):.3f}, "
        f"sentences {_mean([s.sentences for s in scores]):.3f}, "
        f"confidence wrong by {_mean(errors):.3f}, above 0.9 and read below 0.7: {bold}; "
        f"{sum(s.cpu or 0 for s in read_by_ocr) / max(1, sum(s.pages for s in read_by_ocr)):.2f} "
        "CPU s a page"
    )
    return int(low > 0)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
