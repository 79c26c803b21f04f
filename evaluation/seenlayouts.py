"""First pages in the manner of publishers, by which the rules of the front matter were made."""

from __future__ import annotations

import random

from evaluation.paperbody import body
from evaluation.paperfacts import Facts
from evaluation.paperparts import (
    ITALIC,
    OTHER,
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

__all__ = ["article", "elsevier", "ieee", "ieee_blocks", "lncs", "plos", "revtex"]


def elsevier(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of Elsevier: the journal in large letters over the title, a box of keywords."""
    columns = draw.choice((1, 2))
    who = corresponding(facts)
    foot = (
        f"#text(7pt)[#super[∗] Corresponding author. #linebreak() #emph[E-mail address:] "
        f"{text(who.mail)} ({text(who.name[0] + '. ' + who.family)}). #linebreak() {link(facts)} "
        f"#linebreak() Received {facts.received}; Accepted {facts.accepted} #linebreak() "
        f"0022-1694/© {facts.copyright_year} Elsevier B.V. All rights reserved.]"
    )
    head = f"#align(center)[#text(8pt)[{text(facts.journal)} {facts.volume} ({facts.year}) 104512]]"
    words = " #linebreak() ".join(text(word) for word in facts.keywords)
    top = over_all(
        f"#align(center)[#text(8pt)[Contents lists available at ScienceDirect] #linebreak() "
        f"#text(15pt)[{text(facts.journal)}] #linebreak() #text(8pt)[journal homepage: "
        "www.elsevier.com/locate/tides]]",
        f"#text(8pt)[{draw.choice(('Research papers', 'Full length article', 'Review'))}]",
        f"#text(13.5pt)[{text(facts.title)}]",
        f"#text(11pt)[{marked(facts.authors, ', ', ', ', '∗', 'a')}]",
        addresses(facts, "a", ITALIC),
        "#line(length: 100%, stroke: .4pt)",
        "#grid(columns: (1fr, 2.4fr), gutter: 12pt, [A R T I C L E #h(4pt) I N F O #linebreak() "
        f"#text(7pt)[#emph[Keywords:] #linebreak() {words}]], [A B S T R A C T #linebreak() "
        f"#text(8pt)[{text(facts.abstract)}]])",
        "#line(length: 100%, stroke: .4pt)",
        columns=columns,
    )
    start = page(
        OTHER,
        9.5,
        f'paper: "a4", margin: (x: 1.9cm, top: 1.9cm, bottom: 3.2cm), columns: {columns}',
        foot=foot,
        head=head,
    )
    return [*start, top, *body(facts, draw, "1. ", "bold italic")]


def lncs(facts: Facts, draw: random.Random) -> list[str]:
    """A volume of proceedings: narrow columns, ORCIDs behind names."""
    shown = []
    for author in facts.authors:
        mark = ",".join(map(str, author.places))
        orcid = f"[{author.orcid}]" if draw.random() < 0.6 else ""
        shown.append(f"{text(author.name)}#super[{mark}{text(orcid)}]")
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, and {shown[-1]}"
    if len(shown) == 2:
        names = " and ".join(shown)
    editors = "A. Editor et al. (Eds.)"
    foot = (
        f"#text(8pt)[© Springer Nature Switzerland AG {facts.year} #linebreak() {editors}: TIDES "
        f"{facts.year - draw.choice((0, 1))}, LNCS 12{facts.volume:03d}, pp. {pages_of(facts)}, "
        f"{facts.year}. #linebreak() {link(facts)}]"
    )
    head = "" if draw.random() < 0.6 else f"#h(1fr) {text(facts.title[:40])} #h(1em) 1"
    top = over_all(
        f'#align(center)[#text(14pt, weight: "bold")[{text(facts.title)}]]',
        f"#align(center)[{names}]",
        f'#align(center)[{addresses(facts)} #linebreak() #text(font: "DejaVu Sans Mono", 8pt)'
        f"[{text(corresponding(facts).mail)}]]",
        f"#pad(x: 1cm)[#text(9pt)[*Abstract.* {text(facts.abstract)} #parbreak() *Keywords:* "
        f"{text(' · '.join(facts.keywords))}]]",
        columns=1,
    )
    start = page(SERIF, 10, 'paper: "a4", margin: (x: 4.4cm, y: 4.5cm)', foot=foot, head=head)
    return [*start, top, *body(facts, draw, "1 ", "bold")]


def ieee(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of the IEEE: ranks behind names, dates in a footnote."""
    ranks = (
        "",
        "",
        ", #emph[Member, IEEE]",
        ", #emph[Senior Member, IEEE]",
        ", #emph[Fellow, IEEE]",
    )
    shown = [text(author.name) + draw.choice(ranks) for author in facts.authors]
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, and {shown[-1]}"
    note = (
        f"#footnote(numbering: _ => [])[Manuscript received {facts.received}; accepted "
        f"{facts.accepted}. Date of publication {facts.online}; date of current version 3 "
        f"{facts.month} {facts.year}. #emph[(Corresponding author: "
        f"{text(corresponding(facts).name)}.)] "
        f"{text(facts.authors[0].name)} is with the {text(facts.places[0])} (e-mail: "
        f"{text(facts.authors[0].mail)}). "
        + (f"Digital Object Identifier {text(facts.doi)}" if facts.doi else "")
        + "]"
    )
    head = (
        f"#text(7pt)[{text(facts.journal.upper())}, VOL. {facts.volume}, NO. 3, "
        f"{facts.month.upper()} {facts.year} #h(1fr) 1]"
    )
    foot = (
        f"#align(center)[#text(7pt)[1558-0644 © {facts.copyright_year} IEEE. Personal use is "
        "permitted]]"
    )
    top = over_all(
        f"#align(center)[#text(22pt)[{text(facts.title)}]]",
        f"#align(center)[#text(11pt)[{names}]]",
    )
    words = ", ".join(facts.keywords)
    start = page(
        OTHER,
        10,
        'paper: "us-letter", margin: (x: 1.7cm, y: 1.9cm), columns: 2',
        foot=foot,
        head=head,
    )
    opening = (
        f'#text(9pt, weight: "bold")[#emph[Abstract]—{text(facts.abstract)}]{note}\n\n#text(9pt, '
        f'weight: "bold")[#emph[Index Terms]—{text(words)}.]'
    )
    return [*start, top, opening, *body(facts, draw, "I. ", "italic")]


def ieee_blocks(facts: Facts, draw: random.Random) -> list[str]:
    """A conference of the IEEE: a block for each author, three abreast."""
    blocks = []
    for author in facts.authors:
        place = facts.places[author.places[0] - 1].split(", ")
        blocks.append(
            f"[{text(author.name)} #linebreak() #text(9pt)[#emph[{text(place[0])}] #linebreak() "
            f"{text(', '.join(place[1:]) or 'Norway')} #linebreak() {text(author.mail)}]]"
        )
    top = over_all(
        f"#align(center)[#text(22pt)[{text(facts.title)}]]",
        f"#align(center)[#grid(columns: (1fr,) * {min(3, len(blocks))}, gutter: 10pt, "
        f"{', '.join(blocks)})]",
    )
    isbn = f"978-1-7281-{facts.volume:04d}-0/{facts.year % 100:02d}/\\$31.00 ©{facts.year} IEEE"
    foot = f"#text(7pt)[{isbn} {text('DOI ' + facts.doi) if facts.doi else ''}]"
    head = f"#text(7pt)[{facts.year} International Conference on Tides (ICT)]"
    opening = (
        f'#text(9pt, weight: "bold")[#emph[Abstract]—{text(facts.abstract)}]\n\n#text(9pt, '
        f'weight: "bold")[#emph[Keywords—{text(", ".join(facts.keywords))}]]'
    )
    start = page(
        OTHER,
        10,
        'paper: "us-letter", margin: (x: 1.7cm, y: 2cm), columns: 2',
        foot=foot,
        head=head,
    )
    return [*start, top, opening, *body(facts, draw, "I. ", "italic")]


def plos(facts: Facts, draw: random.Random) -> list[str]:
    """A journal that prints citation, dates and the place of data beside the text."""
    facts.has_keywords = False
    cited = ", ".join(f"{a.family or a.given} {a.given[0]}" for a in facts.authors[:6])
    panel = [
        '#text(font: "DejaVu Sans", 8pt)[OPEN ACCESS]',
        f"*Citation:* {text(cited)} ({facts.year}) {text(facts.title)}. PLoS ONE {facts.volume}"
        "(3): "
        f"e0{facts.volume:06d}. {link(facts)}",
        f"*Editor:* {text('Maria Other, University of Elsewhere, ITALY')}",
        f"*Received:* {facts.received}",
        f"*Accepted:* {facts.accepted}",
        f"*Published:* 4 {facts.month} {facts.year}",
        f"*Copyright:* © {facts.copyright_year} {text(facts.short)}. This is an open access "
        "article.",
        "*Data Availability Statement:* All data are at "
        f"{text('https://doi.org/10.5061/dryad.' + str(facts.volume))}.",
    ]
    side = " #parbreak() ".join(panel)
    marks = marked(facts.authors, ", ", ", ", "\\*")
    main = (
        "#text(9pt)[RESEARCH ARTICLE] #parbreak() #text(18pt, weight: "
        f'"bold")[{text(facts.title)}] '
        f"#parbreak() *{marks}* #parbreak() {addresses(facts)} #parbreak() #text(8pt)[\\* "
        f'{text(corresponding(facts).mail)}] #parbreak() #text(14pt, weight: "bold")[Abstract] '
        "#parbreak() "
        f"{text(facts.abstract)}"
    )
    first = draw.random() < 0.5
    left, right = f"[#text(7pt)[{side}]]", f"[{main}]"
    top = over_all(f"#grid(columns: (4cm, 1fr), gutter: 14pt, {left}, {right})", columns=1)
    foot = (
        f"#text(7pt)[PLOS ONE | {link(facts)} #h(4pt) {facts.month} 4, {facts.year} #h(1fr) 1 / 17]"
    )
    head = "#text(16pt)[PLOS ONE]" if first else ""
    start = page(
        OTHER, 10, 'paper: "us-letter", margin: (x: 1.6cm, y: 2.2cm)', foot=foot, head=head
    )
    return [*start, top, *body(facts, draw, "", "bold", indent="4.5cm")]


def article(facts: Facts, draw: random.Random) -> list[str]:
    """A preprint as LaTeX sets it, with the stamp of arXiv aside."""
    facts.has_keywords = False
    blocks = draw.random() < 0.4
    names = (
        f"#grid(columns: (1fr,) * {min(3, len(facts.authors))}, gutter: 8pt, "
        + ", ".join(
            f"[{text(a.name)} #linebreak() {text(facts.places[a.places[0] - 1].split(', ')[0])}]"
            for a in facts.authors
        )
        + ")"
        if blocks
        else marked(facts.authors, ", ", " and ", "\\*") + " #parbreak() " + addresses(facts)
    )
    date = draw.choice(
        (f"{facts.month} {draw.randint(1, 28)}, {facts.year}", f"{facts.month} {facts.year}", "")
    )
    if facts.year >= 2008:
        number = f"{facts.year % 100:02d}{draw.randint(1, 12):02d}.{facts.volume:04d}"
        number += "1" if facts.year > 2014 else ""
        stamp = f"arXiv:{number}v1  [physics.ao-ph]  3 {facts.month[:3]} {facts.year}"
    else:
        number = f"physics/{facts.year % 100:02d}05{facts.volume % 1000:03d}"
        stamp = f"arXiv:{number}v1  3 {facts.month[:3]} {facts.year}"
    facts.doi = ""
    top = over_all(
        "#place(dx: -1.9cm, dy: 6cm)[#rotate(-90deg, reflow: true)[#text(18pt, fill: "
        f"gray)[{text(stamp)}]]]"
        if draw.random() < 0.7
        else "#v(1cm)",
        f"#align(center)[#text(17pt)[{text(facts.title)}] #parbreak() #text(12pt)[{names}] "
        f"#parbreak() {date}]",
        '#pad(x: 1cm)[#align(center)[#text(9pt, weight: "bold")[Abstract]] '
        f"#text(9pt)[{text(facts.abstract)}]]",
        columns=1,
    )
    if not date and "rotate" not in top:
        top = top.replace("#parbreak() ]", f"#parbreak() {facts.month} {facts.year}]", 1)
    start = page(SERIF, 10, 'paper: "a4", margin: 3.2cm')
    return [*start, top, *body(facts, draw, "1 ", "bold")]


def revtex(facts: Facts, draw: random.Random) -> list[str]:
    """A journal of physics: the abstract without a word before it."""
    facts.has_keywords = False
    names = marked(facts.authors, ", ", ", and " if len(facts.authors) > 2 else " and ", "\\*")
    top = over_all(
        f'#align(center)[#text(12pt, weight: "bold")[{text(facts.title)}] #parbreak() {names} '
        f"#parbreak() {addresses(facts, '1', ITALIC)} #parbreak() "
        f"#text(9pt)[(Received {facts.received}; accepted {facts.accepted}; published 7 "
        f"{facts.month} {facts.year})]]",
        f"#pad(x: 2cm)[#text(9pt)[#par(justify: true)[{text(facts.abstract)}]]]",
        f"#pad(x: 2cm)[#text(9pt)[DOI: {text(facts.doi)}]]" if facts.doi else "",
    )
    head = f"#align(center)[#text(9pt)[PHYSICAL REVIEW X *{facts.volume}*, 045123 ({facts.year})]]"
    foot = (
        f"#text(8pt)[2469-9950/{facts.year}/{facts.volume}(4)/045123(12) #h(1fr) 045123-1 "
        f"#h(1fr) ©{facts.year} American Physical Society]"
    )
    start = page(
        OTHER,
        10,
        'paper: "us-letter", margin: (x: 1.9cm, y: 2.2cm), columns: 2',
        foot=foot,
        head=head,
    )
    return [*start, top, *body(facts, draw, "I. ", "bold", centred=True)]
