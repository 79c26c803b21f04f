"""The elements of JATS by the names that HTML has for them, and those that need more."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from reslib.extractors.htmltext import Collector
from reslib.extractors.xmlpapers.paperxml import local

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["HEADED", "TAGS", "join_labels", "special"]

#: What has a title that is a heading.
HEADED = frozenset(
    "sec app ack ref-list fn-group glossary notes abstract trans-abstract bio appendix "
    "boxed-text def-list".split()
)
_BLOCKS = dict.fromkeys(
    "sec app app-group ack bio notes glossary fn-group ref-list abstract trans-abstract statement "
    "boxed-text verse-group supplementary-material front-stub".split(),
    "section",
)
_LINES = dict.fromkeys("def-item verse-line speech attrib fn corresp array ref".split(), "div")
_SAME = {name: name for name in "p table thead tbody tfoot tr td th sup sub math".split()}
#: By their names without namespace; those that are not here stand inside a line.
TAGS = {
    **_BLOCKS,
    **_LINES,
    **_SAME,
    "title": "h2",
    "article-title": "h1",
    "subtitle": "h2",
    "trans-title": "h2",
    "trans-subtitle": "h2",
    "list": "ul",
    "list-item": "li",
    "def-list": "dl",
    "term": "dt",
    "def": "dd",
    "table-wrap": "figure",
    "table-wrap-foot": "div",
    "fig": "figure",
    "fig-group": "div",
    "media": "figure",
    "caption": "figcaption",
    "disp-formula": "p",
    "disp-quote": "blockquote",
    "preformat": "pre",
    "code": "pre",
    "break": "br",
    "alt-text": "p",
    "long-desc": "p",
    # Left out: numbers of machines, sources of pictures, what stands beside the words.
    "object-id": "",
    "graphic": "",
    "inline-graphic": "",
    "private-char": "",
    "processing-meta": "",
    "permissions": "",
    "custom-meta-group": "",
    "index-term": "",
    "annotation": "",
    "annotation-xml": "",
    "contrib-id": "",
}
_WITH_LABEL = frozenset("title p mixed-citation citation nlm-citation".split())
_BODY_OF_TEX = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)


def join_labels(root: etree._Element) -> None:
    """Move each label into the line that it stands before: ``1 Introduction``.

    Parameters
    ----------
    root
        What they are in; it is changed.
    """
    for label in list(root.iter("{*}label")):
        target = label.getnext()
        while target is not None and local(target) in ("caption", "object-id", ""):
            inner = next((c for c in target if local(c) in ("title", "p")), None)
            target = inner if inner is not None else target.getnext()
        if target is None or local(target) not in _WITH_LABEL or label.getparent() is None:
            continue
        words = " ".join("".join(map(str, label.itertext())).split())
        target.text = f"{words} {(target.text or '').lstrip()}"
        label.getparent().remove(label)  # type: ignore[union-attr]


def special(collector: Collector, element: etree._Element) -> bool:
    """Show an element for which a name is not enough; see :data:`~…paperxml.Show`."""
    name = local(element)
    if name == "tex-math":
        if not _has_other_form(element):
            text = element.text or ""
            body = _BODY_OF_TEX.search(text[:100_000])
            collector.data(f" {(body[1] if body else text).strip()} ")
        return True
    if name == "label":
        collector.data(f" {' '.join(''.join(map(str, element.itertext())).split())} ")
        return True
    if name in ("given-names", "surname", "suffix", "prefix"):
        before = element.getprevious()
        if before is not None and not (before.tail or "").strip():
            collector.data(" ")
    return False


def _has_other_form(element: etree._Element) -> bool:
    """True when the same formula stands beside it in MathML, which is read."""
    beside = (*islice(element.itersiblings(), 4), *islice(element.itersiblings(preceding=True), 4))
    return any(local(one) == "math" for one in beside)
