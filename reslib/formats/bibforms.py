"""The look of bibliographies and of papers in LaTeX: by what they begin with."""

from __future__ import annotations

import re

__all__ = ["is_bibtex", "is_csl", "is_latex", "is_ris"]

_MARK = rb"(?:\xef\xbb\xbf)?\s*"
_RIS = re.compile(_MARK + rb"TY {1,3}- ?[A-Z]{3,8}[ \t\r]*\n")
_CSL_START = re.compile(_MARK + rb"\[\s*\{")
#: The types of works that CSL 1.0.2 and Crossref know (appendix III of its specification).
_CSL_TYPE = re.compile(
    rb'"type"\s*:\s*"(?:article(?:-journal|-magazine|-newspaper)?|journal-article|bill|book|'
    rb"broadcast|chapter|classic|collection|dataset|document|entry(?:-dictionary|-encyclopedia)?|"
    rb"event|figure|graphic|hearing|interview|legal_case|legislation|manuscript|map|motion_picture|"
    rb"musical_score|pamphlet|paper-conference|patent|performance|periodical|"
    rb"personal_communication|post(?:-weblog)?|regulation|report|review(?:-book)?|software|song|"
    rb'speech|standard|thesis|treaty|webpage)"'
)
_CSL_KEY = re.compile(rb'"(?:title|id|container-title|issued|DOI|author)"\s*:')
_BIBTEX = re.compile(
    rb"(?:[^@]{0,2000}\n)?[ \t]*@(?:article|book|inproceedings|incollection|phdthesis|techreport|"
    rb"misc|online|unpublished|mastersthesis|inbook|proceedings|string)\s{0,3}\{\s{0,20}[^\s,{}]{1,200}"
    rb"\s{0,20}[,=]",
    re.IGNORECASE,
)
_LATEX = re.compile(
    _MARK
    + rb"(?:%[^\n]*\n\s*|\\(?:RequirePackage|PassOptionsToPackage|pdfoutput)[^\n]{0,200}\n\s*)*+"
    rb"\\document(?:class|style)\s{0,3}[\[{]"
)


def is_ris(head: bytes) -> bool:
    """True when a file begins with an entry of RIS.

    Parameters
    ----------
    head
        Its first kilobytes.
    """
    return _RIS.match(head) is not None


def is_csl(head: bytes) -> bool:
    """True when a file begins as a bibliography in CSL-JSON does: an array of works.

    Parameters
    ----------
    head
        Its first kilobytes.
    """
    return (
        _CSL_START.match(head) is not None
        and _CSL_TYPE.search(head) is not None
        and len(set(_CSL_KEY.findall(head))) >= 2
    )


def is_bibtex(head: bytes) -> bool:
    """True when a file begins with an entry of BibTeX, maybe after a few words.

    Parameters
    ----------
    head
        Its first kilobytes.
    """
    return _BIBTEX.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def is_latex(head: bytes) -> bool:
    """True when a file begins with the class of a document in LaTeX, maybe after comments.

    Parameters
    ----------
    head
        Its first kilobytes.
    """
    return _LATEX.match(head) is not None
