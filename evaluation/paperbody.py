"""What follows the first page of a paper: sections, a table, lists, works that are cited."""

from __future__ import annotations

import random

from evaluation.paperfacts import Facts
from evaluation.paperparts import text

__all__ = ["body"]

_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Introduction", ()),
    ("Study area", ("Climate", "Geology and soils")),
    ("Materials and methods", ("Field survey", "Statistical analysis of the residuals")),
    ("Results", ("Seasonal patterns", "What the models say about the northern stations")),
    ("Discussion", ("Limitations",)),
    ("Conclusions", ()),
)
_LAST = ("Acknowledgements", "Data availability", "Funding", "Author contributions")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")


def body(
    facts: Facts,
    draw: random.Random,
    numbers: str,
    look: str,
    *,
    centred: bool = False,
    indent: str = "0cm",
) -> list[str]:
    """Return the text of a paper, and keep its headings as facts.

    Parameters
    ----------
    facts
        Of the paper.
    draw
        Decides what is written.
    numbers
        The number of the first heading as it is printed; empty for none.
    look
        Words that say how headings look: ``bold``, ``italic``, ``capitals``.
    centred
        Whether headings stand in the middle.
    indent
        How far the text is from the left margin.
    """
    parts: list[str] = []
    at = 0

    def prose(count: int) -> str:
        nonlocal at
        sentences = [facts.sentences[(at + n) % 100] for n in range(count)]
        at += count
        return text(" ".join(sentences))

    def heading(words: str, level: int, number: str) -> None:
        shown = f"{number}{words}"
        capitals = level == 1 and ("capitals" in look or numbers.startswith("I"))
        shown = shown.upper() if capitals else shown
        facts.headings.append(shown)
        weight = "bold" if "bold" in look else "regular"
        style = "italic" if "italic" in look and level > 1 else "normal"
        size = "1.15em" if level == 1 and "bold" in look and not capitals else "1em"
        middle = centred or (numbers.startswith("I") and level == 1)
        aligned = f"#align({'center' if middle else 'left'})"
        parts.append(
            f"#block(above: 1.4em, below: 0.8em, sticky: true)[{aligned}[#par(justify: false, "
            f'first-line-indent: 0pt)[#text(size: {size}, weight: "{weight}", style: "{style}")'
            f"[{text(shown)}]]]]"
        )

    for number, (words, inside) in enumerate(_SECTIONS, 1):
        heading(words, 1, _number(numbers, number, 0))
        parts.append(prose(draw.randint(3, 6)))
        if number == 1:
            parts.append(_citing(facts, draw))
            parts.append(prose(3))
        for below, title in enumerate(inside, 1):
            heading(title, 2, _number(numbers, number, below))
            parts.append(prose(draw.randint(4, 8)))
        if number == 3:
            parts.append(f"*{draw.choice(('Note', 'Sampling', 'Hypothesis 1'))}.* {prose(2)}")
            parts.append("\n".join(f"+ {prose(1)}" for _ in range(3)))
            parts.append("$ y_i = alpha + beta x_i + epsilon_i $")
        if number == 4:
            parts.append(_table(draw))
    for words in _LAST[: draw.randint(0, len(_LAST))]:
        heading(words, 1, "")
        parts.append(prose(2))
    heading("References", 1, "")
    parts.append(_references(facts, draw.choice(("[1]", "1.", ""))))
    if indent == "0cm":
        return parts
    return [f"#pad(left: {indent})[", *parts, "]"]


def _number(numbers: str, section: int, below: int) -> str:
    """Return the number of a heading in the manner of that of the first."""
    if not numbers:
        return ""
    if numbers.startswith("I"):
        return f"{chr(64 + below)}. " if below else f"{_ROMAN[section - 1]}. "
    rest = numbers[1:]
    return f"{section}.{below}{rest}" if below else f"{section}{rest}"


def _citing(facts: Facts, draw: random.Random) -> str:
    """Return a sentence with the DOI of another work, as some first pages have."""
    return draw.choice(
        (
            "",
            text(f"This reply concerns an earlier paper (doi:{facts.other_doi})."),
            text(f"The data are at https://doi.org/{facts.other_doi} and are free to use."),
            text(f"See Brown (2011), https://doi.org/{facts.other_doi}."),
            f"#footnote[{text(f'https://doi.org/{facts.other_doi}')}]",
        )
    )


def _table(draw: random.Random) -> str:
    rows = [
        f"[Station {n}], [{draw.uniform(0, 9):.2f}], [{draw.randint(1, 99)}]" for n in range(1, 6)
    ]
    return (
        "#figure(table(columns: 3, stroke: (x: none, y: .4pt), [Site], [Range (m)], [Count], "
        f"{', '.join(rows)}), caption: [What was measured at each station])"
    )


def _references(facts: Facts, label: str) -> str:
    """Return the list of what is cited, with labels or with hanging indents."""
    entries = []
    for number, cited in enumerate(facts.cited, 1):
        link = f" https://doi.org/{cited.doi}" if cited.doi else ""
        mark = {"[1]": f"[{number}]", "1.": f"{number}.", "": ""}[label]
        entry = text(f"{cited.text}.{link}")
        hang = "2em" if mark else "1.4em"
        begin = f"#box(width: 2em)[{text(mark)}]" if mark else ""
        entries.append(
            f"#par(justify: false, first-line-indent: 0pt, hanging-indent: {hang})[{begin}{entry}]"
        )
    return "#text(size: 0.9em)[\n" + "\n\n".join(entries) + "\n]"
