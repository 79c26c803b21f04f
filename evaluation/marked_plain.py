"""Documents that are text inside with a marker in each kind of part: web, mail, TeX and others."""

from __future__ import annotations

import json

from evaluation.marks import Marked, packed

__all__ = ["eml", "epub", "html", "ipynb", "jats", "markdown", "mbox", "rtf", "tex"]


def _page(mark: Marked, inside: str = "") -> str:
    """Return the body of a web page."""
    return f"""
<h1>{mark("heading")}</h1><h3>{mark("heading")}</h3>
<p>{mark("body")} <b>{mark("body")}</b> <em>{mark("body")}</em><br>{mark("body")}</p>
<div>{mark("body")}<div>{mark("body")}</div></div>
<ul><li>{mark("list item")}<ol><li>{mark("list item")}</li></ol></li></ul>
<dl><dt>{mark("term")}</dt><dd>{mark("definition")}</dd></dl>
<table><caption>{mark("caption")}</caption><thead><tr><th>{mark("table head")}</th><th>h</th></tr>
</thead><tbody><tr><td>{mark("table cell")}</td><td><p>{mark("table cell")}</p></td></tr>
<tr><td colspan="2">{mark("merged cell")}</td></tr>
<tr><td rowspan="2">{mark("merged cell")}</td><td>{mark("table cell")}</td></tr>
<tr><td><table><tr><td>{mark("nested table")}</td></tr></table></td></tr></tbody></table>
<pre><code>{mark("code")}
  {mark("code")}</code></pre>
<blockquote><p>{mark("quotation")}</p></blockquote>
<figure><img src="a.png" alt="{mark("alternative text")}"/>
<figcaption>{mark("caption")}</figcaption></figure>
<p><a href="https://example.org/">{mark("link")}</a> <ins>{mark("insertion")}</ins>
<sup>{mark("footnote")}</sup></p>
<p><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>{mark("formula")}</mi><mo>=</mo><mn>2</mn>
</math></p>
<details><summary>{mark("body")}</summary><p>{mark("body")}</p></details>
<aside><p>{mark("aside")}</p></aside>
<p><ruby>{mark("word with reading")}<rt>y</rt></ruby> <q>{mark("quotation")}</q></p>
{inside}"""


def html() -> Marked:
    """Return a web page."""
    mark = Marked("page.html", raw="doctype")
    more = f"""<form><label>{mark("form")}</label><textarea>{mark("form")}</textarea><select>
<option>{mark("form")}</option></select><button>{mark("form")}</button></form>
<nav><a href="/">{mark("navigation")}</a></nav>
<script>var {mark.out("script")};</script><style>.{mark.out("style")} {{}}</style>
<template><p>{mark.out("template")}</p></template><!-- {mark.out("remark")} -->
<p hidden>{mark.out("hidden text")}</p><p style="display: none">{mark.out("hidden text")}</p>"""
    header = f"<header><p>{mark('header')}</p></header>"
    footer = f"<footer><p>{mark('footer')}</p></footer>"
    mark.content = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f'{mark("document title")}</title><meta name="author" content="{mark("author")}">'
        f'<meta name="description" content="{mark("description")}">'
        f'<meta name="keywords" content="{mark("keywords")}"></head><body>{header}<main>'
        f"{_page(mark, more)}</main>{footer}</body></html>"
    ).encode()
    return mark


def epub() -> Marked:
    """Return a book of two chapters."""
    mark = Marked("book.epub")
    page = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title></head><body>{}</body>'
        "</html>"
    )
    note = (
        '<p>noted<a epub:type="noteref" href="#n1">1</a></p>'
        f'<aside epub:type="footnote" id="n1"><p>{mark("footnote")}</p></aside>'
    )
    chapters = [
        page.format(_page(mark, note).replace("<br>", "<br/>")),
        page.format(f"<h1>{mark('heading')}</h1><p>{mark('body')}</p>"),
    ]
    titles = [mark("table of contents"), mark("table of contents")]
    links = "".join(f'<li><a href="c{n}.xhtml">{t}</a></li>' for n, t in enumerate(titles))
    nav = page.format(f'<nav epub:type="toc"><ol>{links}</ol></nav>')
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in (0, 1)
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="u">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="u">'
        f"urn:x</dc:identifier><dc:title>{mark('document title')}</dc:title><dc:creator>"
        f"{mark('author')}</dc:creator><dc:creator>{mark('author')}</dc:creator>"
        f"<dc:publisher>{mark('publisher')}</dc:publisher><dc:subject>{mark('subject')}"
        f"</dc:subject><dc:description>{mark('description')}</dc:description>"
        "<dc:language>en</dc:language></metadata><manifest>"
        '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f'{items}</manifest><spine><itemref idref="c0"/><itemref idref="c1"/></spine></package>'
    )
    container = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/b.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    mark.content = packed(
        {
            "META-INF/container.xml": container,
            "OEBPS/b.opf": package,
            "OEBPS/nav.xhtml": nav,
            **{f"OEBPS/c{n}.xhtml": chapter for n, chapter in enumerate(chapters)},
        },
        "application/epub+zip",
    )
    return mark


def rtf() -> Marked:
    """Return a document of RTF."""
    mark = Marked("text.rtf", raw="fonttbl")
    cells = r"\cellx2000\cellx4000\pard\intbl "
    lines = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\stylesheet{\s1 heading 1;}}",
        rf"{{\info{{\title {mark('document title')}}}{{\author {mark('author')}}}"
        rf"{{\subject {mark('subject')}}}{{\keywords {mark('keywords')}}}"
        rf"{{\doccomm {mark('description')}}}{{\*\company {mark('company')}}}}}",
        rf"{{\header\pard {mark('header')}\par}}{{\footer\pard {mark('footer')}\par}}",
        rf"\pard\s1\outlinelevel0 {mark('heading')}\par",
        rf"\pard {mark('body')} {{\b {mark('body')}}} \i {mark('body')}\i0\line {mark('body')}\par",
        rf"{{\pntext\'b7\tab}}{mark('list item')}\par{{\listtext 1.\tab}}{mark('list item')}\par",
        rf"\trowd{cells}{mark('table cell')}\cell {mark('table cell')}\cell\row",
        rf"\trowd\clmgf\cellx2000\clmrg\cellx4000\pard\intbl {mark('merged cell')}\cell\cell\row",
        rf"\trowd{cells}\itap2 {mark('nested table')}\nestcell{{\*\nesttableprops\trowd\cellx9"
        rf"\nestrow}}\pard\intbl\cell {mark('table cell')}\cell\row\pard",
        rf"noted{{\super 1}}{{\footnote\pard {{\super 1}} {mark('footnote')}}}\par",
        rf"ended{{\super 2}}{{\footnote\ftnalt\pard {mark('endnote')}}}\par",
        rf"{{\*\atnid S}}{{\*\atnauthor Someone}}{{\*\annotation\pard {mark('comment')}}}\par",
        rf"{{\revised {mark('insertion')}}} {{\deleted {mark.out('deletion')}}} "
        rf"{{\v {mark.out('hidden text')}}}\par",
        rf"{{\field{{\*\fldinst HYPERLINK https://example.org/}}{{\fldrslt {mark('link')}}}}}\par",
        rf"{{\field{{\*\fldinst PAGE {mark.out('field code')}}}",
        rf"{{\fldrslt {mark('field result')}}}}}\par",
        rf"{{\shp{{\*\shpinst{{\shptxt\pard {mark('text box')}\par}}}}",
        r"{\shprslt\pard x\par}}\par",
        rf"{{\*\moMath{{\mr {mark('formula')}}}}}\par",
        rf"{{\*\shppict{{\pict{{\*\picprop{{\sp{{\sn wzDescription}}{{\sv "
        rf"{mark('alternative text')}}}}}}}\pngblip 00}}}}\par",
        r"}",
    )
    mark.content = "\n".join(lines).encode("cp1252")
    return mark


def _message(mark: Marked) -> str:
    inner = f"From: c@example.org\nSubject: {mark('forwarded mail')}\n\n{mark('forwarded mail')}\n"
    return (
        f'From: "{mark("sender")}" <a@example.org>\nTo: {mark("receiver")} <b@example.org>\n'
        f"Cc: {mark('receiver')} <c@example.org>\nSubject: {mark('subject line')}\n"
        "Date: Mon, 01 Jan 2024 12:00:00 +0000\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
        "Content-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain\n\n"
        f"{mark('body')}\n> {mark('quotation')}\n--y\nContent-Type: text/html\n\n<p>short</p>\n"
        "--y--\n--x\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        f"<p>{mark('body of markup')}</p><table><tr><td>{mark('table cell')}</td></tr></table>\n"
        f"--x\nContent-Type: text/plain; name=a.txt\nContent-Disposition: "
        f"attachment; filename={mark('attachment')}.txt\n\nattached\n"
        f"--x\nContent-Type: message/rfc822\n\n{inner}--x--\n"
    )


def eml() -> Marked:
    """Return a message."""
    mark = Marked("letter.eml", raw="Disposition")
    mark.content = _message(mark).encode()
    return mark


def mbox() -> Marked:
    """Return a mailbox of two messages."""
    mark = Marked("box.mbox", raw="Disposition")
    line = "From a@example.org Mon Jan  1 12:00:00 2024\n"
    mark.content = "".join(f"{line}{_message(mark)}\n" for _ in range(2)).encode()
    return mark


def ipynb() -> Marked:
    """Return a notebook."""
    mark = Marked("book.ipynb", raw="ename")

    def cell(kind: str, source: str | list[str], **more: object) -> dict[str, object]:
        return {"cell_type": kind, "metadata": {}, "source": source, **more}

    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"{mark('output')}\n"},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/plain": [mark("output")]},
        },
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": [f"<table><tr><td>{mark('output')}</td></tr></table>"]},
        },
        {
            "output_type": "error",
            "ename": "E",
            "evalue": "v",
            "traceback": [mark("output")],
        },
    ]
    code = [f"{mark('code')} = 1\n", f"# {mark('code')}"]
    cells = [
        cell("markdown", f"# {mark('heading')}\n\n{mark('body')} **{mark('body')}**"),
        cell("markdown", [f"- {mark('list item')}\n", f"\n| {mark('table cell')} |\n|---|\n"]),
        cell("markdown", f"$${mark('formula')}$$ [{mark('link')}](https://example.org)"),
        cell("code", code, execution_count=1, outputs=outputs),
        cell("raw", mark("raw cell")),
    ]
    stated = {
        "kernelspec": {"name": "python3", "display_name": "P", "language": "python"},
        "title": mark("document title"),
        "authors": [{"name": mark("author")}],
    }
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": stated, "cells": cells}
    mark.content = json.dumps(book).encode()
    return mark


def tex() -> Marked:
    """Return a paper in LaTeX."""
    mark = Marked("paper.tex", raw="documentclass")
    mark.content = rf"""\documentclass{{article}}
\title{{{mark("document title")}}}\author{{{mark("author")} \and {mark("author")}}}
% {mark.out("remark")}
\begin{{document}}\maketitle
\begin{{abstract}}{mark("abstract")}\end{{abstract}}
\section{{{mark("heading")}}}\subsection*{{{mark("heading")}}}
{mark("body")} \textbf{{{mark("body")}}} \emph{{{mark("body")}}}\footnote{{{mark("footnote")}}}
\begin{{itemize}}\item {mark("list item")}\end{{itemize}}
\begin{{quote}}{mark("quotation")}\end{{quote}}
\begin{{tabular}}{{ll}}{mark("table cell")} & {mark("table cell")} \\
\multicolumn{{2}}{{c}}{{{mark("merged cell")}}}\end{{tabular}}
\begin{{figure}}\includegraphics{{a}}\caption{{{mark("caption")}}}\end{{figure}}
\href{{https://example.org}}{{{mark("link")}}} ${mark("formula")}=2$
\begin{{equation}}{mark("formula")}\end{{equation}}
\begin{{verbatim}}
{mark("code")}
\end{{verbatim}}
\begin{{thebibliography}}{{9}}\bibitem{{a}} {mark("reference")}\end{{thebibliography}}
\end{{document}}
""".encode()
    return mark


def jats() -> Marked:
    """Return an article in the XML of publishers."""
    mark = Marked("article.xml", raw="xmlns")
    contributors = "".join(
        f'<contrib contrib-type="author"><name><surname>{mark("author")}</surname>'
        f"<given-names>{mark('author')}</given-names></name></contrib>"
        for _ in range(2)
    )
    front = (
        f"<front><journal-meta><journal-title-group><journal-title>{mark('journal')}"
        "</journal-title></journal-title-group></journal-meta><article-meta><title-group>"
        f"<article-title>{mark('document title')}</article-title></title-group><contrib-group>"
        f"{contributors}</contrib-group><abstract><p>{mark('abstract')}</p></abstract><kwd-group>"
        f"<kwd>{mark('keywords')}</kwd></kwd-group></article-meta></front>"
    )
    table = (
        f"<table-wrap><label>Table 1</label><caption><p>{mark('caption')}</p></caption><table>"
        f"<thead><tr><th>{mark('table head')}</th></tr></thead><tbody><tr><td>"
        f"{mark('table cell')}</td></tr></tbody></table></table-wrap>"
    )
    body = (
        f"<body><sec><title>{mark('heading')}</title><p>{mark('body')} <bold>{mark('body')}"
        f"</bold> <ext-link xlink:href='https://example.org'>{mark('link')}</ext-link></p>"
        f'<list list-type="bullet"><list-item><p>{mark("list item")}</p></list-item></list>'
        f"<sec><title>{mark('heading')}</title><p>{mark('body')}</p></sec>{table}<fig><caption>"
        f"<title>{mark('caption')}</title><p>{mark('caption')}</p></caption></fig>"
        f"<disp-quote><p>{mark('quotation')}</p></disp-quote></sec></body>"
    )
    back = (
        f"<back><ack><p>{mark('acknowledgement')}</p></ack><ref-list><ref id='r1'><mixed-citation>"
        f"{mark('reference')}</mixed-citation></ref></ref-list></back>"
    )
    mark.content = (
        '<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal '
        'Archiving and Interchange DTD v1.2 20190208//EN" "JATS-archivearticle1.dtd">'
        f'<article xmlns:xlink="http://www.w3.org/1999/xlink">{front}{body}{back}</article>'
    ).encode()
    return mark


def markdown() -> Marked:
    """Return a text in Markdown with front matter."""
    mark = Marked("notes.md")
    mark.content = f"""---
title: {mark("document title")}
author: {mark("author")}
---

# {mark("heading")}

{mark("body")} **{mark("body")}** `{mark("code")}` [{mark("link")}](https://example.org)[^1]

- {mark("list item")}
  1. {mark("list item")}

| {mark("table head")} | h |
|---|---|
| {mark("table cell")} | {mark("table cell")} |

> {mark("quotation")}

```
{mark("code")}
```

![{mark("alternative text")}](a.png)

[^1]: {mark("footnote")}
""".encode()
    return mark
