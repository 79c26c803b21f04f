"""Write ``docs/performance.md`` from what the benchmarks kept in ``results/``.

    python benchmarks/performance.py

Nothing in that page is written by hand but the words around the figures, which are here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import RESULTS, Table, markdown

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
#: The program behind each report, in the order of the page.
REPORTS = {
    "queues": "benchmarks/queues.py",
    "pipeline": "benchmarks/pipeline.py",
    "replacement": "benchmarks/replacement.py",
    "text_quality": "evaluation/text_quality.py",
    "page_time": "benchmarks/page_time.py",
    "growth": "benchmarks/growth.py",
    "footprint": "benchmarks/footprint.py",
}
#: How long people wait for a search, in milliseconds.
PATIENCE_MS = 1000
DAY = 24 * 3600

HEAD = """# How fast reslib is

Made by `python benchmarks/performance.py` from what `make bench` last kept of each; do not edit.

`make bench` repeats all of it in under 40 minutes on two cores and writes this page anew;
`make bench QUICK=1` takes a look in under five and keeps nothing. The packages that reslib is
compared with come with the extra `bench`. The machine on which this was recorded is shared with
others, so look at the ratios: sides take turns within each round. Figures are medians, in
parentheses the lowest and the highest. What is compared with a version before is measured with both
in one run; `make bench BEFORE=<commit>` names another.
"""


def load() -> list[dict[str, Any]]:
    """Return the reports that were kept."""
    found = []
    for name in REPORTS:
        path = RESULTS / f"{name}.json"
        if path.exists():
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return found


def section(report: dict[str, Any]) -> str:
    """Return the part of the page of one benchmark."""
    machine = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    parts = [
        f"## {report['title']}",
        report["how"],
        f"Recorded {report['recorded']} at {report['commit']}: {machine['cores']} cores of "
        f"{machine['processor']}, {machine['memory_gb']} GB, {machine['system']}, files on "
        f"{machine['file_system']}; Python {machine['python']}, SQLite {machine['sqlite']}"
        + (f"; {versions}." if versions else "."),
        *(markdown(Table(**table)) for table in report["tables"]),
    ]
    if report["targets"]:
        rows = [
            [t["what"], t["target"], t["reached"], "yes" if t["met"] else "**no**"]
            for t in report["targets"]
        ]
        limits = "\n".join(f"- {t['what']}: {t['limit']}" for t in report["targets"] if t["limit"])
        parts.append(markdown(Table("Targets", ["what", "target", "reached", "met"], rows, limits)))
    return "\n\n".join(parts)


def growth(figures: dict[str, float]) -> str:
    """Return the note on how cost grows, and from where on one machine is not enough."""
    papers, texts = figures.get("papers_per_second_2"), figures.get("short_texts_per_second")
    stored = figures.get("papers_stored_per_second")
    per_byte = figures.get("bytes_on_disk_per_byte_of_text")
    p99 = {size: figures.get(f"search_p99_ms_{size}") for size in (10_000, 100_000, 1_000_000)}
    lines = ["## How cost grows, and when one machine is not enough", ""]
    if papers and stored:
        lines += [
            f"**Documents per second.** Reading takes the time: two cores read {papers:,.0f} of "
            f"the mixed papers above a second, which is {papers * DAY:,.0f} a day. All writers of "
            f"one file take turns, and one writer ends and claims {stored:,.0f} of these papers a "
            "second, text and search index included. So reading could become "
            f"{stored / papers:,.0f} times as fast, by more cores, before writing is in its way; "
            "the number of jobs that wait or are done makes no difference.",
            "",
        ]
    if texts:
        lines += [
            f"Where there is nothing to read, {texts:,.0f} short texts a second went through the "
            "pool with two workers: what one job costs with its process, its transaction and its "
            "place in the index.",
            "",
        ]
    if per_byte:
        lines += [
            f"**Disk.** The file takes {per_byte:.1f} bytes a byte of text: the text itself, "
            "the search index over it, and the rows of queue and history.",
            "",
        ]
    known = {size: value for size, value in p99.items() if value is not None}
    if known:
        told = ", ".join(f"{value:,.0f} ms at {size:,}" for size, value in known.items())
        lines += [
            f"**Search.** The slowest hundredth of the searches takes {told} documents. It grows "
            "with the number of documents that have the words, because each of them is ranked.",
            "",
        ]
    largest, file = max(known, default=0), figures.get("bytes_on_disk_per_document")
    if known and file:
        # From the largest library that was measured, in proportion.
        total = largest * PATIENCE_MS / known[largest]
        lines += [
            f"**In total.** In proportion to {largest:,}, the slowest hundredth of the searches "
            f"takes {PATIENCE_MS / 1000:g} s in a library of {total / 1e6:,.1f} million documents "
            f"as long as an abstract, whose file has {total * file / 1e9:,.0f} GB. Nothing else "
            "that was measured is near a limit by then: claiming and tables cost the same whatever "
            "the number of jobs, and statistics what ended in the last 24 hours.",
            "",
        ]
    if papers:
        lines += [
            "**So one machine is enough** until more documents come in a day than its cores can "
            f"read (about {papers / 2 * DAY:,.0f} papers a core and day here), until several "
            "machines have to write (SQLite's locks are not safe on network disks), or until a "
            "search for common words over the whole library takes longer than people wait. Before "
            "the first of these, more cores help; after the others a server such as PostgreSQL "
            "does.",
            "",
        ]
    return "\n".join(lines)


def page(reports: list[dict[str, Any]]) -> str:
    """Return the whole page."""
    figures = {name: value for report in reports for name, value in report["figures"].items()}
    return "\n\n".join([HEAD.strip(), *map(section, reports), growth(figures).strip()]) + "\n"


def main() -> int:
    """Write the page; 1 when nothing was kept."""
    reports = load()
    if not reports:
        print("there are no results; run `make bench` first", file=sys.stderr)
        return 1
    PAGE.write_text(page(reports), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
