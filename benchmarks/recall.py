"""How much of a text was read right: the share of its sentences that are found word for word.

Only white space is collapsed. Hyphens, ligatures and the order of lines are what is measured, so
nothing cleans them away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

__all__ = ["sentence_recall", "sentences", "truth_sentences"]

_FEWEST_WORDS = 5
_END = re.compile(r"(?<=[a-z)][.!?])\s+(?=[A-Z])")
#: What every typesetter prints as it is written. A sentence with anything else in it (mathematics,
#: a citation, a macro, a quotation mark that the typesetter curls) is left out of the truth: the
#: rule looks at the source only, never at what anybody extracted.
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 ,.;:()/%-]+[.!?]")
_DOUBLE_HYPHEN = re.compile(r"--|\s-\s")


def sentences(text: str) -> list[str]:
    """Return the sentences of plain prose, white space collapsed."""
    collapsed = " ".join(text.split())
    return [s for s in _END.split(collapsed) if len(s.split()) >= _FEWEST_WORDS]


def sentence_recall(truth: Iterable[str], text: str) -> float:
    """Return the share of *truth* that stands in *text*, white space collapsed."""
    wanted = list(truth)
    haystack = " ".join(text.split())
    return sum(1 for sentence in wanted if sentence in haystack) / len(wanted)


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
