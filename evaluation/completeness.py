"""What of a document reslib reads and what other tools do, by format and kind of part.

::

    python evaluation/completeness.py ../shared/corpus --peers /tmp/peers/bin/python
    python evaluation/completeness.py ... --write benchmarks/results/completeness.md

Documents are made here with a marker word in each kind of part (``marks.py``); a part is read when
its marker stands in the text, as a word of its own, or in what else the tool found. A corpus with a
manifest adds the words that several other tools found in documents of others. The other tools are
no requirements of the project: they are read with the Python in which they are installed, such as

::

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install 'markitdown[docx,pptx,xlsx]' kreuzberg pypandoc_binary

and what is absent is said. Exit code 1 when reslib reads less of a part than the best of them by
more than a point, other than where leaving it out is right (``RIGHT``).
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation import marked_odf, marked_plain, marked_sheets, marked_slides, marked_word
from evaluation.manifest import manifest
from evaluation.marks import Marked, found
from reslib.errors import printable

TOOLS = ("reslib", "markitdown", "kreuzberg", "pandoc")
_SIDE = Path(__file__).with_name("completeness_side.py")
_PATIENCE = 900
#: Parts, by document, in which less than the best is right, and why.
RIGHT = {
    ("8 files", "html"): "the word that is missing is not in the file: the tools of the manifest "
    "write an arrow so",
}


@dataclass
class Tool:
    """What a tool made of all documents.

    Parameters
    ----------
    name, version
        Of the tool; no version when it is absent.
    words
        The words it found, by the name of the document; none where it gave an error.
    seconds
        Processor time of a document.
    errors
        Why it did not read a document.
    """

    name: str
    version: str = ""
    words: dict[str, set[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def made() -> list[Marked]:
    """Return all documents that are made here."""
    makers = (
        *(marked_word.docx, marked_slides.pptx, marked_sheets.xlsx),
        *(marked_odf.odt, marked_odf.fodt, marked_odf.odp, marked_odf.ods),
        *(marked_plain.epub, marked_plain.rtf, marked_plain.html, marked_plain.eml),
        *(marked_plain.mbox, marked_plain.ipynb, marked_plain.tex, marked_plain.jats),
        marked_plain.markdown,
    )
    return [make() for make in makers]


def read_with(name: str, python: str, paths: Mapping[str, Path], raw: Mapping[str, str]) -> Tool:
    """Have a tool read documents.

    Parameters
    ----------
    name
        Of the tool.
    python
        The interpreter in which it is installed.
    paths
        The documents by their names.
    raw
        Of documents, a word that a tool gives only when it gives back their source.
    """
    done = subprocess.run(
        [python, str(_SIDE), name],
        input="".join(f"{path}\n" for path in paths.values()),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    tool = Tool(name)
    answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    if not answers or "version" not in answers[0]:
        return tool
    tool.version = answers[0]["version"]
    # A tool that died over a document has no answers from there on.
    for document, answer in zip(paths, answers[1:], strict=False):
        words = found(answer.get("text", ""))
        if raw.get(document) in words:
            tool.errors[document] = "gave back the source"
        elif "text" in answer:
            tool.words[document] = words
            tool.seconds[document] = answer["seconds"]
        else:
            tool.errors[document] = printable(answer["error"])
    return tool


Row = tuple[str, str, list[int | None], int]


def parts(documents: Sequence[Marked], tools: Sequence[Tool], *, absent: bool = False) -> list[Row]:
    """Return of each format and part how many markers each tool read, and how many there are.

    None stands for a tool that does not read the document at all.
    """
    rows: list[Row] = []
    for document in documents:
        groups: dict[str, set[str]] = defaultdict(set)
        for word, part in (document.absent if absent else document.parts).items():
            groups[part].add(word)
        for part, words in groups.items():
            read = [tool.words.get(document.name) for tool in tools]
            counts = [None if w is None else len(words & w) for w in read]
            rows.append((document.name, part, counts, len(words)))
    return rows


def behind(rows: Sequence[Row]) -> list[Row]:
    """Return the parts of which the first tool reads less than the best by more than a point."""
    found = []
    for row in rows:
        first, *others = (count or 0 for count in row[2])
        if 100 * first < 100 * max(others, default=0) - row[3]:
            found.append(row)
    return found


def _cell(count: int | None, whole: int) -> str:
    return "-" if count is None else f"{count}/{whole}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def part_table(rows: Sequence[Row], tools: Sequence[Tool]) -> str:
    """Return the counts of parts as Markdown."""
    head = ["document", "part", *(tool.name for tool in tools)]
    made = [
        [name, part, *(_cell(count, whole) for count in counts)]
        for name, part, counts, whole in rows
    ]
    return _table(head, made)


def time_table(kinds: Mapping[str, str], tools: Sequence[Tool]) -> str:
    """Return the milliseconds of processor time a document, by format, as Markdown.

    Parameters
    ----------
    kinds
        The format of each document by its name.
    tools
        What read them.
    """
    rows = []
    for kind in sorted(set(kinds.values())):
        names = [name for name, other in kinds.items() if other == kind]
        cells = []
        for tool in tools:
            taken = [tool.seconds[name] for name in names if name in tool.seconds]
            cells.append(f"{1000 * sum(taken) / len(taken):.1f}" if taken else "-")
        rows.append([kind, str(len(names)), *cells])
    return _table(["format", "documents", *(tool.name for tool in tools)], rows)


def words_of_corpus(rows: Sequence[Mapping[str, str]], tools: Sequence[Tool]) -> list[Row]:
    """Return by format how many of the words of the manifest each tool found."""
    groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        groups[row["format"]].append(row)
    made: list[Row] = []
    for kind, group in sorted(groups.items()):
        counts: list[int | None] = []
        for tool in tools:
            read = [(row, tool.words.get(row["file"])) for row in group]
            hits = [len(set(row["expected_words"].split()) & w) for row, w in read if w is not None]
            counts.append(sum(hits) if hits else None)
        whole = sum(len(set(row["expected_words"].split())) for row in group)
        made.append((f"{len(group)} files", kind, counts, whole))
    return made


def _wanted(corpus: Path) -> list[dict[str, str]]:
    """Return the files of a corpus that hold words and are no PDFs or pictures."""
    left_out = ("pdf", "png", "jpg", "tif")
    return [r for r in manifest(corpus) if r["expected_words"] and r["format"] not in left_out]


def report(
    documents: Sequence[Marked], tools: Sequence[Tool], corpus: Sequence[Mapping[str, str]]
) -> tuple[str, list[Row]]:
    """Return all that is printed, as Markdown, and the parts in which reslib is behind."""
    present = [tool for tool in tools if tool.version]
    absent = ", ".join(tool.name for tool in tools if not tool.version) or "none"
    versions = ", ".join(f"{tool.name} {tool.version}" for tool in present)
    rows, unseen = parts(documents, present), parts(documents, present, absent=True)
    words = words_of_corpus(corpus, present)
    late = behind([*rows, *words])
    wrong = [row for row in late if row[:2] not in RIGHT]
    right = [
        f"- {name}, {part}: {RIGHT[name, part]}."
        for name, part, *_ in late
        if (name, part) in RIGHT
    ]
    kinds = {document.name: document.format for document in documents}
    kinds |= {row["file"]: row["format"] for row in corpus}
    named = [f"- {name}, {part}" for name, part, *_ in wrong] or ["None."]
    lines = [
        "# Completeness by kind of part",
        "",
        f"`python evaluation/completeness.py`, Python {platform.python_version()}, "
        f"{platform.system()}. {versions}; absent: {absent}. Of notebooks reslib was asked for the "
        "outputs too, which it leaves out unless asked. Metadata, tables and names of attachments "
        "count as read wherever a tool gives them; - is a tool that does not read the document, or "
        "gives back its source.",
        "",
        "## Parts in which reslib reads less than the best",
        "",
        *named,
        *(["", "Less than the best, and right so:", "", *right] if right else []),
        "",
        "## Parts of documents made here",
        "",
        part_table(rows, present),
        "",
        "## What nobody sees, and must not be read",
        "",
        part_table(unseen, present),
        "",
        "## Words of the corpus",
        "",
        part_table(words, present) if words else "No corpus was given.",
        "",
        "## Documents that a tool did not read",
        "",
        *(
            f"- {tool.name}, {name}: {error}"
            for tool in present
            for name, error in tool.errors.items()
        ),
        "",
        "## Milliseconds of processor time a document",
        "",
        time_table(kinds, present),
        "",
    ]
    return "\n".join(lines), wrong


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, nargs="?", help="folder with manifest.csv")
    parser.add_argument("--peers", default=sys.executable, help="Python with the other tools")
    parser.add_argument("--write", type=Path, help="also write what is printed to this file")
    parser.add_argument("--keep", type=Path, help="put the documents that are made here there")
    options = parser.parse_args()
    documents = made()
    corpus = _wanted(options.corpus) if options.corpus else []
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(exist_ok=True)
        paths = {}
        for document in documents:
            paths[document.name] = folder / document.name
            paths[document.name].write_bytes(document.content)
        paths |= {row["file"]: (options.corpus / row["file"]).resolve() for row in corpus}
        pythons = [sys.executable, *(options.peers for _ in TOOLS[1:])]
        raw = {document.name: document.raw for document in documents if document.raw}
        tools = [read_with(*pair, paths, raw) for pair in zip(TOOLS, pythons, strict=True)]
    text, wrong = report(documents, tools, corpus)
    print(text)
    if options.write is not None:
        options.write.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
