"""Table of ``make bench``: milliseconds a page of PDF, before and after, and where they go.

    python benchmarks/page_time.py [CORPUS]

Two versions of reslib read the same documents in turn (:mod:`.before_after`): the samples, papers
typeset here, and the ordinary and weird PDFs of CORPUS (by default ../shared/corpus) where it is
there. The time is processor time of the extractor in a process that has read a document before;
the fastest of the rounds counts. The profile is of a run of its own, because profiling slows
small functions down.
"""

from __future__ import annotations

import cProfile
import gc
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from benchmarks.before_after import BEFORE, NoSuchVersion, Side, both, serve
from benchmarks.measure import QUICK, Report, Table, Target, save
from evaluation.manifest import BESIDE, real_pdfs

SAMPLES = Path(__file__).parents[1] / "samples" / "papers"
ROUNDS = 3 if QUICK else 7
#: Documents of the corpus, and the most pages of a document in a quick look.
FEW, SHORT = 10, 30
#: Of what it was before.
TARGET = 1.1
#: Rows of the profile.
MOST = 14


@cache
def _extractor() -> Callable[[Path], Iterator[Any]]:
    """Return the extractor of PDFs; versions have it in different modules."""
    (point,) = entry_points(group="reslib.extractors", name="pdf")
    function: Callable[[Path], Iterator[Any]] = point.load().function
    return function


def read(path: str) -> dict[str, Any]:
    """Read a document; return processor milliseconds and pages, None when it cannot be read."""
    from reslib.errors import ExtractionError

    extract = _extractor()
    gc.collect()
    began = time.process_time()
    try:
        items = list(extract(Path(path)))
    except ExtractionError:
        return {"ms": None, "pages": 0}
    spent = (time.process_time() - began) * 1000
    given = [item for item in items if type(item).__name__ in ("Page", "str")]
    # A page that takes long is yielded twice, under its number; older versions know no numbers.
    numbers = {getattr(page, "number", None) or at for at, page in enumerate(given, 1)}
    return {"ms": spent, "pages": len(numbers)}


def profile(path: str) -> list[tuple[str, str, int, float]]:
    """Read a document under a profiler; return file, function, calls and own milliseconds."""
    extract, profiler = _extractor(), cProfile.Profile()
    profiler.runcall(lambda: list(extract(Path(path))))
    rows = []
    for entry in profiler.getstats():
        # What is built in has a name in the place of its code.
        code = entry.code
        file, name = ("", code) if isinstance(code, str) else (code.co_filename, code.co_name)
        rows.append((_module(file), name, entry.callcount, entry.inlinetime * 1000))
    return rows


def _module(file: str) -> str:
    """Return the file as tables name it: reslib's by its name, others by their package."""
    parts = Path(file).parts
    if "reslib" in parts:
        return parts[-1]
    if "pypdfium2" in parts or "pypdfium2_raw" in parts:
        return "pypdfium2"
    return "Python and its library"


def documents(folder: Path, corpus: Path) -> list[Path]:
    """Return what is read; papers are typeset into *folder*."""
    from evaluation.hard_pages import build
    from evaluation.typeset import one_column, two_columns

    found = sorted(SAMPLES.glob("*.pdf"))
    for seed in (1, 2):
        one, two = folder / f"one-{seed}.pdf", folder / f"two-{seed}.pdf"
        one_column(one, seed)
        two_columns(two, seed)
        found += [one, two]
    found += [path for _, path, _ in build(folder, 2)]
    real = real_pdfs(corpus)
    if QUICK:
        real = [row for row in real if int(row["pages"] or 0) <= SHORT][:FEW]
    return found + [corpus / row["file"] for row in real]


def compare(paths: list[Path]) -> tuple[list[Table], list[Target]]:
    """Read all documents with both versions; return tables and targets."""
    with both(Path(__file__)) as sides:
        for side in sides:
            side.ask("read", path=str(paths[0]))
        taken = list(_in_turn(paths, sides))
        pages = sum(pages for _, pages, _ in taken)
        profiles: list[list[Any]] = [[], []]
        for path, _, _ in taken:
            for side, rows in zip(sides, profiles, strict=True):
                rows += side.ask("profile", path=str(path))
    totals = [sum(times[side] for _, _, times in taken) / pages for side in (0, 1)]
    medians = [
        statistics.median(times[side] / count for _, count, times in taken) for side in (0, 1)
    ]
    ratios = [times[1] / times[0] for _, _, times in taken]
    middle, whole = statistics.median(ratios), totals[1] / totals[0]
    columns = ["", f"before ({BEFORE})", "after", "after by before"]
    worst = sorted(zip(ratios, taken, strict=True), key=lambda pair: -pair[0])[:3]
    speed = Table(
        f"Milliseconds a page, {len(taken)} documents of {pages:,} pages",
        columns,
        [
            ["median of the documents", *(f"{ms:.2f}" for ms in medians), f"{middle:.2f}"],
            ["all pages together", *(f"{ms:.2f}" for ms in totals), f"{whole:.2f}"],
        ],
        f"Processor time of the extractor, the fastest of {ROUNDS} rounds in turn. The ratio of "
        "the median is the median of the documents' ratios, which are "
        f"{min(ratios):.2f} to {max(ratios):.2f}; the largest: "
        + ", ".join(f"{path.name} {ratio:.2f}" for ratio, (path, _, _) in worst)
        + ".",
    )
    targets = [
        Target(what, f"{TARGET} at most", f"{ratio:.2f}", ratio <= TARGET)
        for what, ratio in (
            ("ms a page by before, median of the documents", middle),
            ("ms a page by before, all pages together", whole),
        )
    ]
    return [speed, *_profile_tables(profiles, pages, columns)], targets


def _in_turn(
    paths: list[Path], sides: tuple[Side, Side]
) -> Iterator[tuple[Path, int, tuple[float, float]]]:
    """Yield each document that both can read, with its pages and the fastest time of each.

    A round is all documents, so that the rounds of one document lie far apart.
    """
    times: dict[Path, tuple[list[float], list[float]]] = {path: ([], []) for path in paths}
    pages = dict.fromkeys(paths, 0)
    for turn in range(ROUNDS):
        for number, path in enumerate(paths):
            for index in (0, 1) if (turn + number) % 2 else (1, 0):
                answer = sides[index].ask("read", path=str(path))
                if answer["ms"] is not None:
                    times[path][index].append(answer["ms"])
                    pages[path] = max(pages[path], answer["pages"])
    for path, (before, after) in times.items():
        if before and after and pages[path]:
            yield path, pages[path], (min(before), min(after))


def _profile_tables(profiles: list[Any], pages: int, columns: list[str]) -> list[Table]:
    """Return the profile by file, and the functions that take most."""
    files: list[dict[str, float]] = [defaultdict(float), defaultdict(float)]
    functions: list[dict[str, tuple[float, float]]] = [{}, {}]
    for index, rows in enumerate(profiles):
        for module, function, calls, ms in rows:
            files[index][module] += ms / pages
            name = f"{module}: {function}"
            had = functions[index].get(name, (0.0, 0.0))
            functions[index][name] = (had[0] + ms / pages, had[1] + calls / pages)
    names = sorted(set(files[0]) | set(files[1]), key=lambda name: -files[1][name])
    by_file = Table(
        "Where the time goes, by file, milliseconds a page under the profiler",
        columns[:3],
        [[name, *(f"{side[name]:.2f}" for side in files)] for name in names
         if max(side[name] for side in files) >= 0.01],
        "Time in a function itself. What PDFium takes counts for the function that calls it.",
    )  # fmt: skip
    busiest = sorted(functions[1], key=lambda name: -functions[1][name][0])[:MOST]
    by_function = Table(
        "The functions that take most after, milliseconds and calls a page under the profiler",
        [*columns[:3], "calls before", "calls after"],
        [
            [
                _plain(name),
                *(f"{side.get(name, (0, 0))[0]:.2f}" for side in functions),
                *(f"{side.get(name, (0, 0))[1]:,.1f}" for side in functions),
            ]
            for name in busiest
        ],
    )
    return [by_file, by_function]


def _plain(name: str) -> str:
    """Return a function's name without what a table's cell cannot hold."""
    return name.replace("|", "/").replace("<", "").replace(">", "")


def main(corpus: Path) -> int:
    """Measure, print, keep."""
    report = Report(
        name="page_time",
        title="A page of PDF, before and after",
        how=(
            f"The version at {BEFORE} and the one that is checked out read the same documents in "
            "turn, each in a process of its own: the samples, papers typeset here, and, where "
            "they are there, the PDFs of others that are not part of this repository."
        ),
        packages=["pypdfium2"],
    )
    with tempfile.TemporaryDirectory(prefix="reslib-pages-") as folder:
        try:
            tables, report.targets = compare(documents(Path(folder), corpus))
        except NoSuchVersion as error:
            print(f"skipped: {error}")
            return 0
    for table in tables:
        report.add(table)
    return save(report)


if __name__ == "__main__":
    if sys.argv[1:] == ["side"]:
        serve({"read": read, "profile": profile})
    else:
        raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE))
