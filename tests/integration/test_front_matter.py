"""Title, authors, DOI, year, abstract and keywords of papers, told from their first pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from typesettables import compile_pages

from reslib.items import Metadata
from reslib.models import ExtractionResult

Told = Callable[..., dict[str, list[Metadata]]]

_PROSE = (
    "The seasonal measurement consistently influences the coastal observation across three "
    "winters, and the instrument characterises the uncertainty of the calibration. "
) * 3
_PAPER = """#set page(paper: "a4", columns: {columns}, margin: 2.2cm, footer: [{footer}])
#set text(font: "New Computer Modern", size: 10pt)
#set par(justify: true)
#place(top, scope: "parent", float: true)[#align(center)[
#text(17pt)[The tidal range of long estuaries and \\ what it does to their harbours]

#text(11pt)[Ann B. Reed#super[1], Bo Li#super[2,\\*] and Carla van der Berg#super[1]]

#super[1]Department of Hydrology, University of Somewhere, 12 Long Street

#super[2]Institute of the Coast, bo.li\\@example.org
]]
*Abstract.* {prose}

*Keywords:* tides, estuaries, harbours

= Introduction

{prose}

= Methods

As the DOI of a work that is cited says: doi:10.5555/cited.2011.7 {prose}
"""


@pytest.fixture
def told(read: Callable[[Path], ExtractionResult], tmp_path: Path) -> Told:
    def told(columns: int = 1, footer: str = "", source: str = "") -> dict[str, list[Metadata]]:
        made = source or _PAPER.format(columns=columns, footer=footer, prose=_PROSE)
        found: dict[str, list[Metadata]] = defaultdict(list)
        for item in read(compile_pages(tmp_path, made)).items:
            if isinstance(item, Metadata) and item.page is not None:
                found[item.key].append(item)
        return found

    return told


@pytest.mark.parametrize("columns", [1, 2])
def test_a_paper_says_its_title_and_authors(told: Told, columns: int) -> None:
    found = told(columns)
    [title] = found["title"]
    assert title.value == ("The tidal range of long estuaries and what it does to their harbours")
    assert title.source == "page 1"
    assert title.confidence is not None
    assert title.confidence > 0.5
    assert [one.value for one in found["author"]] == [
        "Ann B. Reed",
        "Bo Li",
        "Carla van der Berg",
    ]


def test_abstract_and_keywords_end_where_the_text_begins(told: Told) -> None:
    found = told()
    [abstract] = found["description"]
    assert abstract.value.startswith("The seasonal measurement consistently")
    assert abstract.value.endswith("calibration.")
    assert [one.value for one in found["keywords"]] == ["tides", "estuaries", "harbours"]


def test_a_doi_is_that_of_the_paper_or_none(told: Told) -> None:
    assert told()["doi"] == []  # that in the text is of a work that is cited
    assert told(footer="https://doi.org/10.1145/nnnnnnn.nnnnnnn")["doi"] == []  # of a template
    [doi] = told(footer="J. Tides 12 (2019) 3--14. https://doi.org/10.1016/j.tides.2019.003")["doi"]
    assert doi.value == "10.1016/j.tides.2019.003"


def test_a_doi_of_an_archive_of_data_is_not_that_of_the_paper(told: Told) -> None:
    assert told(footer="Data: https://doi.org/10.5281/zenodo.1234567")["doi"] == []


@pytest.mark.parametrize(
    ("footer", "year"),
    [
        ("J. Tides 12 (2019) 3--14", "2019"),
        ("© 2017 The Authors", "2017"),
        ("Received 3 May 2015; accepted 7 July 2016; published 2 January 2018", "2018"),
        ("Draft of March 4, 2021", "2021"),
    ],
)
def test_a_year_is_that_of_the_publication(told: Told, footer: str, year: str) -> None:
    [found] = told(footer=footer)["year"]
    assert found.value == year
    assert found.source == "page 1"


def test_a_page_of_prose_has_no_authors(told: Told) -> None:
    found = told(source=f"{_PROSE}\n\n{_PROSE}")
    assert found["author"] == []
    assert found["doi"] == []


def _page(*parts: str, footer: str = "", columns: int = 1) -> str:
    """Return the source of a paper: its parts, prose, a heading."""
    return (
        f'#set page(paper: "a4", columns: {columns}, margin: 2.4cm, footer: [{footer}])\n'
        '#set text(font: "New Computer Modern", size: 10pt)\n#set par(justify: true)\n'
        "#set super(typographic: false)\n\n" + "\n\n".join(parts) + f"\n\n*Abstract.* {_PROSE}\n\n"
        f"= Introduction\n\n{_PROSE}"
    )


_TITLE = "#text(17pt)[The tidal range of long estuaries]"


@pytest.mark.parametrize(
    "said",
    [
        "Introduced before.#footnote[https:\\/\\/doi.org\\/10.5555/cited.1]",
        "See Brown (2011), \\ https:\\/\\/doi.org\\/10.5555/cited.1",
        "#text(8pt)[#super(baseline: -0.9em)[1] https:\\/\\/doi.org\\/10.5555/cited.1]",
        "#text(8pt)[Data: https:\\/\\/doi.org\\/10.5555/data.1]",
        "#text(8pt)[This is a reply to doi:10.5555/cited.1]",
    ],
)
def test_a_doi_of_another_work_on_the_first_page_is_not_that_of_the_paper(
    told: Told, said: str
) -> None:
    assert told(source=_page(_TITLE, "Ann B. Reed") + f"\n\n{said}")["doi"] == []


def test_a_doi_in_the_foot_counts_and_one_in_a_footnote_does_not(told: Told) -> None:
    source = _page(
        _TITLE,
        "Ann B. Reed",
        "As before.#footnote[https:\\/\\/doi.org\\/10.5555/cited.1]",
        footer="#text(8pt)[978-1-7281-0000-0/19/ ©2019 IEEE DOI 10.1109/tides.2019.7]",
    )
    [doi] = told(source=source)["doi"]
    assert doi.value == "10.1109/tides.2019.7"


def test_a_doi_that_is_broken_where_the_paper_says_how_to_cite_it_is_joined(told: Told) -> None:
    panel = (
        "#text(7pt)[*Citation:* Reed A (2019) The tidal range. \\ J Tides 3: e021. \\ "
        "https:\\/\\/doi.org\\/10.1371/journal. \\ tides.0212345]"
    )
    [doi] = told(source=_page(panel, _TITLE, "Ann B. Reed"))["doi"]
    assert doi.value == "10.1371/journal.tides.0212345"


def test_the_name_of_the_journal_in_large_letters_is_not_the_title(told: Told) -> None:
    source = _page(
        "#text(8pt)[Water and Climate 201 (2007) 104512]",
        "#text(24pt)[Water and Climate]",
        "#text(8pt)[journal homepage: www.example.org/water]",
        _TITLE,
        "Ann B. Reed#super[a], Bo Li#super[a,\\*]",
        "#text(8pt)[#super[a]Institute of the Coast, Somewhere]",
    )
    found = told(source=source)
    assert [one.value for one in found["title"]] == ["The tidal range of long estuaries"]
    assert [one.value for one in found["author"]] == ["Ann B. Reed", "Bo Li"]
    assert [one.value for one in found["year"]] == ["2007"]


def test_authors_in_blocks_are_told_from_their_institutes(told: Told) -> None:
    blocks = ", ".join(
        f"[{name} \\ #emph[{place}] \\ Fram Centre, Tromsø \\ {name[0].lower()}\\@example.org]"
        for name, place in (
            ("Ann Reed", "Norwegian Polar Agency"),
            ("Bo Li", "Facultad de Ciencias"),
            ("Carla Paris", "Kyoto Institute"),
        )
    )
    found = told(source=_page(_TITLE, f"#grid(columns: (1fr, 1fr, 1fr), {blocks})"))
    assert [one.value for one in found["author"]] == ["Ann Reed", "Bo Li", "Carla Paris"]


def test_numbers_of_people_and_breaks_of_lines_part_no_names(told: Told) -> None:
    names = (
        "Ann van der Berg#super[1,[0000-0001-2345-6789]], Bo Li#super[2,[0000-0001-2345-6780]], "
        "Ngọc Anh \\ El-Sayed#super[1,[0000-0002-2345-678X]], and Иван \\ Петров#super[2]"
    )
    found = told(source=_page(_TITLE, names, "#super[1]University of Somewhere"))
    assert [one.value for one in found["author"]] == [
        "Ann van der Berg",
        "Bo Li",
        "Ngọc Anh El-Sayed",
        "Иван Петров",
    ]


def test_the_year_of_the_volume_goes_before_those_of_manuscript_and_copyright(told: Told) -> None:
    source = _page(
        "#text(8pt)[Journal of Tides (2019) 27:123--145]",
        _TITLE,
        "Ann B. Reed",
        "#text(8pt)[Received: 3 May 2017 / Published online: 12 December 2018]",
        footer="#text(8pt)[© Springer-Verlag GmbH Germany 2018]",
    )
    assert [one.value for one in told(source=source)["year"]] == ["2019"]


def test_a_year_in_the_title_is_not_that_of_the_paper(told: Told) -> None:
    source = _page("#text(17pt)[The tidal range of long estuaries \\ 1998]", "Bo Li \\ May 2004")
    assert [one.value for one in told(source=source)["year"]] == ["2004"]


def test_keywords_stand_below_their_heading_one_on_a_line_too(told: Told) -> None:
    source = _page(_TITLE, "Ann B. Reed", "#text(8pt)[KEYWORDS \\ tides \\ salt marshes \\ ports]")
    found = told(source=source)["keywords"]
    assert [one.value for one in found] == ["tides", "salt marshes", "ports"]


def test_an_abstract_without_a_word_before_it_is_the_prose_in_other_type(told: Told) -> None:
    source = (
        '#set page(paper: "a4")\n#set text(font: "New Computer Modern", size: 10pt)\n\n'
        f"{_TITLE}\n\nAnn B. Reed\n\n*{_PROSE}*\n\n{_PROSE * 4}"
    )
    [abstract] = told(source=source)["description"]
    assert abstract.value == " ".join(_PROSE.split())
    assert abstract.confidence is not None
    assert abstract.confidence < 0.85


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "The range of the tide is larger in the estuary than at the coast, which was known.",
        ),
        ("de", "Der Tidenhub ist in der Mündung größer als an der Küste, und das war bekannt."),
        ("fr", "Le marnage est plus grand dans un estuaire que sur la côte, et cela est connu."),
    ],
)
def test_the_language_of_a_paper_is_told_by_its_words(
    told: Told, language: str, sentence: str
) -> None:
    [found] = told(source=f"{sentence} " * 12)["language"]
    assert found.value == language
    assert found.source == "words of the text"


def test_words_without_sentences_have_no_language(told: Told) -> None:
    assert told(source="Lorem ipsum dolor sit amet consectetur elit. " * 20)["language"] == []


def test_prose_between_authors_and_keywords_is_the_abstract_in_whatever_type(told: Told) -> None:
    source = f"""#set page(paper: "a4", margin: 2.2cm)
#set text(font: "New Computer Modern", size: 10pt)
#text(20pt)[The tidal range of long estuaries]

#text(11pt)[Ann B. Reed#super[1], Bo Li#super[2]]

#super[1]Department of Hydrology, University of Somewhere

{_PROSE}

KEYWORDS

tides, estuaries, harbours

= Introduction

{_PROSE}
"""
    found = told(source=source)
    [abstract] = found["description"]
    assert abstract.value.startswith("The seasonal measurement")
    assert abstract.value.endswith("calibration.")
    assert abstract.confidence == 0.6
    without = told(source=source.replace("KEYWORDS\n\ntides, estuaries, harbours", ""))
    assert without["description"] == []


def drawn(path: Path, authors: Callable[[Canvas, float], None], fields: int = 0) -> Path:
    """Draw a page with a title, and authors below it."""
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 740, "The tidal range of long estuaries")
    canvas.setFont("Helvetica", 11)
    authors(canvas, 710)
    for number in range(fields):
        height = 600 - 30 * number
        canvas.drawString(72, height, f"Number of gauge {number}")
        canvas.acroForm.textfield(name=f"f{number}", x=200, y=height, width=200, height=16)
    canvas.drawString(72, 300, "The seasonal measurement consistently influences the observation.")
    canvas.save()
    return path


def said_by(result: ExtractionResult, key: str) -> list[str]:
    return [x.value for x in result.items if isinstance(x, Metadata) and x.key == key and x.page]


@pytest.mark.parametrize("is_behind", [False, True])
def test_accents_that_are_drawn_apart_are_on_the_letters_of_names(
    read: Callable[[Path], ExtractionResult], tmp_path: Path, is_behind: bool
) -> None:
    def authors(canvas: Canvas, height: float) -> None:
        def letter(at: float, letter: str, mark: str) -> float:
            wide, of_mark = (canvas.stringWidth(each, "Helvetica", 11) for each in (letter, mark))
            over = at + (wide - of_mark) / 2
            for place, text in ((over, mark), (at, letter))[:: -1 if is_behind else 1]:
                canvas.drawString(place, height, text)
            return at + wide

        at = 72.0
        for text in (
            "J",
            ("u", "¨"),
            "rgen M",
            ("u", "¨"),
            "ller, Ana Mu",
            ("n", "\N{SMALL TILDE}"),
            "oz and Bo Li",
        ):
            if isinstance(text, tuple):
                at = letter(at, *text)
            else:
                canvas.drawString(at, height, text)
                at += canvas.stringWidth(text, "Helvetica", 11)

    result = read(drawn(tmp_path / "accents.pdf", authors))
    assert said_by(result, "author") == ["Jürgen Müller", "Ana Muñoz", "Bo Li"]


def test_a_form_has_no_title_and_no_authors(
    read: Callable[[Path], ExtractionResult], tmp_path: Path
) -> None:
    def authors(canvas: Canvas, height: float) -> None:
        canvas.drawString(72, height, "Ann B. Reed, Bo Li")

    form = read(drawn(tmp_path / "form.pdf", authors, fields=4))
    assert said_by(form, "title") == said_by(form, "author") == []
    paper = read(drawn(tmp_path / "paper.pdf", authors, fields=1))
    assert said_by(paper, "title") == ["The tidal range of long estuaries"]
