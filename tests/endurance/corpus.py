"""Run a corpus of documents that nobody here wrote through the whole pipeline.

::

    python tests/endurance/corpus.py ../shared/corpus

The folder holds ``manifest.csv``: for each file the outcomes that are right, and words that
several other tools found in it. Prints a table by category and format, and every file that ended
in an outcome it may not, or lost a word, with the reason where somebody has looked it up. Exit
code 1 when something ended in an outcome that is not allowed and not explained, in ``unknown``, or
when fewer than 97 % of the files with words have all of them.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from evaluation.manifest import manifest
from reslib import ExtractionWorker, ResearchDatabase
from reslib.models import Attachment, Job

#: Formats that reslib promises to read. The others may say ``unsupported`` for now.
OURS = frozenset({"pdf", "docx", "docm", "epub", "rtf", "eml", "mbox", "txt", "csv", "tex", "html"})
TARGET = 0.97
#: Why a file ends otherwise than its manifest says, or lacks a word. The counts do not change.
EXPLAINED = {
    "chromium__pdfium__no_page_count.pdf": "the page tree does not say how many pages there are, "
    "and the three tools of the manifest give up. PDFium walks the tree; the text of the six "
    "pages it finds is what a reader sees, and refusing it would lose it",
    "pikepdf__pikepdf__cyclic-toc.pdf": "the same damage. PDFium finds the one page, which is "
    "blank; the document is marked empty, confidence 0",
    "jsvine__pdfplumber__issue-71-duplicate-chars.pdf": "the word is there, inside a longer run "
    "of Chinese characters that other tools broke in two",
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
    words: int
    missing: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether the manifest, or the leave given to other formats, allows the outcome."""
        if self.outcome == "unsupported" and self.format not in OURS:
            return True
        return self.outcome in self.expected

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
        worker = ExtractionWorker(db, num_workers=2, extraction_timeout=20, max_retries=0)
        jobs, job_of = {}, {}
        with worker:
            for row in rows:
                path = corpus / row["file"]
                attachment_id = db.add_attachment(filename=path.name, path=str(path))
                if attachment_id not in job_of:  # the same bytes are one document
                    job_of[attachment_id] = worker.enqueue(attachment_id)
                jobs[row["file"]] = (attachment_id, job_of[attachment_id])
            if not worker.wait(timeout=30 * len(rows)):
                raise SystemExit("the queue did not drain")
        return [_result(db, worker, row, *jobs[row["file"]]) for row in rows]


def _result(
    db: ResearchDatabase,
    worker: ExtractionWorker,
    row: dict[str, str],
    attachment_id: int,
    job_id: int | None,
) -> Result:
    job = worker.queue.get_job(job_id) if job_id is not None else None
    if job is None:
        raise SystemExit(f"{row['file']} got no job")
    outcome = outcome_of(job)
    expected = row["expected_words"] if outcome == "ok" or row["format"] in OURS else ""
    missing = missing_words(expected, db.get_attachment(attachment_id))
    return Result(
        file=row["file"],
        format=row["format"],
        category=row["category"],
        expected=frozenset(row["expected"].split("|")),
        outcome=outcome,
        message=job.error_message or "",
        words=len(expected.split()),
        missing=missing,
    )


def table(results: list[Result]) -> str:
    """Return the counts by category and format."""
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.category, result.format].append(result)
    lines = [
        f"{'category':10} {'format':7} {'files':>5} {'allowed':>7} {'disallowed':>10} "
        f"{'unknown':>7} {'with words':>10} {'all found':>9}"
    ]
    for (category, kind), group in [*sorted(groups.items()), (("all", ""), results)]:
        worded = [r for r in group if r.words]
        found = sum(not r.missing for r in worded)
        share = f"{found / len(worded):.1%}" if worded else "-"
        lines.append(
            f"{category:10} {kind:7} {len(group):5} {sum(r.allowed for r in group):7} "
            f"{sum(not r.allowed for r in group):10} "
            f"{sum(r.outcome == 'unknown' for r in group):7} {len(worded):10} {share:>9}"
        )
    return "\n".join(lines)


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder with manifest.csv")
    corpus = parser.parse_args().corpus
    if not (corpus / "manifest.csv").is_file():
        parser.error(f"{corpus} has no manifest.csv")
    start = time.perf_counter()
    results = run(corpus)
    print(table(results))
    disallowed = [r for r in results if not r.allowed]
    for result in disallowed:
        print(f"\nNOT ALLOWED {result.file}: {result.outcome}, may be {set(result.expected)}")
        print(f"    {result.message or result.explanation}")
    misses = [r for r in results if r.missing]
    for result in misses:
        print(f"\nMISSES WORDS {result.file}: {', '.join(result.missing)}")
        print(f"    {result.explanation}")
    unexplained = sum(not r.explanation for r in disallowed)
    unknown = sum(r.outcome == "unknown" for r in results)
    worded = [r for r in results if r.words]
    share = 1 - len(misses) / max(1, len(worded))
    print(
        f"\n{len(results)} files in {time.perf_counter() - start:.0f} s: "
        f"{len(disallowed)} not allowed ({unexplained} of them unexplained), {unknown} unknown, "
        f"all words in {share:.1%} of {len(worded)} files (target {TARGET:.0%})"
    )
    return 1 if unexplained or unknown or share < TARGET else 0


if __name__ == "__main__":
    sys.exit(main())
