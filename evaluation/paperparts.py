"""The parts of first pages in Typst's language: the sheet, names with their marks, addresses."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.paperfacts import Author, Facts

__all__ = [
    "ITALIC",
    "OTHER",
    "SANS",
    "SERIF",
    "addresses",
    "corresponding",
    "link",
    "marked",
    "over_all",
    "page",
    "pages_of",
    "text",
]

#: Typst brings the first and the last; the other is where DejaVu is installed.
SERIF, SANS, OTHER = "New Computer Modern", "DejaVu Sans", "Libertinus Serif"

#: What an address is set with.
ITALIC = ', style: "italic"'


def text(words: str) -> str:
    """Return words that mean themselves."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'#"{escaped}";'


def page(font: str, size: float, page: str, *, foot: str = "", head: str = "") -> list[str]:
    """Return the beginning of a source; head and foot of the first page, a number on the others."""
    return [
        f"#set page({page}, header: context if here().page() == 1 [{head}] else [#h(1fr) "
        f"#counter(page).display()], footer: context if here().page() == 1 [{foot}] else [])",
        f'#set text(font: "{font}", size: {size}pt, lang: "en", hyphenate: true)',
        "#set par(justify: true, first-line-indent: 1em, leading: 0.55em)",
        "#set super(typographic: false, size: 0.7em)",
    ]


def over_all(*parts: str, columns: int = 2) -> str:
    """Return what stands above the columns of a first page."""
    inner = "\n\n".join(parts)
    if columns == 1:
        return f"#[#set par(first-line-indent: 0pt, justify: false)\n{inner}]"
    return (
        '#place(top, scope: "parent", float: true, clearance: 1.5em)[#set par('
        f"first-line-indent: 0pt, justify: false)\n#block(width: 100%)[{inner}]]"
    )


def marked(authors: Sequence[Author], between: str, last: str, star: str, marks: str = "1") -> str:
    """Return the authors with raised marks behind their names."""
    shown = []
    for author in authors:
        own = [chr(96 + n) if marks == "a" else str(n) for n in author.places]
        mark = ",".join(own + ([star] if author.corresponding and star else []))
        shown.append(f"{text(author.name)}#super[{mark}]")
    if len(shown) == 1:
        return shown[0]
    return between.join(shown[:-1]) + last + shown[-1]


def addresses(facts: Facts, marks: str = "1", style: str = "") -> str:
    """Return the addresses, one below the other, with their marks."""
    lines = []
    for number, place in enumerate(facts.places, 1):
        mark = chr(96 + number) if marks == "a" else str(number)
        lines.append(f"#super[{mark}]{text(place)}")
    return f"#text(size: 0.85em{style})[{' #linebreak() '.join(lines)}]"


def corresponding(facts: Facts) -> Author:
    return next(author for author in facts.authors if author.corresponding)


def link(facts: Facts) -> str:
    return text(f"https://doi.org/{facts.doi}") if facts.doi else ""


def pages_of(facts: Facts) -> str:
    return f"{facts.volume % 90 + 1}–{facts.volume % 90 + 18}"
