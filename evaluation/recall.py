"""How much of a text was read right: its sentences word for word, and its words in order.

*Sentence recall* is the share of the sentences that stand in the text, white space collapsed and
nothing else: hyphens, ligatures and the order of lines are measured, so nothing cleans them away.
It does not say how near a sentence that was missed came.

*Word recall* is the share of the words that stand in the text as words of their own and in
order: the longest common subsequence of both, by what stands between white space. Two words that
ran together are two words lost, and so is a word that a line's end cut in two. Punctuation at
the ends of a word is not compared, nor is the drawing of a letter or a sign (see ``word_forms``).

Both expect raised and lowered pieces in one form:

- an exponent after ``^``: ``10^5``, ``m^-3``, ``x^2``
- a mark of a footnote, a reference or an affiliation as a word of its own: ``Smith 1,2``,
  ``library 3 to``
- what is lowered, and the charge of an ion, joined: ``CO2``, ``H2O``, ``Ca2+``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "common_words",
    "plain_sentences",
    "sentence_recall",
    "sentences",
    "truth_sentences",
    "word_forms",
    "word_recall",
]

_FEWEST_WORDS = 5
_END = re.compile(r"(?<=[a-z)][.!?])\s+(?=[A-Z])")
#: What every typesetter prints as it is written. A sentence with anything else in it (mathematics,
#: a citation, a macro, a quotation mark that the typesetter curls) is left out of the truth: the
#: rule looks at the source only, never at what anybody extracted.
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 ,.;:()/%-]+[.!?]")
_DOUBLE_HYPHEN = re.compile(r"--|\s-\s")
#: Letters of formulas, which are drawn upright or slanted by one rule or another.
_MATHEMATICAL = re.compile("[\U0001d400-\U0001d7ff]")
#: What may stand before and after a word. A sign that is part of one (+ of an ion) is not here.
_EDGES = ".,;:!?()[]{}<>\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"


def sentences(text: str) -> list[str]:
    """Return the sentences of plain prose, white space collapsed."""
    collapsed = " ".join(text.split())
    return [s for s in _END.split(collapsed) if len(s.split()) >= _FEWEST_WORDS]


def sentence_recall(truth: Iterable[str], text: str) -> float:
    """Return the share of *truth* that stands in *text*, white space collapsed."""
    wanted = list(truth)
    haystack = " ".join(text.split())
    return sum(1 for sentence in wanted if sentence in haystack) / len(wanted)


def word_forms(text: str) -> list[str]:
    """Return what is compared of each word of *text*, in order.

    Words are what stands between white space, without punctuation at their ends. Letters of
    formulas are the letters they show, and a minus sign is a hyphen.
    """
    text = unicodedata.normalize("NFC", text).replace("\u2212", "-")
    text = _MATHEMATICAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    stripped = (word.strip(_EDGES) for word in text.split())
    return [word for word in stripped if word]


def word_recall(truth: Iterable[Iterable[str]], text: str) -> float:
    """Return the share of the words of *truth* that stand in *text* in order.

    Parameters
    ----------
    truth
        Pieces that have an order inside, each a series of sentences or other strings. Where a
        piece stands among the others (a footnote, a field) is not asked.
    text
        What was read.
    """
    found = word_forms(text)
    wanted = [word_forms(" ".join(piece)) for piece in truth]
    return sum(common_words(piece, found) for piece in wanted) / sum(map(len, wanted))


def common_words(wanted: Sequence[str], found: Sequence[str]) -> int:
    """Return the length of the longest common subsequence of two series of words.

    Bit by bit in one integer, as Hyyrö (2004, "Bit-parallel LCS-length computation revisited")
    has it: exact, and 100,000 words by 100,000 take two seconds.
    """
    places: dict[str, int] = {}
    for index, word in enumerate(wanted):
        places[word] = places.get(word, 0) | 1 << index
    ones = (1 << len(wanted)) - 1
    row = ones
    for word in found:
        if here := places.get(word):
            matched = row & here
            row = ((row + matched) | (row - matched)) & ones
    return len(wanted) - row.bit_count()


def truth_sentences(path: Path, kind: str) -> list[str]:
    """Return the sentences of a source that a reader must find in its PDF.

    Parameters
    ----------
    path
        The source.
    kind
        As the manifest of the corpus names it: LaTeX, markdown, TEI, text.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    if "LaTeX" in kind:
        blocks = _latex_paragraphs(text)
    elif "TEI" in kind:
        blocks = re.findall(r"<p\b[^>]*>(.*?)</p>", text, re.DOTALL)
    elif "markdown" in kind:
        blocks = _markdown_paragraphs(text)
    else:
        blocks = re.split(r"\n\s*\n", text)
    return plain_sentences(*blocks)


def plain_sentences(*blocks: str) -> list[str]:
    """Return the sentences of paragraphs that every typesetter prints as they are written."""
    found = [s for block in blocks for s in sentences(block)]
    return [s for s in found if _PLAIN.fullmatch(s) and not _DOUBLE_HYPHEN.search(s)]


def _latex_paragraphs(text: str) -> list[str]:
    text = re.sub(r"(?<!\\)%.*", "", text)
    body = text.partition(r"\begin{document}")[2] or text
    for name in ("figure", "table", "equation", "align", "lstlisting", "verbatim", "comment"):
        body = re.sub(rf"\\begin{{{name}\*?}}.*?\\end{{{name}\*?}}", "\n\n", body, flags=re.DOTALL)
    # A line that is a command of its own separates paragraphs.
    body = re.sub(r"(?m)^\s*\\(?:section|subsection|label|item|begin|end|maketitle).*$", "\n", body)
    return re.split(r"\n\s*\n", body.replace("~", " "))


def _markdown_paragraphs(text: str) -> list[str]:
    text = re.sub(r"(?s)\A---\n.*?\n---\n", "", text)
    text = re.sub(r"(?s)```.*?```", "\n\n", text)
    return [
        block
        for block in re.split(r"\n\s*\n", text)
        if not re.match(r"\s*(#|\||!\[|[-*+] |\d+\. |>|<)", block)
    ]
