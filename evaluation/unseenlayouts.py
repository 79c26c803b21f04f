"""First pages in the manner of publishers that were scored before any rule was changed for them."""

from __future__ import annotations

import random

from evaluation.paperbody import body
from evaluation.paperfacts import Facts
from evaluation.paperparts import (
    ITALIC,
    OTHER,
    SANS,
    addresses,
    corresponding,
    link,
    marked,
    over_all,
    page,
    pages_of,
    text,
)

__all__ = [
    "acl",
    "acm",
    "acm_blocks",
    "manuscript",
    "mdpi",
    "nature",
    "springer",
    "taylor",
    "wiley",
]


def acm(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of the ACM: names in capitals, each with where it is from."""
    shown = [
        f"#text(11pt)[{text(a.name.upper())}]#text(9pt)[, "
        f"{text(facts.places[a.places[0] - 1].split(', ')[0])}]"
        for a in facts.authors
    ]
    names = " #linebreak() ".join(shown)
    names_short = ", ".join(a.name for a in facts.authors)
    top = over_all(
        f'#text(15pt, font: "{SANS}", weight: "bold")[{text(facts.title)}]',
        names,
        f"#text(9pt)[{text(facts.abstract)}]",
        "#text(9pt)[CCS Concepts: • #strong[Applied computing] → Earth sciences; • Information "
        "systems.]",
        f"#text(9pt)[Additional Key Words and Phrases: {text(', '.join(facts.keywords))}]",
        f"#text(9pt)[*ACM Reference Format:* #linebreak() {text(names_short)}. {facts.year}. "
        f"{text(facts.title)}. #emph[{text(facts.journal)}] {facts.volume}, 3, Article 42 "
        f"({facts.month} "
        f"{facts.year}), 18 pages. {link(facts)}]",
        columns=1,
    )
    foot = (
        f"#text(7pt)[#h(1fr) {text(facts.journal)}, Vol. {facts.volume}, No. 3, Article 42. "
        f"Publication date: {facts.month} {facts.year}.]"
    )
    start = page(OTHER, 10, 'paper: "us-letter", margin: (x: 2.6cm, y: 2.4cm)', foot=foot)
    return [*start, top, *body(facts, draw, "1 ", "bold capitals")]


def acm_blocks(facts: Facts, draw: random.Random) -> list[str]:
    """A conference of the ACM: a block for each author, three abreast."""
    blocks = []
    for author in facts.authors:
        place = facts.places[author.places[0] - 1].split(", ")
        blocks.append(
            f"[#text(12pt)[{text(author.name)}] #linebreak() {text(author.mail)} #linebreak() "
            f"{text(place[0])} #linebreak() {text(', '.join(place[1:]))}]"
        )
    top = over_all(
        f'#align(center)[#text(17pt, font: "{SANS}", weight: "bold")[{text(facts.title)}]]',
        f"#align(center)[#grid(columns: (1fr,) * {min(3, len(blocks))}, gutter: 10pt, "
        f"{', '.join(blocks)})]",
    )
    names = ", ".join(a.name for a in facts.authors[:-1])
    names = f"{names} and {facts.authors[-1].name}" if names else facts.authors[0].name
    note = (
        "#place(bottom, float: true)[#text(7pt)[Permission to make digital or hard copies is "
        "granted. "
        f"#linebreak() TIDES ’{facts.year % 100:02d}, {facts.month} 3–7, {facts.year}, Oslo, "
        "Norway #linebreak() "
        f"© {facts.year} Association for Computing Machinery. #linebreak() ACM ISBN "
        "978-1-4503-0000-0 "
        f"#linebreak() {link(facts)}]]"
    )
    opening = (
        f'#text(weight: "bold")[ABSTRACT]\n\n{text(facts.abstract)}{note}\n\n#text(weight: "bold")'
        f"[KEYWORDS]\n\n{text(', '.join(facts.keywords))}\n\n#text(8pt)[*ACM Reference Format:* "
        f"{text(names)}. {facts.year}. {text(facts.title)}. In #emph[Proceedings of Tides (TIDES "
        f"’{facts.year % 100:02d})]. ACM, New York, NY, USA, 10 pages. {link(facts)}]"
    )
    start = page(OTHER, 9, 'paper: "us-letter", margin: (x: 1.9cm, y: 2cm), columns: 2')
    return [*start, top, opening, *body(facts, draw, "1 ", "bold capitals")]


def nature(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of short articles: a band above, no word before the abstract, addresses below."""
    facts.has_keywords = False
    names = marked(facts.authors, ", ", " & ", "\\*")
    foot = (
        f"#text(6.5pt)[{addresses(facts)} e-mail: {text(corresponding(facts).mail)} #linebreak() "
        f"*{text(facts.journal.upper())}* | VOL "
        f"{facts.volume} | {facts.month.upper()} {facts.year} | {pages_of(facts)} | "
        "www.example.org/tides]"
    )
    head = (
        f'#text(9pt, font: "{SANS}")[{text(facts.journal.lower())} #h(1fr) '
        f"{draw.choice(('ARTICLES', 'LETTERS', 'Article', 'PERSPECTIVE'))} "
        f"#linebreak() #text(7pt)[{link(facts)}]]"
    )
    top = over_all(
        f'#text(20pt, weight: "bold", font: "{SANS}")[{text(facts.title)}]',
        f'#text(10pt, weight: "bold")[{names}]',
        f'#text(9.5pt, weight: "bold")[{text(facts.abstract)}]',
    )
    start = page(
        OTHER, 9, 'paper: "a4", margin: (x: 1.6cm, y: 2.4cm), columns: 2', foot=foot, head=head
    )
    return [*start, top, *body(facts, draw, "", "bold")]


def mdpi(facts: Facts, draw: random.Random) -> list[str]:
    """A journal that prints dates and the citation beside the abstract."""
    shown = []
    for author in facts.authors:
        star = ",\\*" if author.corresponding else ""
        icon = " #box(circle(radius: 3pt, fill: green))" if draw.random() < 0.4 else ""
        shown.append(f"{text(author.name)} #super[{','.join(map(str, author.places))}{star}]{icon}")
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    cited = "; ".join(f"{a.family or a.given}, {a.given[0]}." for a in facts.authors[:6])
    dates = (
        f"Received: {facts.received} #linebreak() Accepted: {facts.accepted} #linebreak() "
        "Published: 9 "
        f"{facts.month} {facts.year}"
    )
    panel = (
        f"*Citation:* {text(cited)} {text(facts.title)}. #emph[Water] *{facts.year}*, "
        f"#emph[{facts.volume}], 345. "
        f"{link(facts)} #parbreak() Academic Editor: {text('Paolo Other')} #parbreak() {dates} "
        "#parbreak() *Copyright:* © "
        f"{facts.copyright_year} by the authors. Licensee MDPI, Basel, Switzerland."
    )
    places = " #linebreak() ".join(
        f"#super[{n}] {text(place)}; {text(facts.authors[0].mail)}"
        for n, place in enumerate(facts.places, 1)
    )
    beside = draw.random() < 0.5
    main = (
        f'#emph[Article] #parbreak() #text(18pt, weight: "bold")[{text(facts.title)}] '
        f"#parbreak() *{names}* #parbreak() "
        f"#text(8pt)[{places} #linebreak() \\* Correspondence: {text(corresponding(facts).mail)}"
        + ("" if beside else f" #linebreak() {dates.replace('#linebreak()', ';')}")
        + f"] #parbreak() *Abstract:* {text(facts.abstract)} #parbreak() *Keywords:* "
        f"{text('; '.join(facts.keywords))}"
    )
    top = over_all(
        f"#grid(columns: (4.2cm, 1fr), gutter: 12pt, [#v(5cm) #text(7pt)[{panel}]], [{main}])"
        if beside
        else main,
        columns=1,
    )
    foot = (
        f"#text(7.5pt)[#emph[Water] *{facts.year}*, #emph[{facts.volume}], "
        f"345{'; ' + text('doi:' + facts.doi) if facts.doi and not beside else ''} "
        "#h(1fr) www.mdpi.com/journal/water]"
    )
    start = page(OTHER, 10, 'paper: "a4", margin: (x: 1.8cm, y: 2.4cm)', foot=foot)
    return [*start, top, *body(facts, draw, "1. ", "bold", indent="4.6cm" if beside else "0cm")]


def wiley(facts: Facts, draw: random.Random) -> list[str]:
    """A journal that parts names and dates with upright lines."""
    names = marked(facts.authors, " #h(4pt)|#h(4pt) ", " #h(4pt)|#h(4pt) ", "")
    head = (
        f"#text(7pt)[Received: {facts.received} #h(6pt)|#h(6pt) Accepted: {facts.accepted} "
        "#linebreak() "
        f"{text('DOI: ' + facts.doi) if facts.doi else ''}]"
    )
    foot = (
        f"#text(7pt)[#emph[{text(facts.journal)}.] {facts.year};{facts.volume}:{pages_of(facts)}"
        ". #h(1fr) "
        f"wileyonlinelibrary.com/journal/tides #h(1fr) © {facts.copyright_year} John Wiley & "
        "Sons, Ltd.]"
    )
    top = over_all(
        f'#text(9pt, weight: "bold", font: "{SANS}")[RESEARCH ARTICLE]',
        f'#text(17pt, weight: "bold")[{text(facts.title)}]',
        f'#text(11pt, weight: "bold")[{names}]',
        addresses(facts),
        f"#text(8pt)[*Correspondence* #linebreak() {text(corresponding(facts).name)}, "
        f"{text(facts.places[0])}. "
        f"#linebreak() Email: {text(corresponding(facts).mail)}]",
        f'#text(11pt, weight: "bold")[Abstract] #linebreak() {text(facts.abstract)}',
        f'#text(8pt, weight: "bold")[KEYWORDS] #linebreak() {text(", ".join(facts.keywords))}',
    )
    start = page(
        OTHER, 9.5, 'paper: "a4", margin: (x: 1.8cm, y: 2.4cm), columns: 2', foot=foot, head=head
    )
    return [*start, top, *body(facts, draw, "1 | ", "bold capitals")]


def taylor(facts: Facts, draw: random.Random) -> list[str]:
    """A journal with marks that are letters on the line, and keywords beside the abstract."""
    shown = [
        f"{text(a.name)}#super[{','.join(chr(96 + n) for n in a.places)}"
        f"{' ∗' if a.corresponding else ''}]"
        for a in facts.authors
    ]
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    head = (
        f"#text(8pt)[{text(facts.journal.upper())} #linebreak() {facts.year}, VOL. {facts.volume}"
        ", NO. 3, "
        f"{pages_of(facts)} #linebreak() {link(facts)}]"
    )
    words = (
        f"*ARTICLE HISTORY* #linebreak() Received {facts.received} #linebreak() Accepted "
        f"{facts.accepted} #parbreak() *KEYWORDS* #linebreak() {text('; '.join(facts.keywords))}"
    )
    top = over_all(
        f'#text(14pt, weight: "bold")[{text(facts.title)}]',
        f"#text(11pt)[{names}]",
        addresses(facts, "a", ITALIC),
        "#grid(columns: (2.2fr, 1fr), gutter: 12pt, [*ABSTRACT* #linebreak() "
        f"#text(9pt)[{text(facts.abstract)}]], [#text(8pt)[{words}]])",
        columns=1,
    )
    foot = (
        f"#text(7pt)[*CONTACT* {text(corresponding(facts).name)} "
        f"{text(corresponding(facts).mail)} #linebreak() © "
        f"{facts.copyright_year} Informa UK Limited, trading as Taylor & Francis Group]"
    )
    start = page(OTHER, 10, 'paper: "a4", margin: (x: 3cm, y: 2.6cm)', foot=foot, head=head)
    return [*start, top, *body(facts, draw, draw.choice(("1. ", "")), "bold")]


def springer(facts: Facts, draw: random.Random) -> list[str]:
    """A journal with dots between names."""
    names = marked(facts.authors, " · ", " · ", "")
    head = (
        f"#text(8pt)[{text(facts.journal)} ({facts.year}) {facts.volume}:{pages_of(facts)} "
        f"#linebreak() {link(facts)}]"
    )
    foot = (
        f"#text(7.5pt)[#sym.ballot {text(corresponding(facts).name)} #linebreak() "
        f"{text(corresponding(facts).mail)} "
        f"#linebreak() {addresses(facts)} #linebreak() #h(1fr) Springer]"
    )
    top = over_all(
        f"#text(8pt)[{draw.choice(('ORIGINAL PAPER', 'ORIGINAL ARTICLE', 'RESEARCH', 'REVIEW'))}]",
        f'#text(14pt, weight: "bold")[{text(facts.title)}]',
        f'#text(10pt, weight: "bold")[{names}]',
        f"#text(8pt)[Received: {facts.received} / Accepted: {facts.accepted} / Published online: "
        f"{facts.online} #linebreak() "
        f"© The Author(s) {facts.copyright_year}]",
    )
    opening = (
        f"*Abstract* #h(4pt) {text(facts.abstract)}\n\n*Keywords* #h(4pt) "
        f"{text(' · '.join(facts.keywords))}"
    )
    start = page(
        OTHER, 10, 'paper: "a4", margin: (x: 1.9cm, y: 2.6cm), columns: 2', foot=foot, head=head
    )
    return [*start, top, opening, *body(facts, draw, draw.choice(("1 ", "")), "bold")]


def acl(facts: Facts, draw: random.Random) -> list[str]:
    """A conference of linguists: names in bold with wide gaps, without commas."""
    facts.has_keywords = False
    facts.doi = ""
    rows = []
    for at in range(0, len(facts.authors), 3):
        rows.append(marked(facts.authors[at : at + 3], " #h(2em) ", " #h(2em) ", "†"))
    top = over_all(
        f'#align(center)[#text(15pt, weight: "bold")[{text(facts.title)}]]',
        f"#align(center)[#text(12pt)[*{' #linebreak() '.join(rows)}* #linebreak() "
        f"{addresses(facts)} #linebreak() "
        '#text(font: "DejaVu Sans Mono", '
        f"9pt)[{text('{' + 'first,second' + '}@coast.example.org')}]]]",
    )
    foot = (
        f"#align(center)[#text(8pt)[{100 + facts.volume} #linebreak() #emph[Proceedings of the "
        f"{facts.volume}th Meeting on Tides], pages "
        f"{pages_of(facts)} #linebreak() {facts.month} 5–10, {facts.year}. ©{facts.year} "
        "Association for Tides]]"
    )
    opening = (
        '#align(center)[#text(12pt, weight: "bold")[Abstract]]\n\n#pad(x: 0.6cm)[#text(10pt)['
        f"{text(facts.abstract)}]]"
    )
    start = page(OTHER, 11, 'paper: "a4", margin: (x: 2.4cm, y: 2.5cm), columns: 2', foot=foot)
    return [*start, top, opening, *body(facts, draw, "1 ", "bold")]


def manuscript(facts: Facts, draw: random.Random) -> list[str]:
    """A manuscript of a word processor: one size, wide lines, a title page of its own."""
    names = marked(facts.authors, ", ", " and " if len(facts.authors) == 2 else ", and ", "\\*")
    facts.doi = ""
    top = (
        f"#set par(leading: 1.3em)\n#align(center)[*{text(facts.title)}* #parbreak() {names} "
        f"#parbreak() {addresses(facts)} "
        f"#parbreak() \\*Corresponding author: {text(corresponding(facts).mail)} #parbreak() "
        f"{facts.month} {facts.year}]\n\n#pagebreak()\n\n"
        f"#align(center)[*Abstract*]\n\n{text(facts.abstract)}\n\n#emph[Keywords:] "
        f"{text(', '.join(facts.keywords))}"
    )
    start = page(OTHER, 12, 'paper: "us-letter", margin: 2.54cm')
    return [*start, top, *body(facts, draw, "", "bold")]
