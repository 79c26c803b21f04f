"""Title, authors, DOI, year, headings and references of papers: how well they are told.

``python evaluation/metadata.py`` typesets papers in the manner of twenty-one publishers and series
with facts that are made up, and compares what reslib says with them. ``--corpus DIR`` adds papers
of that folder, whose facts are in :mod:`evaluation.corpuspapers`. ``--misses`` prints each thing
that was told wrong. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from evaluation.corpuspapers import PAPERS
from evaluation.paperlayouts import HELD, SEEN, UNSEEN, typeset_first_pages

__all__ = ["Told", "Truth", "main", "told_of"]

#: What the issue asks for.
TARGETS = {"title": 0.93, "authors": 0.85, "year": 0.9, "recall": 0.95, "precision": 0.85}
#: Headings that a layout may print on the line of the text; they count for nothing.
_EITHER = frozenset({"abstract", "keywords", "articleinfo", "summary", "ccsconcepts", "indexterms"})


@dataclass(slots=True)
class Truth:
    """The facts of a paper; None for what nobody can tell or nobody wrote down."""

    title: str | None
    authors: Sequence[str] | None
    year: int | None
    doi: str = ""
    headings: Sequence[str] | None = None
    abstract: str | None = None
    keywords: Sequence[str] | None = None
    cited: int | None = None
    cited_dois: Sequence[str] | None = None
    language: str | None = None


@dataclass(slots=True)
class Told:
    """What reslib says of a paper."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    year: int | None = None
    doi: str = ""
    headings: list[str] = field(default_factory=list)
    abstract: str = ""
    keywords: list[str] = field(default_factory=list)
    cited: int = 0
    cited_dois: list[str] = field(default_factory=list)
    language: str = ""


def told_of(path: Path) -> Told:
    """Return what reslib says of a PDF, from its pages alone."""
    from reslib.extractors.pdf.extractor import extract as pages_of
    from reslib.extractors.tables.pdftables import extract as structure_of
    from reslib.items import Metadata, Reference, Section

    told = Told()
    for item in pages_of(path, {}):
        if not isinstance(item, Metadata) or item.page is None:
            continue
        if item.key == "author":
            told.authors.append(item.value)
        elif item.key == "keywords":
            told.keywords.append(item.value)
        elif item.key == "year":
            told.year = int(item.value)
        elif item.key == "description":
            told.abstract = item.value
        elif item.key in ("title", "doi", "language"):
            setattr(told, item.key, item.value)
    for found in structure_of(path):
        if isinstance(found, Section):
            told.headings.append(found.title)
        elif isinstance(found, Reference):
            told.cited += 1
            told.cited_dois += [found.doi] if found.doi else []
    return told


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in flat if c.isalnum())


def _heading(text: str) -> str:
    """Return the letters of a heading without its number."""
    return _plain(re.sub(r"^(?:\d+(?:\.\d+)*|[IVX]+|[A-H])[.\s|]+\s*", "", text))


def _f1(truth: Iterable[str], found: Iterable[str]) -> float:
    known, mine = {_plain(one) for one in truth}, {_plain(one) for one in found}
    total = len(known) + len(mine)
    return 2 * len(known & mine) / total if total else 1.0


def _alike(first: str, second: str) -> bool:
    a, b = _plain(first), _plain(second)
    return a == b or SequenceMatcher(None, a, b, autojunk=False).ratio() >= 0.97


class Score:
    """The score over many papers; each thing is counted where its truth is known.

    Parameters
    ----------
    is_verbose
        Whether what is wrong is printed.
    """

    def __init__(self, *, is_verbose: bool = False) -> None:
        self._values: dict[str, list[float]] = {}
        self._counts = {"headings": 0, "found": 0, "right": 0}
        self.wrong_dois: list[str] = []
        self.papers = 0
        self._is_verbose = is_verbose

    def add(self, name: str, truth: Truth, told: Told) -> None:
        """Take one paper."""
        self.papers += 1
        self._values.setdefault("title", [])
        if truth.title is not None:
            right = _alike(truth.title, told.title) if truth.title else not told.title
            self._take(name, "title", float(right), truth.title, told.title)
        if truth.authors is not None:
            score = _f1(truth.authors, told.authors)
            self._take(name, "authors", score, truth.authors, told.authors)
        if truth.year is not None:
            self._take(name, "year", float(truth.year == told.year), truth.year, told.year)
        if told.doi and told.doi.lower() != truth.doi.lower():
            self.wrong_dois.append(f"{name}: {told.doi}, not {truth.doi or 'any'}")
        if truth.doi:
            same = told.doi.lower() == truth.doi.lower()
            self._take(name, "DOI found", float(same), truth.doi, told.doi)
        if truth.abstract is not None:
            score = _f1(truth.abstract.split(), told.abstract.split())
            self._take(name, "abstract", score, truth.abstract[-40:], told.abstract[-40:])
        if truth.keywords is not None:
            score = _f1(truth.keywords, told.keywords)
            self._take(name, "keywords", score, truth.keywords, told.keywords)
        if truth.language is not None:
            same = truth.language == told.language
            self._take(name, "language", float(same), truth.language, told.language)
        if truth.cited is not None:
            near = abs(told.cited - truth.cited) <= 0.05 * truth.cited
            self._take(name, "references counted", float(near), truth.cited, told.cited)
        if truth.cited_dois is not None:
            score = _f1(truth.cited_dois, told.cited_dois)
            self._take(name, "references' DOIs", score, truth.cited_dois, told.cited_dois)
        if truth.headings is not None:
            self._headings(name, truth.headings, told.headings)

    def _take(self, name: str, what: str, score: float, truth: object, told: object) -> None:
        self._values.setdefault(what, []).append(score)
        if self._is_verbose and score < 1:
            print(f"  {name}, {what} {score:.2f}: {truth!r}, told {told!r}")

    def _headings(self, name: str, truth: Sequence[str], told: Sequence[str]) -> None:
        known = [one for one in map(_heading, truth) if one not in _EITHER]
        mine = [one for one in map(_heading, told) if one not in _EITHER]
        left = list(mine)
        missed = []
        for one in known:
            if one in left:
                left.remove(one)
            else:
                missed.append(one)
        self._counts["headings"] += len(known)
        self._counts["found"] += len(mine)
        self._counts["right"] += len(known) - len(missed)
        if self._is_verbose and (missed or left):
            print(f"  {name}, headings missed: {missed}; none: {left}")

    def means(self) -> dict[str, float]:
        """Return the mean of each thing that was counted."""
        means = {what: sum(all_) / len(all_) for what, all_ in self._values.items() if all_}
        if self._counts["headings"]:
            means["recall"] = self._counts["right"] / self._counts["headings"]
            means["precision"] = self._counts["right"] / max(1, self._counts["found"])
        return means

    def misses_targets(self) -> list[str]:
        """Return the targets that were not reached."""
        means = self.means()
        low = [what for what, least in TARGETS.items() if means.get(what, 1.0) < least]
        return [*low, *self.wrong_dois]


_COLUMNS = (
    "title|authors|year|DOI found|recall|precision|abstract|keywords|language|references counted"
    "|references' DOIs"
).split("|")


def _row(name: str, score: Score) -> str:
    means = score.means()
    cells = [f"{means[what]:.2f}" if what in means else "-" for what in _COLUMNS]
    wrong = str(len(score.wrong_dois))
    return f"| {name} | {score.papers} | {' | '.join([*cells[:4], wrong, *cells[4:]])} |"


def _head() -> str:
    names = [
        *("layout", "papers", "title", "authors' F1", "year", "DOI found", "DOI wrong"),
        *("headings' recall", "headings' precision", "abstract", "keywords", "language"),
        *("references counted", "references' DOIs"),
    ]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def _typeset(
    layouts: Iterable[str], seeds: Iterable[int], *, is_verbose: bool
) -> tuple[Score, dict[str, Score]]:
    everything, by_layout = Score(), {name: Score(is_verbose=is_verbose) for name in layouts}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "paper.pdf")
        for seed in seeds:
            for layout, score in by_layout.items():
                facts = typeset_first_pages(path, layout, seed)
                truth = Truth(
                    facts.title,
                    [author.name for author in facts.authors],
                    facts.year,
                    facts.doi,
                    facts.headings,
                    facts.abstract or None,
                    facts.keywords if facts.has_keywords else None,
                    len(facts.cited),
                    [cited.doi for cited in facts.cited if cited.doi],
                    "en",
                )
                told = told_of(path)
                score.add(f"{layout} {seed}", truth, told)
                everything.add(f"{layout} {seed}", truth, told)
    return everything, by_layout


def _of_corpus(folder: Path, *, is_verbose: bool) -> Score:
    """Score the papers of a corpus that are there."""
    score = Score(is_verbose=is_verbose)
    paths = {path.name: path for path in folder.rglob("*.pdf")}
    for name, truth in PAPERS.items():
        if name in paths:
            score.add(name, Truth(**truth), told_of(paths[name]))
        else:
            print(f"  {name} is not in {folder.name}: skipped")
    return score


def main() -> int:
    """Typeset, read, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=8, help="papers of each layout")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--layouts", choices=("seen", "unseen", "held", "all"), default="all")
    parser.add_argument("--corpus", type=Path, help="folder with papers whose facts are known")
    parser.add_argument("--misses", action="store_true", help="print what was told wrong")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    sets = {"seen": SEEN, "unseen": UNSEEN, "held": HELD}
    missed: list[str] = []
    for name, layouts in sets.items():
        if given.layouts in (name, "all"):
            score, rows = _typeset(layouts, seeds, is_verbose=given.misses)
            print(f"\nLayouts {name}, seeds {seeds.start} to {seeds.stop - 1}\n\n{_head()}")
            print("\n".join(_row(layout, each) for layout, each in rows.items()))
            print(_row(f"**all {name}**", score), flush=True)
            missed += score.misses_targets()
    if given.corpus is not None:
        score = _of_corpus(given.corpus, is_verbose=given.misses)
        print(f"\nCorpus\n\n{_head()}\n{_row('corpus', score)}")
        missed += score.misses_targets()
    print(f"\nBelow the target: {'; '.join(missed) or 'nothing'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
