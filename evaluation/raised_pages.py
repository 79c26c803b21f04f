"""Papers with raised and lowered pieces, typeset here with the words that are right.

Authors with numbered affiliations, exponents, chemistry, marks of references and footnotes. What
is right has the form that :mod:`.recall` documents.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from evaluation.typeset import Truth, compile_typst, prose

__all__ = ["raised_by_reportlab", "raised_by_typst"]

_PEOPLE = (
    "Jane Smith|Wei Zhang|Ana Lopes|Tomas Novak|Ingrid Dahl|Omar Haddad|Lucia Moretti|Peter Vogel"
).split("|")
_PLACES = (
    "Department of Coastal Research, University of the North|Institute for Archives and Maps|"
    "School of Applied Acoustics, Harbour College|Centre for the Study of Sediments"
).split("|")
_NOTES = (
    "The full archive is described by the municipal laboratory.|"
    "Values before the second season were read by hand.|"
    "A comparable instrument was lost in the northern estuary.|"
    "This follows the convention of the earlier surveys.|"
    "Both manuscripts are kept beside the old harbour."
).split("|")
_MINUS = "\u2212"
#: Sentences with pieces in braces: ``{^exponent}``, ``{!mark}``, ``{_lowered}``, ``{+charge}``.
_RAISED = (
    "The catalogue holds 10{^5} light curves of the northern archive|"
    "Each station{!%m} reported more than 10{^4} readings in a season|"
    "The concentration of CO{_2} rose by %n percent near the harbour|"
    "We used the reference library{!%m} to convert the measurements|"
    "Samples of H{_2}O and CH{_4} were kept at the laboratory|"
    "A density of %n kg m{^-3} was assumed for the sediment|"
    "The mean of x{^2} grows with the number of participants|"
    "Uptake of Ca{+2+} and Na{++} by the vegetation was measured|"
    "An area of %n km{^2} was surveyed by both groups{!%m} in winter|"
    "Earlier surveys{!%m,%m} and the archive{!%m} disagree on this point|"
    "The rate fell to %n \u00d7 10{^-6} m s{^-1} during the campaign|"
    "Concentrations of NO{_3} and SO{_4} follow the same pattern"
).split("|")


def _pieces(marked: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of each piece; the kind of plain text is empty."""
    for number, part in enumerate(marked.replace("{", "}{").split("}")):
        if part.startswith("{"):
            yield part[1], part[2:]
        elif part or number == 0:
            yield "", part


def _true(marked: str, minus: str = "-") -> str:
    """Return what a sentence with marked pieces must read like."""
    before = {"": "", "^": "^", "!": " ", "_": "", "+": ""}
    text = "".join(before[kind] + text for kind, text in _pieces(marked))
    return text.replace("^-", f"^{minus}")


def _marked_sentences(draw: random.Random, count: int) -> list[str]:
    """Return that many sentences, every second one with raised or lowered pieces in it."""
    made, templates = [], [*_RAISED]
    for plain in prose(draw.randrange(10**6), count):
        made.append(plain)
        if not templates:
            templates = [*_RAISED]
        template = templates.pop(draw.randrange(len(templates)))
        while "%m" in template:
            template = template.replace("%m", str(draw.randint(1, 9)), 1)
        template = template.replace("%n", str(draw.randint(2, 97)))
        # A third of them end in a mark behind the full stop.
        made.append(
            template + "." + (f"{{!{draw.randint(10, 40)}}}" if draw.random() < 0.3 else "")
        )
    return made


def _names(draw: random.Random) -> tuple[str, list[str]]:
    """Return a line of authors with marks, and the lines of their places, each after its mark."""
    people = draw.sample(_PEOPLE, 4)
    line = ", ".join(
        f"{person}{{!{','.join(map(str, sorted(draw.sample(range(1, 5), draw.randint(1, 2)))))}}}"
        for person in people
    )
    return line, _PLACES


def raised_by_typst(
    path: Path, seed: int, *, columns: int = 1, formulas: bool = False, small: bool = False
) -> Truth:
    """Typeset authors with affiliations, marks, exponents and footnotes.

    Parameters
    ----------
    path, seed
        Where to, and what is drawn.
    columns
        One or two.
    formulas
        Whether exponents are set as formulas, and not as raised text.
    small
        Whether raised digits are made of smaller ones, and not the font's own.
    """
    draw = random.Random(seed)

    def typst(kind: str, text: str) -> str:
        if kind == "^":
            text = text.replace("-", _MINUS)
        if kind == "^" and formulas:
            return f'#h(0pt, weak: true)$""^({text})$'
        if kind == "_":
            return f"#sub(typographic: {str(not small).lower()})[{text}]"
        return f"#super(typographic: {str(not small).lower()})[{text}]" if kind else text

    def source(marked: str) -> str:
        return "".join(typst(kind, text) for kind, text in _pieces(marked))

    authors, places = _names(draw)
    head = [f"#align(center)[#text(12pt)[{source(authors)}]]"]
    head += [f"#align(center)[{source(f'{{!{n}}}')}{place}]" for n, place in enumerate(places, 1)]
    parts = [
        f'#set page(paper: "a4", margin: 2cm, columns: {columns}, numbering: "1")',
        '#set text(font: "New Computer Modern", size: 10pt, lang: "en", hyphenate: true)',
        "#set par(justify: true, first-line-indent: 1em)",
        '#place(top, scope: "parent", float: true)[' + "\n\n".join(head) + "]",
    ]
    truth: Truth = [[_true(authors)], [f"{n} {place}" for n, place in enumerate(places, 1)]]
    body: list[str] = []
    notes = 0
    marked = _marked_sentences(draw, 60)
    while marked:
        paragraph, marked = marked[:6], marked[6:]
        sources = [source(sentence) for sentence in paragraph]
        trues = [_true(sentence, _MINUS) for sentence in paragraph]
        if notes < len(_NOTES):
            # A footnote behind a word inside a sentence, as LaTeX writers put them.
            words = trues[0].split()
            at = len(words) // 2
            while not words[at].isalpha():
                at += 1
            notes += 1
            sources[0] = " ".join(
                [*words[:at], f"{words[at]}#footnote[{_NOTES[notes - 1]}]", *words[at + 1 :]]
            )
            trues[0] = " ".join([*words[: at + 1], str(notes), *words[at + 1 :]])
            truth.append([_NOTES[notes - 1]])
        parts.append(" ".join(sources))
        body += trues
    compile_typst(parts, path)
    return [body, *truth]


def raised_by_reportlab(path: Path, seed: int, *, columns: int = 1) -> Truth:
    """Typeset the same kind of paper the way of programs that raise the baseline."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    draw = random.Random(seed)

    def source(marked: str) -> str:
        return "".join(
            f"<{'sub' if kind == '_' else 'super'}>{text}</{'sub' if kind == '_' else 'super'}>"
            if kind
            else text
            for kind, text in _pieces(marked)
        )

    authors, places = _names(draw)
    style = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=13, spaceAfter=6)
    body = _marked_sentences(draw, 60)
    story = [Paragraph(source(authors), style)]
    story += [Paragraph(f"<super>{n}</super>{place}", style) for n, place in enumerate(places, 1)]
    story += [
        Paragraph(" ".join(map(source, body[at : at + 6])), style) for at in range(0, len(body), 6)
    ]
    width = 480 / columns
    frames = [Frame(56 + n * width, 56, width - 8, 720) for n in range(columns)]
    document = BaseDocTemplate(str(path))
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(story)
    return [
        [_true(sentence) for sentence in body],
        [_true(authors)],
        [f"{n} {place}" for n, place in enumerate(places, 1)],
    ]
