"""The documents of ``hostile.py``, what each may end in, and which text it has to give.

Documents come from two places, neither of them part of reslib: a generator that makes bombs,
loops, broken files and strange names, and those of a corpus that are broken, encrypted or hostile.
Both state for each document the outcomes that are right. What they cannot know stands here: the
text of the valid ones, and why some end otherwise, where somebody has looked it up.
"""

from __future__ import annotations

import ast
import csv
import fnmatch
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from evaluation.corpus import PICTURES
from evaluation.manifest import manifest
from reslib.errors import printable

__all__ = ["Case", "corpus_cases", "generated_cases", "reason_for"]

_FOX = "The quick brown fox jumps over the lazy dog"
_PERMISSION_CASES = ("fs/mode_*.pdf", "fs/locked_dir/*")

#: What the text must contain when there is one, by name; the first pattern that fits counts.
#: Nothing is listed for documents whose damage may have hit the words.
_TEXTS = {
    "bombs/pdf_flate_1GiB.pdf": "BOMBHEAD visible text",
    "bombs/pdf_flate_twice_2GiB.pdf": "BOMBHEAD visible text",
    "bombs/pdf_form_doubling.pdf": "form doubling",
    "bombs/docx_overlap_125GB.docx": "overlap",
    "bombs/docx_billion_laughs_core.docx": "text is fine",
    "huge/pdf_50000_pages.pdf": "page 50000 of fifty thousand",
    "huge/docx_65000_entries.docx": "many entries",
    "huge/csv_one_line_1M_columns.csv": "x," * 1000,
    "loops/pdf_page_tree_cycle.pdf": "cycle page",
    "loops/pdf_prev_self.pdf": "prev loop",
    "loops/pdf_form_self.pdf": "form loop",
    "loops/pdf_length_self.pdf": "length loop",
    "loops/pdf_outline_self.pdf": "outline loop",
    "deep/pdf_nested_arrays_100k.pdf": "deep arrays",
    "deep/pdf_nested_dicts_20k.pdf": "deep dicts",
    "deep/pdf_q_100k.pdf": "deep q stack",
    "deep/pdf_page_chain_5000.pdf": "bottom page",
    "deep/docx_nested_tables_3000.docx": "innermost cell",
    "deep/html_nested_div_200k.html": "deep text",
    "deep/html_unclosed_b_100k.html": "unclosed text",
    "weird/pdf_count_2147483647.pdf": "only one page here",
    "weird/pdf_junk_before_header.pdf": _FOX,
    "weird/pdf_2MB_junk_after.pdf": _FOX,
    "weird/pdf_huge_mediabox.pdf": "huge box",
    "weird/docx_traversal.docx": "traversal",
    "weird/docx_renamed_part.docx": "the main part lives elsewhere",
    "weird/docx_utf16.docx": "utf sixteen text 你好",
    "weird/html_meta_lies.html": "Zürich naïve 你好",
    "weird/csv_field_1MB.csv": "q" * (1 << 20),
    "weird/csv_formula.csv": "=cmd|' /C calc'!A0",
    "weird/txt_utf16le_no_bom.txt": "Plain text in UTF-16 without a byte order mark",
    "weird/txt_utf16_bom.txt": "Text with BOM é你",
    "weird/txt_shift_jis.txt": "これは研究論文の要約です。日本語の文章を読み取ります。",
    "weird/txt_latin1.txt": "Müller schrieb über Größenordnungen: café, naïve, Ångström.",
    "weird/txt_control_chars.txt": "visible",
    "weird/tex_input_self.tex": "start end",
    "weird/tex_input_passwd.tex": "before after",
    "weird/tex_macro_loop.tex": r"x \a y",
    "weird/eicar_like.html": "not-the-real-string",
    "wrong_ext/pdf_*": _FOX,
    "wrong_ext/docx_*": "I am a Word file",
    "wrong_ext/html_*": "I am HTML",
    "wrong_ext/text_*": "just plain text",
    "fs/tree/inside.pdf": "inside the looping tree",
    "fs/link_to_good.pdf": "inside the looping tree",
    "fs/hardlink.pdf": "inside the looping tree",
    "names/*/deep.pdf": "deep path",
    "names/*": "name test file",
    "big/text_300MB.txt": "line 0013999 of a very long plain text file",
    "big/one_line_300MB.txt": "word word word",
    "big/csv_200MB.csv": 'alpha,139993,"quoted, text"',
}

#: Why a document ends otherwise than its maker says, or in ``unknown``: pattern, the outcome with
#: its code, the reason. The counts do not change.
_REASONS = (
    (
        "fs/dangling.pdf",
        "unknown: file_not_found",
        "nothing is there; the disk it was on may come back, so the contract has it retried",
    ),
    (
        "fs/tree/up",
        "unsupported: not_a_file",
        "the row is about walking: a folder is no document, and add_folder goes round no circle",
    ),
    *(
        (
            pattern,
            "unknown: permission_denied",
            "the rights may be mended, so the contract has it retried",
        )
        for pattern in _PERMISSION_CASES
    ),
    (
        "bombs/pdf_flate_*",
        "unknown: memory_limit",
        "PDFium inflates a stream as a whole and is stopped by the limit; more memory may be "
        "right for an honest document, so the contract has it retried",
    ),
    (
        "bombs/pdf_form_doubling.pdf",
        "unknown: memory_limit",
        "PDFium goes through forms inside forms until one of the limits ends it; which one comes "
        "first depends on the machine",
    ),
    *(
        (
            f"empty/zero.{suffix}",
            "corruption: empty_file",
            "a file of 0 bytes is what a download that failed leaves, whatever its name; the "
            "contract has an error code of its own for it",
        )
        for suffix in ("txt", "csv", "html", "tex")
    ),
    (
        "big/*",
        "unknown: output_limit",
        "more than 100 MB of text is refused at once, with the advice to split it: it is data, "
        "and the contract has no better type",
    ),
    (
        "chromium__pdfium__no_page_count.pdf",
        "ok: full",
        "the page tree does not say how many pages there are, and other tools give up; PDFium "
        "walks the tree and finds the text of six pages",
    ),
    (
        "pikepdf__pikepdf__cyclic-toc.pdf",
        "ok: empty",
        "the same damage; PDFium finds the one page, which is blank, and it is marked empty",
    ),
)
_ROOT_REASON = "run as root, whom permissions do not stop"


@dataclass(frozen=True)
class Case:
    """One document and what may become of it.

    Parameters
    ----------
    name
        Relative to where it comes from, as :func:`os.fsdecode` gives it.
    path
        Where it is.
    format, kind
        As its maker says.
    expected
        The outcomes that are right.
    text
        What its text must contain when there is one.
    words
        Words that its text must contain.
    """

    name: str
    path: str
    format: str
    kind: str
    expected: frozenset[str]
    text: str = ""
    words: str = ""

    @property
    def shown(self) -> str:
        """Its name on one line, safe for a terminal and a table."""
        name = printable(self.name)
        return name if len(name) <= 64 else f"{name[:40]}…{name[-20:]}"

    def allows(self, outcome: str) -> bool:
        """Whether the outcome is one its maker calls right.

        Pictures, whose text waits for OCR, may say so.
        """
        if outcome == "unsupported" and self.format in PICTURES:
            return True
        return outcome in self.expected


def generated_cases(generator: Path, folder: Path, *, big: bool) -> list[Case]:
    """Run the generator and return what it made.

    Parameters
    ----------
    generator
        The program; it takes a folder, and ``--big``, and leaves a list of what it made.
    folder
        Where to put the documents.
    big
        Whether to make those of hundreds of megabytes, too.
    """
    command = [sys.executable, "-W", "ignore", str(generator), str(folder)]
    subprocess.run(
        [*command, *(["--big"] if big else [])], check=True, stdout=subprocess.DEVNULL, timeout=600
    )
    listing = folder / "hostile.csv"
    with listing.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listing.unlink()  # it is no document
    cases = []
    for row in rows:
        name = os.fsdecode(ast.literal_eval(row["name_repr"]))
        text = next((t for p, t in _TEXTS.items() if fnmatch.fnmatchcase(name, p)), "")
        expected = frozenset(row["expected"].split("|"))
        path = os.path.join(folder, name)  # noqa: PTH118 - Path would tidy the names
        cases.append(Case(name, path, row["format"], row["kind"], expected, text))
    return cases


def corpus_cases(corpus: Path) -> list[Case]:
    """Return the broken, encrypted and hostile documents of the corpus.

    Parameters
    ----------
    corpus
        Folder with ``manifest.csv``.
    """
    return [
        Case(
            name=Path(row["file"]).name,
            path=str(corpus / row["file"]),
            format=row["format"],
            kind=row["category"],
            expected=frozenset(row["expected"].split("|")),
            words=row["expected_words"],
        )
        for row in manifest(corpus)
        if row["category"] in ("broken", "encrypted", "hostile")
    ]


def reason_for(case: Case, ending: str) -> str:
    """Return why a document ends otherwise than its maker says; empty when nobody knows.

    Parameters
    ----------
    case
        The document.
    ending
        ``"unknown: file_not_found"``, ``"ok: full"``.
    """
    for pattern, known, reason in _REASONS:
        if ending == known and fnmatch.fnmatchcase(case.name, pattern):
            return reason
    stoppable = any(fnmatch.fnmatchcase(case.name, pattern) for pattern in _PERMISSION_CASES)
    return _ROOT_REASON if stoppable and ending == "ok: full" and os.geteuid() == 0 else ""
