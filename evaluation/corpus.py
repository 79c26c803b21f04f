"""A corpus of documents that nobody here wrote, read by a pool and compared with its manifest.

::

    python evaluation/corpus.py ../shared/corpus
    python evaluation/corpus.py ../shared/corpus --write benchmarks/results/corpus.md

The folder holds ``manifest.csv``: for each file the outcomes that are right, and words that
several other tools found in it. Prints a table by format, and every file that ended in an outcome
it may not, or lost a word, with the reason where somebody has looked it up. Exit code 1 when less
than 97 % of the outcomes are allowed, less than 97 % of the files with words have all of them, or
something ended in ``unknown``.
"""

from __future__ import annotations

import argparse
import platform
import re
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import reslib
from evaluation.manifest import manifest
from reslib import ExtractionWorker, ResearchDatabase
from reslib.errors import printable
from reslib.models import Attachment, Job

#: Formats whose text is in pictures: they wait for OCR, and ``unsupported`` is no miss of theirs.
PICTURES = frozenset({"png", "jpg", "jpeg", "tif", "tiff", "webp", "heic"})
WORKERS = 2
#: Of one document: seconds, and megabytes of the process that reads it.
DEADLINE, LIMIT_MB = 20.0, 2048
TARGET = 0.97
#: Why a file ends otherwise than its manifest says, or lacks a word. The counts do not change.
EXPLAINED = {
    "chromium__pdfium__no_page_count.pdf": "the page tree does not say how many pages there are, "
    "and the three tools of the manifest give up. PDFium walks the tree; the text of the six "
    "pages it finds is what a reader sees, and refusing it would lose it",
    "pikepdf__pikepdf__cyclic-toc.pdf": "the same damage. PDFium finds the one page, which is "
    "blank; the document is marked empty, confidence 0",
    "deanmalmgren__textract__raw_text.doc": "an old Word document. The manifest knows no reader of "
    "them; antiword is installed here and reads it",
    "jsvine__pdfplumber__issue-71-duplicate-chars.pdf": "the word is there, inside a longer run "
    "of Chinese characters that other tools broke in two",
    "qpdf__qpdf__issue-202.pdf": "the A of the logo is raised and set apart from its neighbours, "
    "and stands so in the text: pdfL A TEX",
    "tafia__calamine__pivots.xlsx": "spreadsheets show a truth value as FALSE; the tools of the "
    "manifest give the word of their language",
    "mozilla__readability__mathjax_source.html": "the word is not in the file: the tool that "
    "found it writes an arrow so",
}


@dataclass
class Result:
    """How one file ended."""

    file: str
    format: str
    category: str
    expected: frozenset[str]
    outcome: str
    message: str
    #: Words looked for and those not found; none are looked for when there is no text.
    words: int = 0
    missing: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it is a picture that was recognised, and waits for OCR."""
        return self.outcome == "unsupported" and self.format in PICTURES

    @property
    def allowed(self) -> bool:
        """Whether the manifest, or the leave given to pictures, allows the outcome."""
        return self.outcome in self.expected or self.waits

    @property
    def explanation(self) -> str:
        """Why it ended so, where somebody has looked it up."""
        return EXPLAINED.get(Path(self.file).name, "")


def outcome_of(job: Job) -> str:
    """Return a finished job's outcome in the words of the manifest."""
    if job.status == "complete":
        return "ok"
    if job.error_code == "encrypted":
        return "needs-password"
    return str(job.error_type or job.status)


def missing_words(expected: str, attachment: Attachment) -> tuple[str, ...]:
    """Return which of the words (letters only, as the manifest has them) are not in the text."""
    text = unicodedata.normalize("NFC", f"{attachment.title or ''}\n{attachment.extracted_text}")
    found = set(re.findall(r"[^\W\d_]+", text))
    return tuple(word for word in expected.split() if word not in found)


def run(corpus: Path) -> list[Result]:
    """Extract every file of the corpus once and compare with its manifest."""
    rows = manifest(corpus)
    with (
        tempfile.TemporaryDirectory() as folder,
        ResearchDatabase(Path(folder) / "corpus.db") as db,
    ):
        worker = ExtractionWorker(
            db,
            num_workers=WORKERS,
            extraction_timeout=DEADLINE,
            memory_limit_mb=LIMIT_MB,
            max_retries=0,
        )
        jobs: dict[int, int | None] = {}
        attachments = {}
        with worker:
            for row in rows:
                path = corpus / row["file"]
                number = db.add_attachment(filename=path.name, path=str(path))
                attachments[row["file"]] = number
                if number not in jobs:  # the same bytes are one document
                    jobs[number] = worker.enqueue(number)
            if not worker.wait(timeout=30 * len(rows)):
                raise SystemExit("the queue did not drain")
        results = []
        for row in rows:
            number = attachments[row["file"]]
            job_id = jobs[number]
            job = worker.queue.get_job(job_id) if job_id is not None else None
            if job is None:
                raise SystemExit(f"{row['file']} got no job")
            results.append(_result(row, job, db.get_attachment(number)))
        return results


def _result(row: dict[str, str], job: Job, attachment: Attachment) -> Result:
    outcome = outcome_of(job)
    result = Result(
        file=row["file"],
        format=row["format"],
        category=row["category"],
        expected=frozenset(row["expected"].split("|")),
        outcome=outcome,
        message=printable(job.error_message or ""),
    )
    # Without a text no words are looked for where that is right; else all of them are missing.
    if outcome == "ok" or not result.allowed:
        result.words = len(row["expected_words"].split())
        result.missing = missing_words(row["expected_words"], attachment)
    return result


def table(results: list[Result]) -> str:
    """Return the counts by format, as Markdown."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.format].append(result)
    lines = [
        "| format | files | outcomes allowed | of them pictures that wait for OCR | "
        "files with words | all words found | unknown |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, group in [*sorted(groups.items()), ("**all**", results)]:
        worded = [r for r in group if r.words]
        counts = (
            len(group),
            sum(r.allowed for r in group),
            sum(r.waits for r in group),
            len(worded),
            sum(not r.missing for r in worded),
            sum(r.outcome == "unknown" for r in group),
        )
        lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def misses(results: list[Result]) -> str:
    """Return every miss with its outcome and the reason, as Markdown."""
    lines = []
    for result in results:
        name = f"`{printable(result.file)}`"
        why = result.explanation or "nobody has looked it up yet"
        if not result.allowed:
            may = ", ".join(sorted(result.expected))
            said = f" (“{result.message}”)" if result.message else ""
            lines.append(f"- {name}: {result.outcome}{said}, may be {may}. Why: {why}.")
        elif result.missing:
            lines.append(f"- {name}: lacks {', '.join(result.missing)}. Why: {why}.")
    return "\n".join(lines) or "None."


def is_good_enough(results: list[Result]) -> bool:
    """Whether the corpus was read as it must be."""
    worded = [r for r in results if r.words]
    return (
        sum(r.allowed for r in results) >= TARGET * len(results)
        and sum(not r.missing for r in worded) >= TARGET * len(worded)
        and all(r.outcome != "unknown" for r in results)
    )


def report(results: list[Result], seconds: float) -> str:
    """Return all that is printed, as Markdown."""
    worded = [r for r in results if r.words]
    allowed = sum(r.allowed for r in results) / max(1, len(results))
    found = sum(not r.missing for r in worded) / max(1, len(worded))
    unknown = sum(r.outcome == "unknown" for r in results)
    lines = [
        "# A corpus of documents of others",
        "",
        f"`python evaluation/corpus.py ../shared/corpus`, reslib {reslib.__version__}, Python "
        f"{platform.python_version()}, {platform.system()}: {WORKERS} workers, {DEADLINE:g} s and "
        f"{LIMIT_MB} MB a document, no second try.",
        "",
        f"**{len(results)} files in {seconds:.0f} s: {allowed:.1%} of outcomes allowed, all words "
        f"in {found:.1%} of {len(worded)} files, {unknown} unknown.** At least {TARGET:.0%} of "
        "both must be, and none unknown. Pictures that nothing reads may say so; without that "
        "leave "
        f"{1 - sum(not r.allowed or r.waits for r in results) / max(1, len(results)):.1%} are "
        "allowed.",
        "",
        table(results),
        "",
        "## Misses",
        "",
        misses(results),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder with manifest.csv")
    parser.add_argument("--write", type=Path, help="also write what is printed to this file")
    options = parser.parse_args()
    corpus: Path = options.corpus.resolve()
    if not (corpus / "manifest.csv").is_file():
        parser.error(f"{corpus} has no manifest.csv")
    start = time.perf_counter()
    results = run(corpus)
    text = report(results, time.perf_counter() - start)
    print(text)
    if options.write is not None:
        options.write.parent.mkdir(exist_ok=True)
        options.write.write_text(text, encoding="utf-8")
    return 0 if is_good_enough(results) else 1


if __name__ == "__main__":
    sys.exit(main())
