"""Table 3 of ``make bench``: whether sentences come out whole, and how long reading takes.

    python evaluation/text_quality.py [CORPUS]

Sentence recall and word recall of the raw output, as :mod:`.recall` defines them. The documents are
papers of others (CORPUS, by default ../shared/corpus), apart by whether the truth is the author's
source or what another tool read from the PDF, with its errors; and papers typeset here: in one
column, two columns, two columns drawn across each other, with raised and lowered pieces, with
numbers beside the lines, with tables on their side, and forms. Beside the readers, the version of
reslib before (``benchmarks/before_after.py``). At the end, the words of real PDFs that ran
together, and the same question for Word documents, by where the text stands.
"""

from __future__ import annotations

import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.before_after import BEFORE, NoSuchVersion, both
from benchmarks.measure import QUICK, Report, save
from evaluation import glued_words
from evaluation.hard_pages import build
from evaluation.manifest import BESIDE, manifest
from evaluation.readers import DEADLINE, PEERS, Peer
from evaluation.recall import sentence_recall, truth_sentences, word_recall
from evaluation.typeset import Truth, interleave, one_column, two_columns
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

#: Papers of the corpus that are set in two columns.
TWO_COLUMNS = ("N18-3011", "2020.acl-main.207", "two_column.pdf", "multicolumn", "lgbouma__timmy")
TWO_COLUMNS += ("StellarCartography",)
FEWEST = 10
TARGETS = {
    "corpus, two columns, source": 0.95,
    "own, two columns": 0.95,
    "own, interleaved columns": 0.89,
    "corpus, one column, source": 0.70,
}
#: Of the words of every class that is typeset here.
WORDS_TARGET = 0.99
#: Each document is read so often; the fastest time counts. Slow readers read it once.
ROUNDS = 1 if QUICK else 3
SLOW = ("pdfplumber", "pdfplumber, text flow", "pdfminer.six", "pypdf")
SEEDS = 1 if QUICK else 6
#: Builds of each class of hard pages.
MOST_BUILDS = 2 if QUICK else None


# --- reslib -------------------------------------------------------------------------------------


class Reslib:
    """reslib's sandbox; the seconds are those of the extractor in the child."""

    name = "reslib"
    hung = 0

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.wall: list[float] = []

    def read(self, path: Path) -> tuple[str, float]:
        """Return text and seconds."""
        began = time.perf_counter()
        outcome = self.sandbox.run(ExtractionRequest(str(path), timeout=120))
        self.wall.append(time.perf_counter() - began)
        if outcome.result is None:
            raise RuntimeError(str(outcome.failure))
        return outcome.result.text, (outcome.extraction_time_ms or 0.0) / 1000

    def close(self) -> None:
        """End the child."""
        self.sandbox.close()


# --- documents -----------------------------------------------------------------------------------


@dataclass
class Paper:
    """A document whose sentences are known, in pieces that have an order inside."""

    kind: str
    path: Path
    truth: Truth

    @property
    def sentences(self) -> list[str]:
        """All of them."""
        return [sentence for piece in self.truth for sentence in piece]

    @property
    def pages(self) -> int:
        """How many it has."""
        import pypdfium2

        document = pypdfium2.PdfDocument(self.path)
        try:
            return len(document)
        finally:
            document.close()


def corpus_documents(corpus: Path) -> list[Paper]:
    """Return each PDF of the corpus with enough truth."""
    found = []
    for row in manifest(corpus):
        if row["format"] != "pdf" or not row["truth_file"]:
            continue
        truth = truth_sentences(corpus / row["truth_file"], row["truth_kind"])
        if len(truth) < FEWEST:
            print(f"left out {row['file']}: {len(truth)} plain sentences in its source")
            continue
        two = any(name in row["file"] for name in TWO_COLUMNS)
        columns = "two columns" if two else "one column"
        # What another tool read has that tool's errors; only the author's words are the truth.
        by = "source" if re.match("author source|text by hand", row["truth_kind"]) else "other tool"
        found.append(Paper(f"corpus, {columns}, {by}", corpus / row["file"], [truth]))
    return found


def own_documents(folder: Path) -> list[Paper]:
    """Typeset papers."""
    found = []
    for seed in range(1, SEEDS + 1):
        one, two = folder / f"one-{seed}.pdf", folder / f"two-{seed}.pdf"
        mixed, plain = folder / f"mixed-{seed}.pdf", folder / f"plain-{seed}.pdf"
        found.append(Paper("own, one column", one, [one_column(one, seed)]))
        found.append(Paper("own, two columns", two, [two_columns(two, 100 + seed)]))
        truth = two_columns(plain, 200 + seed, mathematics=False)
        interleave(plain, mixed)
        found.append(Paper("own, interleaved columns", mixed, [truth]))
    found += [Paper(*made) for made in build(folder, MOST_BUILDS)]
    return found


# --- tables --------------------------------------------------------------------------------------


#: Recall of each document, by class and reader.
Scores = dict[str, dict[str, list[float]]]


def measure(papers: list[Paper], readers: list[Any]) -> tuple[Scores, Scores, dict[str, Any]]:
    """Have each reader read each paper; return recall of sentences and of words, ms a page."""
    scores: Scores = defaultdict(lambda: defaultdict(list))
    words: Scores = defaultdict(lambda: defaultdict(list))
    speeds: dict[str, list[float]] = defaultdict(list)
    for number, paper in enumerate(papers):
        pages = paper.pages
        turn = number % len(readers)
        for reader in readers[turn:] + readers[:turn]:
            times = []
            for _ in range(1 if reader.name in SLOW else ROUNDS):
                text, seconds = reader.read(paper.path)
                times.append(seconds)
            scores[paper.kind][reader.name].append(sentence_recall(paper.sentences, text))
            words[paper.kind][reader.name].append(word_recall(paper.truth, text))
            speeds[reader.name].append(min(times) * 1000 / pages)
    return scores, words, speeds


def measure_before(papers: list[Paper]) -> tuple[Scores, Scores] | None:
    """Return recall of sentences and of words of the version before, None when it is not there."""
    scores: Scores = defaultdict(lambda: defaultdict(list))
    words: Scores = defaultdict(lambda: defaultdict(list))
    try:
        with both(Path(__file__).with_name("text_sides.py")) as (before, _):
            for paper in papers:
                text = before.ask("read", path=str(paper.path))
                scores[paper.kind]["before"].append(sentence_recall(paper.sentences, text))
                words[paper.kind]["before"].append(word_recall(paper.truth, text))
    except NoSuchVersion as error:
        print(f"skipped the version before: {error}")
        return None
    return scores, words


def noise(ours: list[float], theirs: list[float]) -> float:
    """Return what the mean difference between two readers may be by the choice of documents.

    Half the 95 % interval of the mean difference, by drawing the documents 2,000 times anew
    (the percentile bootstrap of Efron, 1979).
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    draw = random.Random(1)
    means = sorted(
        statistics.mean(draw.choices(differences, k=len(differences))) for _ in range(2000)
    )
    return (means[1949] - means[50]) / 2


def tables(
    report: Report,
    scores: Scores,
    words: Scores,
    speeds: dict[str, list[float]],
    readers: list[Any],
    before: tuple[Scores, Scores] | None,
) -> None:
    """Add scores by class, speed, and whether the targets were met."""
    names = [reader.name for reader in readers]
    earlier = [f"reslib at {BEFORE}"] if before else []
    rows = []
    for kind, by_reader in sorted(scores.items()):
        means = {name: statistics.mean(by_reader[name]) for name in names}
        best = max(means.values())
        rows.append(_row(kind, means, by_reader, before and before[0]))
        below = means["pypdfium2"] - means["reslib"]
        allowed = max(noise(by_reader["reslib"], by_reader["pypdfium2"]), 0.002)
        report.expect(
            f"{kind}: not below pypdfium2",
            f"by more than noise, {allowed:.3f}",
            f"{-below:+.3f}",
            below <= allowed,
        )
        if "two columns" in kind or "interleaved" in kind:
            report.expect(
                f"{kind}: the best",
                f"{best:.3f}",
                f"{means['reslib']:.3f}",
                means["reslib"] >= best - 0.0005,
                ""
                if means["reslib"] >= best - 0.0005
                else f"{max(means, key=lambda name: means[name])} reads {best:.3f}",
            )
        if kind in TARGETS:
            report.expect(
                kind, f"{TARGETS[kind]}", f"{means['reslib']:.3f}", means["reslib"] >= TARGETS[kind]
            )
    report.table(
        "Share of the sentences that come out whole, mean over the documents",
        ["class", "documents", *names, *earlier],
        rows,
    )
    rows = []
    for kind, by_reader in sorted(words.items()):
        means = {name: statistics.mean(by_reader[name]) for name in names}
        rows.append(_row(kind, means, by_reader, before and before[1]))
        if kind.startswith("own"):
            report.expect(
                f"{kind}: words",
                f"{WORDS_TARGET}",
                f"{means['reslib']:.3f}",
                means["reslib"] >= WORDS_TARGET,
                "" if means["reslib"] >= WORDS_TARGET else _worst(by_reader["reslib"]),
            )
    report.table(
        "Share of the words that stand on their own and in order, mean over the documents",
        ["class", "documents", *names, *earlier],
        rows,
        "A word is what stands between white space, without punctuation at its ends; two that "
        "ran together are both lost. Right are 10^5 and m^-3, CO2 and Ca2+, and marks of "
        "footnotes and affiliations as words of their own. Of the corpus only sentences "
        "without formulas, citations and macros are in the truth.",
    )
    if before:
        _not_below_before(report, (scores, words), before)
    overall = {
        name: statistics.mean(
            statistics.mean(by_reader[name]) for _, by_reader in sorted(scores.items())
        )
        for name in names
    }
    speed = {name: statistics.median(speeds[name]) for name in names}
    on_it = [
        name
        for name in names
        if not any(overall[o] > overall[name] and speed[o] < speed[name] for o in names)
    ]
    rows = [
        [
            name,
            f"{overall[name]:.3f}",
            f"{speed[name]:.1f}",
            "yes" if name in on_it else "no",
            str(next(reader.hung for reader in readers if reader.name == name)),
        ]
        for name in sorted(names, key=lambda name: -overall[name])
    ]
    report.table(
        "Score and speed",
        ["reader", "mean of the classes", "ms a page", "on the frontier", "no answer"],
        rows,
        "On the frontier: no other reader is both better and faster. No answer: documents that "
        f"took over {DEADLINE} s or ended the reader's process.",
    )
    report.expect(
        "reslib is on the frontier",
        "nobody better and faster",
        f"{overall['reslib']:.3f} at {speed['reslib']:.1f} ms a page",
        "reslib" in on_it,
    )
    report.figures["ms_per_page"] = speed["reslib"]


def _row(
    kind: str, means: dict[str, float], by_reader: dict[str, list[float]], before: Scores | None
) -> list[str]:
    """Return a row of the tables of recall, the best of the readers in bold."""
    best = max(means.values())
    cells = [f"**{mean:.3f}**" if mean == best else f"{mean:.3f}" for mean in means.values()]
    if before:
        cells.append(f"{statistics.mean(before[kind]['before']):.3f}")
    return [kind, str(len(by_reader["reslib"])), *cells]


def _not_below_before(
    report: Report, now: tuple[Scores, Scores], before: tuple[Scores, Scores]
) -> None:
    """Add whether any class reads worse than with the version before."""
    for what, after, earlier in zip(("sentences", "words"), now, before, strict=True):
        below = {
            kind: statistics.mean(by_reader["reslib"]) - statistics.mean(earlier[kind]["before"])
            for kind, by_reader in sorted(after.items())
        }
        kind = min(below, key=lambda kind: below[kind])
        report.expect(
            f"no class below {BEFORE} in {what}",
            "0 at least",
            f"{below[kind]:+.3f} ({kind})",
            below[kind] > -0.0005,
            ", ".join(f"{k} {v:+.3f}" for k, v in below.items() if v <= -0.0005),
        )


def _worst(recalls: list[float]) -> str:
    return f"document {recalls.index(min(recalls)) + 1} of the class reads {min(recalls):.3f}"


def main(corpus: Path) -> int:
    """Measure, print, keep."""
    installed = [
        name
        for name, (needs, _) in PEERS.items()
        if (shutil.which(needs) if name == "pdftotext" else find_spec(needs))
    ]
    missing = [name for name in PEERS if name not in installed]
    with tempfile.TemporaryDirectory() as folder:
        papers, others = own_documents(Path(folder)), []
        if (corpus / "manifest.csv").exists():
            others = corpus_documents(corpus)
            papers = (others[:3] if QUICK else others) + papers
        else:
            print(f"skipped the papers of others: there is no {corpus}")
        readers: list[Any] = [Reslib(), *map(Peer, installed)]
        try:
            for reader in readers:  # libraries are imported, children are up
                reader.read(papers[-1].path)
            readers[0].wall.clear()
            scores, words, speeds = measure(papers, readers)
        finally:
            for reader in readers:
                reader.close()
        before = measure_before(papers)
    report = Report(
        name="text_quality",
        title="Text quality beside speed",
        how=(
            "Sentence recall: the share of a paper's sentences that stand in the text word for "
            "word, white space collapsed. Word recall: the share of its words that stand in the "
            "text as words of their own and in order, the longest common subsequence of both. "
            'Papers of class "own" are made here. '
            + (
                "Classes of the corpus are papers of others, which are not part of this "
                "repository; their truth is the author's source or, marked so, what another tool "
                "read. "
                if others
                else f"The papers of others were not there ({corpus}). "
            )
            + "Each reader is in a "
            f"process of its own that has imported its library; each document is read {ROUNDS} "
            f"times and the fastest counts, once by {', '.join(SLOW)}. The time is that of "
            "reading; reslib's is its extractor's in the child, and its wall time through the "
            f"sandbox was {statistics.median(readers[0].wall) * 1000:.0f} ms a document, median."
            + (f" Not installed: {', '.join(missing)}." if missing else "")
        ),
        packages=["pypdfium2", "pdfplumber", "pdfminer.six", "pypdf"],
    )
    tables(report, scores, words, speeds, readers, before)
    table, target = glued_words.report_on(corpus)
    report.add(table)
    report.targets.append(target)
    if not QUICK:
        from evaluation import docx_quality

        print("\nWord documents")
        print(docx_quality.table(corpus if corpus.exists() else None))
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE))
