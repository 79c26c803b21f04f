r"""Letters in the notation of TeX, and what is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.tex.texnames import readable
from reslib.extractors.text import extract
from reslib.items import Page


@pytest.mark.parametrize(
    "source",
    [r"M\"uller", r"M{\"u}ller", r"M\"{u}ller", r"M{\"{u}}ller", r"M\" uller", r"M\"{ u }ller"],
)
def test_an_accent_may_be_written_in_many_ways(source: str) -> None:
    assert readable(source) == "Müller"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            r"G{\'o}mez, Bront\"e, \`a, \^{\i}le, na\"\i ve, Mu\~noz",
            "Gómez, Brontë, à, île, naïve, Muñoz",
        ),
        (r"{\c c}a Fran{\c{c}}ois \c{C}", "ça François Ç"),
        (r"\v{S}koda, Dvo{\v r}{\'a}k, Ha\v{s}ek", "Škoda, Dvořák, Hašek"),
        (
            r"Erd{\H o}s, Erd\H{o}s, \u{g}, \k{a}, \r{u}, \d{s}, \b{d}",
            "Erdős, Erdős, ğ, ą, ů, ṣ, ḏ",
        ),
        (r"\=a \.z \.I", "ā ż İ"),
        (r"Stra{\ss}e, Stra\ss e, Stra\ss{}e", "Straße, Straße, Straße"),
        (r"{\O}rsted, \O rsted, \L{}ukasz, {\AA}ngstr\"om", "Ørsted, Ørsted, Łukasz, Ångström"),
        (r"{\ae}, \oe uvre, {\dj}, \th{}", "æ, œuvre, đ, þ"),
        (r"Nguy{\~{\^e}}n, Nguy\~{\^{e}}n", "Nguyễn, Nguyễn"),
        (r"\textcommabelow{s}", "ș"),
        (r"A~B, pp.~12--14 --- R\&D, 5\%, a\_b, \#1", "A B, pp. 12–14 — R&D, 5%, a_b, #1"),
        (r"so\-zial, d{\textquoteright}Alembert", "sozial, d’Alembert"),
        (r"{\"uber}", "{über}"),
    ],
)
def test_letters_written_as_commands_are_letters(source: str, text: str) -> None:
    assert readable(source) == text


@pytest.mark.parametrize(
    "source",
    [
        r"$\o \'e x~y -- \c c$ and \(a~b\) and \[a -- b\] and $$\"u$$",
        "\\begin{equation}\n a~b -- \\o\n\\end{equation}",
        '\\begin{verbatim}\n\\"u ~ -- \\&\n\\end{verbatim}',
        r"\verb|\"u~| and \lstinline!a--b!",
        r"\url{http://a.org/~smith--x} and https://a.org/~smith",
        r"\cite{smith--2019} \ref{a~b} \includegraphics[width=1cm]{a~b.png}",
        r"\alert{word}s, \structure{B}c, \section{Methods} \cmd{} \own{x} \oval \length \circ \url",
        r"a line \\ 'next' \\",
        "---- ----- %----",
        r"\'{} \' \" \c",
    ],
)
def test_formulas_listings_addresses_and_commands_are_left_as_they_are(source: str) -> None:
    assert readable(source) == source
    assert readable(source, bibliography=True) == source


def test_a_dollar_that_is_never_ended_hides_one_paragraph() -> None:
    assert readable('costs $5 ~ M\\"uller\n\nM\\"uller') == 'costs $5 ~ M\\"uller\n\nMüller'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"{D}{\"u}sseldorf", "Düsseldorf"),
        ("{B}ayesian {T}{V}ision, Mc{D}onald", "Bayesian TVision, McDonald"),
        ("title = {{DNA} and {The Bayes} rule}", "title = {{DNA} and {The Bayes} rule}"),
        ("@article{smith2019,", "@article{smith2019,"),
        (r"\emph{Drosophila}s", "Drosophilas"),
    ],
)
def test_braces_that_protect_capitals_do_not_cut_words(source: str, text: str) -> None:
    assert readable(source, bibliography=True) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"the $\alpha$-helix and $ \beta $-sheets", "the α-helix and  β-sheets"),
        (r"{$\Lambda$}CDM, $\mu$m", "ΛCDM, μm"),
        (r"\ensuremath{\gamma}-rays", "γ-rays"),
        (r"CO$_2$ and H$_{2}$O at 25$^\circ$C", "CO2 and H2O at 25°C"),
        (r"$^{13}$C, \textsuperscript{14}C and Ca$^{2+}$", "13C, 14C and Ca2+"),
        (r"SO$_4^{2-}$ of 10$^5$ m", "SO4^2- of 10^5 m"),
        (r"$\alpha \leq \beta$", "α≤β"),
        (r"\textit{In \emph{vivo}} {\it E. coli} \textbf{now}", "In vivo E. coli now"),
        (r"\c C{}elik, \v S{}ime\'{c}", "Çelik, Šimeć"),
        (r"costs $100 or $200", r"costs $100 or $200"),
        (r"$\frac12$ and $\sqrt{x}$", r"$\frac12$ and $\sqrt{x}$"),
        (r"costs \$5 and \$_6$", r"costs $5 and $_6$"),
    ],
)
def test_short_formulas_and_styles_in_a_title_are_read_as_they_are_seen(
    source: str, text: str
) -> None:
    assert readable(source, bibliography=True) == text


def test_the_formulas_of_a_document_are_left_as_they_are() -> None:
    source = r"the $\alpha$-helix is \emph{here}"
    assert readable(source) == source


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bib", "Düsseldorf"),
        ("a.BIB", "Düsseldorf"),
        ("a.tex", "{D}üsseldorf"),
        ("a.txt", r"{D}{\"u}sseldorf"),
        ("a.sty", r"{D}{\"u}sseldorf"),
        ("a.md", r"{D}{\"u}sseldorf"),
    ],
)
def test_only_documents_and_bibliographies_of_tex_are_read_so(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(r"{D}{\"u}sseldorf")
    pages = [item.text for item in extract(path) if isinstance(item, Page)]
    assert pages == [text]


@given(st.text(alphabet="a\\\"'{}~-$[]() \ncvb|%", max_size=200))
def test_any_source_gives_a_text(source: str) -> None:
    readable(readable(source, bibliography=True))


@pytest.mark.parametrize(
    "piece",
    [
        "\\begin{math}",
        "$",
        "\\(",
        "{",
        "\\verb|",
        "\\url{",
        "-",
        "\\c ",
        "$_{",
        "$\\a",
        "\\emph{",
        "{\\it ",
    ],
)
def test_hundreds_of_thousands_of_beginnings_are_looked_at_once(piece: str) -> None:
    readable(piece * 200_000, bibliography=True)
