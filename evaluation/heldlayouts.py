"""First pages in the manner of publishers that were written last, and scored once."""

from __future__ import annotations

import random

from evaluation.paperbody import body
from evaluation.paperfacts import Facts
from evaluation.paperparts import (
    OTHER,
    SANS,
    SERIF,
    addresses,
    corresponding,
    link,
    marked,
    over_all,
    page,
    pages_of,
    text,
)

__all__ = ["copernicus", "frontiers", "joss", "oxford", "thesis"]


def copernicus(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of geosciences: journal, pages and DOI above, dates below the addresses."""
    facts.has_keywords = False
    head = (
        f"#text(8pt)[{text(facts.journal)}, {facts.volume}, {pages_of(facts)}, {facts.year} "
        f"#linebreak() {link(facts)} #linebreak() © Author(s) {facts.copyright_year}. This work is "
        "distributed under the Creative Commons Attribution 4.0 License.]"
    )
    names = marked(facts.authors, ", ", ", and " if len(facts.authors) > 2 else " and ", "")
    top = over_all(
        f'#text(17pt, weight: "bold")[{text(facts.title)}]',
        f'#text(10pt, weight: "bold")[{names}]',
        addresses(facts),
        f"#text(9pt)[*Correspondence:* {text(corresponding(facts).name)} "
        f"({text(corresponding(facts).mail)})]",
        f"#text(9pt)[Received: {facts.received} – Discussion started: {facts.received} "
        "#linebreak() "
        f"Accepted: {facts.accepted} – Published: 3 {facts.month} {facts.year}]",
    )
    opening = f"*Abstract.* {text(facts.abstract)}"
    foot = "#text(8pt)[Published by Copernicus Publications on behalf of the European Union.]"
    sheet = 'paper: "a4", margin: (x: 1.7cm, y: 2.6cm), columns: 2'
    start = page(OTHER, 10, sheet, foot=foot, head=head)
    return [*start, top, opening, *body(facts, draw, "1 ", "bold")]


def frontiers(facts: Facts, draw: random.Random) -> list[str]:
    """A journal with a panel of editors and reviewers, who are no authors."""
    names = marked(facts.authors, ", ", " and ", "\\*")
    cited = ", ".join(f"{a.family or a.given} {a.given[0]}" for a in facts.authors[:5])
    panel = (
        f"TYPE Original Research #linebreak() PUBLISHED 14 {facts.month} {facts.year} #linebreak() "
        f"{text('DOI ' + facts.doi) if facts.doi else ''} #parbreak() *OPEN ACCESS* #parbreak() "
        f"EDITED BY #linebreak() {text('Maria Other')}, #linebreak() University of Elsewhere, "
        "Italy "
        f"#parbreak() REVIEWED BY #linebreak() {text('Peter Third')}, #linebreak() Hydro "
        "Institute, "
        f"Norway #linebreak() {text('Lin Fourth')}, #linebreak() Coast College, China #parbreak() "
        f"\\*CORRESPONDENCE #linebreak() {text(corresponding(facts).name)} #linebreak() "
        f"{text(corresponding(facts).mail)} #parbreak() RECEIVED {facts.received} #linebreak() "
        f"ACCEPTED {facts.accepted} #parbreak() CITATION #linebreak() {text(cited)} ({facts.year}) "
        f"{text(facts.title)}. #emph[{text(facts.journal)}] {facts.volume}:104512. #linebreak() "
        f"{text('doi: ' + facts.doi) if facts.doi else ''} #parbreak() COPYRIGHT #linebreak() © "
        f"{facts.copyright_year} {text(facts.short)}."
    )
    main = (
        f'#text(20pt, weight: "bold", font: "{SANS}")[{text(facts.title)}] #parbreak() '
        f"#text(11pt)[{names}] #parbreak() {addresses(facts)} #parbreak() {text(facts.abstract)} "
        f"#parbreak() KEYWORDS #parbreak() {text(', '.join(facts.keywords))}"
    )
    top = over_all(
        f"#grid(columns: (4.4cm, 1fr), gutter: 14pt, [#text(7pt)[{panel}]], [{main}])", columns=1
    )
    foot = f"#text(7pt)[{text(facts.journal)} #h(1fr) 01 #h(1fr) frontiersin.org]"
    sheet = 'paper: "a4", margin: (x: 1.5cm, y: 2cm)'
    return [*page(OTHER, 9.5, sheet, foot=foot), top, *body(facts, draw, "1. ", "bold")]


def joss(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of software: a bar aside with the DOI, headings without numbers."""
    facts.has_keywords = False
    facts.abstract = ""
    names = marked(facts.authors, ", ", ", and " if len(facts.authors) > 2 else " and ", "")
    bar = (
        f"*DOI:* {text(facts.doi) if facts.doi else 'N/A'} #parbreak() *Software* #linebreak() "
        "• Review #linebreak() • Repository #linebreak() • Archive #parbreak() *Editor:* "
        f"{text('Maria Other')} #parbreak() *Submitted:* {facts.received} #linebreak() "
        f"*Published:* 21 {facts.month} {facts.year} #parbreak() *License* #linebreak() Authors of "
        "papers retain copyright."
    )
    main = (
        f'#text(17pt)[{text(facts.title)}] #parbreak() #text(11pt, weight: "bold")[{names}] '
        f"#parbreak() {addresses(facts)}"
    )
    top = over_all(
        f"#grid(columns: (3.4cm, 1fr), gutter: 12pt, [#v(3cm) #text(8pt)[{bar}]], [{main}])",
        columns=1,
    )
    cited = f"{facts.short} ({facts.year}). {facts.title}."
    foot = (
        f"#text(7pt)[{text(cited)} #emph[{text(facts.journal)}], {facts.volume}(3), 4512. "
        f"{link(facts)} #h(1fr) 1]"
    )
    sheet = 'paper: "a4", margin: (x: 1.8cm, y: 2.4cm)'
    start = page(SANS, 9, sheet, foot=foot)
    return [*start, top, *body(facts, draw, "", "bold", indent="3.8cm")]


def oxford(facts: Facts, draw: random.Random) -> list[str]:
    """A journal with "doi" and "Advance Access" in its head, a structured abstract."""
    names = marked(facts.authors, ", ", " and ", "∗")
    kind = draw.choice(("Original Article", "Discovery Note", "Systematic Review"))
    head = (
        f"#text(7.5pt)[#emph[{text(facts.journal)}], {facts.volume}, {facts.year}, "
        f"{pages_of(facts)} #linebreak() {text('doi: ' + facts.doi) if facts.doi else ''} "
        f"#linebreak() Advance Access Publication Date: {facts.online} #linebreak() {kind}]"
    )
    first, *rest = facts.abstract.split(". ")
    top = over_all(
        "#line(length: 100%, stroke: 1pt)",
        f'#text(18pt, weight: "bold", font: "{SANS}")[{text(facts.title)}]',
        f'#text(12pt, weight: "bold", font: "{SANS}")[{names}]',
        addresses(facts),
        "#text(8pt)[∗To whom correspondence should be addressed. "
        f"{text(corresponding(facts).mail)} "
        f"#linebreak() Received on {facts.received}; accepted on {facts.accepted}]",
        f'#text(10pt, weight: "bold", font: "{SANS}")[Abstract]',
        f"#text(9pt)[{text(first + '. ' + '. '.join(rest))}]",
        f"#text(9pt)[*Key words:* {text('; '.join(facts.keywords))}]",
        columns=1,
    )
    foot = (
        f"#text(7pt)[© The Author(s) {facts.copyright_year}. Published by Oxford University Press. "
        "All rights reserved.]"
    )
    sheet = 'paper: "a4", margin: (x: 2cm, top: 3cm, bottom: 2.4cm)'
    start = page(OTHER, 10, sheet, foot=foot, head=head)
    return [*start, top, *body(facts, draw, "1 ", "bold")]


def thesis(facts: Facts, draw: random.Random) -> list[str]:
    """A report of an institute: a cover without an abstract, which stands on the next page."""
    facts.doi = ""
    facts.has_keywords = False
    names = ", ".join(text(author.name) for author in facts.authors)
    cover = (
        f"#align(center)[#v(3cm) #text(12pt)[{text(facts.places[0])}] #v(2cm) "
        f'#text(22pt, weight: "bold")[{text(facts.title)}] #v(1cm) #text(13pt)[{names}] #v(2cm) '
        f"#text(11pt)[Technical Report {facts.volume} #linebreak() {facts.month} {facts.year}]]"
        f"\n\n#pagebreak()\n\n*Abstract*\n\n{text(facts.abstract)}"
    )
    start = page(SERIF, 11, 'paper: "a4", margin: 2.8cm')
    return [*start, cover, *body(facts, draw, "1 ", "bold")]
