# ruff: noqa: RUF001  (characters that look alike are meant)
r"""Papers in TeX: what a reader reads of them, and what they cannot do to whoever reads them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texreading import body, items_of, of, read

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.registry import registry
from reslib.extractors.tex import texfiles
from reslib.extractors.tex.texfront import authors_of, keywords_of
from reslib.extractors.tex.texmath import displayed, inline
from reslib.items import DocumentInfo, Figure, Metadata, Page, Reference, Section, Table

PAPER = r"""
% a comment before all
\documentclass{article}
\usepackage[utf8]{inputenc}
\newcommand{\method}[1]{\textsf{#1} SECRETBODY}
\newtheorem{thm}{Theorem}
\title[Short]{Tides of the \emph{North} Sea}
\author{Ann M{\"u}ller$^{1,2}$\thanks{Funded by nobody.} \and Bo Li\textsuperscript{2}}
\date{May 2021}
\begin{document}
\maketitle
\begin{abstract}We measure $E=mc^2$ --- ``twice''.\end{abstract}
\section[Short]{Introduction}\label{sec:intro}
See Fig.~\ref{fig:a} and \citep[see][p.~3]{smith, li} on \method{ABC}.
%\section{Commented}
Water\footnote{A note.} is H$_2$O at 25$^\circ$C, 10$^5$ Pa; 5\,\% of it.

\begin{figure}[htb]\centering\includegraphics[width=3cm]{f.png}
  \caption[s]{The \textbf{tide} at noon.}\label{fig:a}\end{figure}
\begin{table}\caption{Levels}\begin{tabular}{l|cc}\hline
  Place & \multicolumn{2}{c}{Height} \\ \hline
  A & 1 & \textbf{2} \\ B & 3 & 4\\\hline\end{tabular}\end{table}
\begin{thm}[Gauss] Every one. \end{thm}
\begin{thebibliography}{9}
\bibitem{smith} A. Smith. \newblock The title. \newblock {\em J. Sea}, 12:3--4, 2019.
  \href{https://doi.org/10.1000/xyz}{link}
\bibitem[Li(2001)]{li} B. Li (2001). Other.
\end{thebibliography}
\end{document}
AFTERTHEEND
"""


def test_a_paper_is_read_as_its_reader_reads_it(tmp_path: Path) -> None:
    assert read(tmp_path, PAPER)[0] == (
        "Tides of the North Sea\n\n"
        "Ann Müller 1,2\nBo Li 2\n\n"
        "May 2021\n\n"
        "Abstract\nWe measure E=mc^2 — “twice”.\n\n"
        "Introduction\n\n"
        "See Fig. [fig:a] and [see smith, li, p. 3] on \\method{ABC}. "
        "Water is H2O at 25°C, 10^5 Pa; 5 % of it.\n\n"
        "The tide at noon.\n\n"
        "Levels\n\n"
        "Place\tHeight\nA\t1\t2\nB\t3\t4\n\n"
        "Theorem (Gauss). Every one.\n\n"
        "References\n\n"
        "[smith] A. Smith. The title. J. Sea, 12:3–4, 2019. link\n\n"
        "[li] B. Li (2001). Other.\n\n"
        "Funded by nobody.\n\n"
        "A note."
    )


def test_what_a_paper_says_of_itself_and_what_is_in_it_are_items(tmp_path: Path) -> None:
    _, items = read(tmp_path, PAPER)
    assert of(items, DocumentInfo)[0].title == "Tides of the North Sea"
    assert of(items, DocumentInfo)[0].confidence == 1.0
    assert {(one.key, one.value) for one in of(items, Metadata)} == {
        ("title", "Tides of the North Sea"),
        ("author", "Ann Müller"),
        ("author", "Bo Li"),
        ("date", "May 2021"),
        ("description", "We measure E=mc^2 — “twice”."),
    }
    assert of(items, Section) == [Section("Introduction", 1, 1)]
    assert of(items, Figure) == [Figure(1, "The tide at noon.")]
    rows = (("Place", "Height", ""), ("A", "1", "2"), ("B", "3", "4"))
    assert of(items, Table) == [Table(rows, 1, "Levels", 1, spans=((0, 1, 1, 2),))]
    assert of(items, Reference) == [
        Reference(
            "A. Smith. The title. J. Sea, 12:3–4, 2019. link", "The title", "10.1000/xyz", 2019
        ),
        Reference("B. Li (2001). Other.", "", "", 2001),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"G{\'o}mez, Stra\ss e, \LaTeX\ and \TeX{} use", "Gómez, Straße, LaTeX and TeX use"),
        (r"Nguy{\~{\^e}}n, \'{\i}le, \v{S}koda", "Nguyễn, íle, Škoda"),
        (
            r"A~B, pp.~1--2 --- it's ``so'', ?`no? R\&D \$5 a\_b \{x\}",
            "A B, pp. 1–2 — it’s “so”, ¿no? R&D $5 a_b {x}",
        ),
        (r"{\bf bold} and {\it it} \textbf{b\emph{e}}", "bold and it be"),
        ("one\ntwo  three\n\n\nfour", "one two three\n\nfour"),
        (r"x\footnotemark[3] y\label{a}\index{b} z\vspace*{2cm}", "x y z"),
        (
            r"\own{a}{\'e} \kepler{} \other[x]{y}z \thing and",
            r"\own{a}{é} \kepler{} \other[x]{y}z \thing and",
        ),
        (r"\verb|a_b{%| \verb+\x+ \lstinline!c$!", r"a_b{% \x c$"),
        (r"\url{http://a.org/~x_y%20} \href{http://b.org}{link}", "http://a.org/~x_y%20 link"),
        (r"\textcolor{red}{seen} \parbox[t]{3cm}{box} \raisebox{1pt}{up}", "seen box up"),
        (
            r"Ca$^{2+}$, $^{13}$C, SO$_4^{2-}$, 1\textsuperscript{st}, m\textsuperscript{2}",
            "Ca2+, 13C, SO4^2-, 1st, m^2",
        ),
        (r"library$^1$ and Smith\textsuperscript{1,2}, Jones", "library 1 and Smith 1,2, Jones"),
        (r"\SI{5.2}{\kilo\meter}, \SI{3}{m}, \num{7}, \ce{H2O}", "5.2 km, 3 m, 7, H2O"),
        (r"a\immediate\write18{rm x} b \openout5=x.tex c\read5 to \y d", "a b c d"),
        (r"\enquote{quoted} text", "“quoted” text"),
        (r"\cite{a,b} \citet[p.~2]{c} \eqref{eq:1} \nocite{d}", "[a, b] [c, p. 2] [eq:1]"),
        (r"a% gone \section{X}" "\n  b", "ab"),
        (r"50\% of % gone" "\n" "them", "50% of them"),
        ("a %\n\nb", "a\n\nb"),
        (r"\vskip 1.5cm plus 2pt\noindent Text\hskip3pt more", "Text more"),
        (r"\section{One {two} $x$}text", "One two x\n\ntext"),
        (r"\footnote{later}now", "now\n\nlater"),
    ],
)
def test_a_piece_of_source_is_read_so(tmp_path: Path, source: str, text: str) -> None:
    assert body(tmp_path, source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"E=mc^2", "E=mc^2"),
        (r"\alpha_{i} \leq \beta", "α_i ≤ β"),
        (r"\frac{a}{b}+\sqrt{x}", r"\frac{a}{b}+\sqrt{x}"),
        (r"\left( \mathbf{x}_{ij} \right)", "( x_ij )"),
        (r"R_{\rm max} = {\rm RV}", "R_max = RV"),
        (r"\ln\det K, \sin\theta", "ln det K, sin θ"),
        (r"25^{\circ}\mathrm{C}", "25°C"),
        (r"\mathrm{CO_2}", "CO2"),
        (r"x\,\text{if } y\label{eq:1}\nonumber", "x if y"),
        (r"35^{+11}_{-5}", "35^+11_-5"),
        (r"\vect{a}", r"\vect{a}"),
    ],
)
def test_a_formula_is_left_as_it_is_typed_with_its_signs_as_characters(
    source: str, text: str
) -> None:
    assert inline(source, "", "")[0] == text


def test_a_formula_on_its_own_has_its_own_lines(tmp_path: Path) -> None:
    assert displayed("a &= b \\\\ % no\n c &= d") == ["a = b", "c = d"]
    source = "so\n$$ x = 1 $$ and\n\\[ y \\]\n\\begin{align*} a &= 1 \\\\ b &= 2 \\end{align*} end"
    assert body(tmp_path, source) == "so\nx = 1\nand\ny\na = 1\nb = 2\nend"


def test_a_dollar_that_is_never_ended_costs_nothing(tmp_path: Path) -> None:
    assert body(tmp_path, "costs $5 or so\n\nand $x$ more") == "costs $5 or so\n\nand x more"


def test_lists_have_their_marks(tmp_path: Path) -> None:
    source = r"""\begin{enumerate}\item one \begin{enumerate}\item sub\end{enumerate}\item two
    \end{enumerate}\begin{itemize}\item dot\end{itemize}
    \begin{description}\item[Term] meaning\end{description}"""
    assert body(tmp_path, source) == "1. one\n(a) sub\n2. two\n\n• dot\n\nTerm meaning"


def test_listings_are_shown_as_they_are_typed(tmp_path: Path) -> None:
    source = "x\n\\begin{verbatim}\n  if $a:\f % b\n    \\section{no}\n\\end{verbatim}\ny"
    text, items = read(tmp_path, "\\relax " + source)
    assert text == "x\n\n  if $a: % b\n    \\section{no}\n\ny"
    assert not of(items, Section)


def test_conditions_of_the_papers_own_are_followed(tmp_path: Path) -> None:
    source = r"""\newif\iflong \longtrue \newif\ifdraft
    \iflong Long \else Short \fi \ifdraft Draft \else Final \fi
    \iffalse hidden \ifx\a\b c \fi d \fi seen"""
    assert body(tmp_path, source) == "Long Final seen"


def test_a_definition_that_is_never_ended_hides_nothing(tmp_path: Path) -> None:
    assert "words" in body(tmp_path, r"\newcommand{\x}{ {never ended" "\n\nwords")
    assert "words" in body(tmp_path, r"\iffalse never ended" "\n\nwords")
    assert "words" in body(tmp_path, r"\section{never ended" "\n\nwords")
    assert "words" in body(tmp_path, r"\vspace{never ended" "\n\nwords")
    assert "words" in body(tmp_path, r"\footnote{never ended" "\n\nwords")


def test_german_shorthands_are_letters_where_the_paper_asks_for_them(tmp_path: Path) -> None:
    text = 'f"ur "`Stra"se"\''
    assert body(tmp_path, r"\usepackage[ngerman]{babel} " + text) == "für „Straße“"
    assert body(tmp_path, text) == 'f"ur "‘Stra"se"’'


def test_fragments_and_plain_tex_are_read_too(tmp_path: Path) -> None:
    assert body(tmp_path, r"\def\x#1{gone}\chapter{Tides}Text.") == "Tides\n\nText."
    assert read(tmp_path, "\\centerline{Title}\\bigskip Words.\n\\bye gone")[0] == "Title\n\nWords."
    assert read(tmp_path, "\\noindent Words.\n\\end gone")[0] == "Words."
    plain = r"""\magnification=\magstep1 \overfullrule=0pt \headline={\hfil\folio}\nopagenumbers
    See\footnote{*}{A note.} this. $$x=1\eqno(2)$$
    \halign{#\hfil&\quad#\cr a&b\cr c&d\cr} \item{1.} First. \item{2.} Second. \end"""
    text, items = read(tmp_path, plain)
    assert text == "See this.\nx=1 (2)\na\tb\nc\td\n1. First.\n2. Second.\n\nA note."
    assert of(items, Table)[0].rows == (("a", "b"), ("c", "d"))


def test_a_chapter_of_a_book_is_a_page(tmp_path: Path) -> None:
    source = r"""\documentclass{book}\title{Seas}\begin{document}\maketitle
    \chapter{North}Cold\footnote{Very.}.\section{Ice}\begin{figure}\caption{Floe}\end{figure}
    \chapter{South}\input{south}\end{document}"""
    (tmp_path / "south.tex").write_text("Warm.", encoding="utf-8")
    path = tmp_path / "book.tex"
    path.write_text(source, encoding="utf-8")
    items = items_of(path)
    assert [(page.label, page.text) for page in of(items, Page)] == [
        ("", "Seas"),
        ("North", "North\n\nCold.\n\nIce\n\nFloe\n\nVery."),
        ("South", "South\n\nWarm."),
    ]
    assert of(items, Section) == [
        Section("North", 1, 2),
        Section("Ice", 2, 2),
        Section("South", 1, 3),
    ]
    assert of(items, Figure) == [Figure(2, "Floe")]


def test_a_table_in_a_cell_and_a_table_of_astronomers_are_read(tmp_path: Path) -> None:
    stacked = r"\begin{tabular}{cc}\makecell{a\\b} & {c \\ d}\\ e & f\end{tabular}"
    assert body(tmp_path, stacked) == "a b\tc d\ne\tf"
    nested = r"\begin{tabular}{c}a & \begin{tabular}{c}x\\y\end{tabular}\\ \end{tabular}"
    assert body(tmp_path, nested) == "a\tx y"
    source = r"""\begin{deluxetable}{lc}\tablecaption{Stars}\tablehead{\colhead{Name} & \colhead{V}}
    \startdata A & 1\\ B & 2 \enddata \tablecomments{Few.}\end{deluxetable}"""
    text, items = read(tmp_path, "\\relax " + source)
    assert text == "Stars\n\nName\tV\nA\t1\nB\t2\n\nFew."
    assert of(items, Table) == [Table((("Name", "V"), ("A", "1"), ("B", "2")), 1, "Stars", 1)]


def test_slides_and_their_titles_are_read(tmp_path: Path) -> None:
    source = r"""\documentclass{beamer}\begin{document}\begin{frame}<2->[t]{First}{Sub}
    \begin{itemize}\item<2-> one\pause\end{itemize}\only<3>{shown}\end{frame}\end{document}"""
    text, items = read(tmp_path, source)
    assert text.split() == ["First", "Sub", "•", "one", "shown"]
    assert of(items, Section)[0].title == "First"


def test_the_classes_of_publishers_are_read(tmp_path: Path) -> None:
    elsevier = r"""\begin{frontmatter}\title{Tides\tnoteref{t}}\tnotetext[t]{Funded.}
    \author[a]{Ann Reed\corref{c}}\ead{ann@sea.org}\cortext[c]{Write to her.}
    \affiliation[a]{organization={Sea Lab},city={X}}
    \begin{keyword}tides \sep levels\end{keyword}\end{frontmatter}"""
    text, items = read(tmp_path, elsevier)
    assert text == (
        "Tides\n\nAnn Reed\n\nann@sea.org\n\nSea Lab, X\n\nKeywords\ntides, levels\n\n"
        "Funded.\n\nWrite to her."
    )
    assert ("author", "Ann Reed") in {(one.key, one.value) for one in of(items, Metadata)}
    ieee = r"""\title{Tides}\author{\IEEEauthorblockN{1\textsuperscript{st} Ann Reed}
    \IEEEauthorblockA{\textit{dept. of Sea} \\ ann@sea.org} \and \IEEEauthorblockN{Bo Li}}
    \begin{document}\maketitle\IEEEPARstart{T}{he} sea.\end{document}"""
    text, items = read(tmp_path, ieee)
    assert text == "Tides\n\n1st Ann Reed\ndept. of Sea\nann@sea.org\nBo Li\n\nThe sea."
    names = [one.value for one in of(items, Metadata) if one.key == "author"]
    assert names == ["Ann Reed", "Bo Li"]
    revtex = r"""\makeatletter \@x{junk} \makeatother\bibitem [{\citenamefont {Li}(1954)}]{li}%
    \BibitemOpen \bibfield {author} {\bibinfo {author} {\bibfnamefont {B.}\ \bibnamefont {Li}},\ }
    \href {https://doi.org/10.1103/a.b} {(\bibinfo {year} {1954})}\BibitemShut {NoStop}"""
    text, items = read(tmp_path, revtex)
    assert of(items, Reference) == [Reference("B. Li, (1954)", "", "10.1103/a.b", 1954)]


def test_algorithms_are_read_line_by_line(tmp_path: Path) -> None:
    source = r"""\begin{algorithm}\caption{Sum}\begin{algorithmic}[1]\Require $n \geq 0$ \If{$n<1$}
    \State $y \gets 1$ \Else \State stop \EndIf \end{algorithmic}\end{algorithm}"""
    assert body(tmp_path, source) == ("Sum\n\nRequire: n ≥ 0\nif n<1\ny ← 1\nelse\nstop\nend if")


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Reed 1 and Bo Li 2\nUniversity of the Sea", ["Ann Reed", "Bo Li"]),
        ("Ann Reed, Bo Li, and Cy Dee", ["Ann Reed", "Bo Li", "Cy Dee"]),
        ("A. Reed\x1e B. Li*\x1eC. Dee, Jr.", ["A. Reed", "B. Li", "C. Dee, Jr"]),
        ("Ann Reed 1,2, Bo Li 3", ["Ann Reed", "Bo Li"]),
        ("Ann Reed \\uw\nann@sea.org", ["Ann Reed"]),
        ("", []),
    ],
)
def test_names_are_found_in_what_is_said_of_authors(author: str, names: list[str]) -> None:
    assert authors_of(author) == names


def test_keywords_are_parted() -> None:
    assert keywords_of("tides; sea level, North Sea.") == ["tides", "sea level", "North Sea"]


# --- what is given otherwise --------------------------------------------------------------------


def test_the_source_is_given_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.tex"
    path.write_text(PAPER, encoding="utf-8")
    [page] = of(items_of(path, {"source": True}), Page)
    assert page.text == PAPER.replace('{\\"u}', "ü").replace("~", " ").replace("---", "—").replace(
        "--",
        "–",
    ).replace("\\%", "%")


@pytest.mark.parametrize(
    "content", ["just words, no more\nand lines", "C:\\Users\\Ann\\papers\nD:\\x", "", "{} ~"]
)
def test_something_else_under_its_name_is_a_text(tmp_path: Path, content: str) -> None:
    text, items = read(tmp_path, content)
    assert text == content.replace("~", " ")
    assert not of(items, Section)


def test_packages_are_programs_and_given_as_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, r"\def\x{y}% z", "a.sty")[0] == r"\def\x{y}% z"


def test_a_packed_paper_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tex.gz"
    path.write_bytes(gzip.compress(rb"\section{Tides}Words."))
    assert of(items_of(path), Page)[0].text == "Tides\n\nWords."
    path.write_bytes(gzip.compress(PAPER.encode())[:200])
    with pytest.raises(ExtractionError) as caught:
        items_of(path)
    assert caught.value.code is ErrorCode.TRUNCATED


def test_it_comes_before_plain_text_which_can_be_asked_for() -> None:
    assert choose(registry, "text/x-tex", ".tex").name == "tex"
    assert choose(registry, "text/x-tex", ".tex", only="text").name == "text"
    assert choose(registry, "text/x-bibtex", ".bib").name == "bibliography"


# --- hostile sources ----------------------------------------------------------------------------


def test_a_paper_cut_off_anywhere_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for tenth in range(1, 10):
        text, _ = read(tmp_path, PAPER[: len(PAPER) * tenth // 10])
        if tenth > 5:
            assert "Introduction" in text
            assert "SECRETBODY" not in text


@pytest.mark.parametrize(
    "piece",
    [
        "{", "}", "$", "$$", "\\", "[", "&", "\\emph{", "\\section{", "\\footnote{", "\\caption{",
        "\\own{", "\\own[", "\\begin{x}", "\\begin{tabular}{c}", "\\begin{equation}", "\\def\\x{",
        "\\newcommand{\\x}{", "\\iffalse ", "\\ifx\\a\\b ", "\\verb|", "\\begin{verbatim}",
        "\\cite[", "\\cite{a", "\\[", "\\(", "\\vspace{", "\\item[", "%{", "\\bibitem{a}",
        "\\textsuperscript{", "\\textcolor{a}{", "\\'{\\^", "$\\mathrm{", "$_{", "\\title{",
        "\\begin{tikzpicture}node", "\\author{A and ", "\\multicolumn{9}{c}{", "a&b\\\\",
        "\\vskip 1pt plus ", "\\url{", "\\input{x}", "\\begin{itemize}\\item ", "\\end{x}",
        "\\SI{1}{", "\\begin{document}", "\\begin{abstract}", "\\begin{figure}\\caption{a}",
    ],
)  # fmt: skip
def test_tens_of_thousands_of_beginnings_are_looked_at_a_few_times(
    tmp_path: Path, piece: str
) -> None:
    read(tmp_path, "\\relax " + piece * 30_000)


def test_a_source_that_is_no_paper_by_its_length_is_given_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "\\relax " + "word " * (texfiles.MOST_BYTES // 5)
    text, items = read(tmp_path, source)
    assert text == source
    assert "longer than" in of(items, DocumentInfo)[0].reason


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a", " ", "\n", "\n\n", "{", "}", "[", "]", "$", "&", "~", "%", "\\\\", "\\emph",
             "\\section", "\\footnote", "\\begin{tabular}{c}", "\\end{tabular}", "\\item", "\\own",
             "\\begin{figure}", "\\end{figure}", "\\caption", "\\cite", "\\'", "\\bibitem",
             "\\begin{abstract}", "\\end{abstract}", "\\title", "\\iffalse", "\\else", "\\fi",
             "\\multicolumn{2}{c}", "\\begin{deluxetable}{c}", "\\enddata", "\\tablehead",
             "\\textsuperscript", "\\begin{document}", "\\end{document}", "\\def\\x", "\\verb"]
        ),
        max_size=60,
    )
)  # fmt: skip
def test_any_source_gives_a_text(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    read(tmp_path_factory.getbasetemp(), "\\relax " + "".join(parts))
