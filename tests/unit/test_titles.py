"""What stands in the place of a title: a title, or what a program has left there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.pdf.titles import as_title

LEFT_BY_PROGRAMS = [
    "No Job Name",
    "PowerPoint プレゼンテーション",
    "プレゼンテーション",
    "プレゼンテーション1",
    "PowerPoint-Präsentation",
    "Présentation PowerPoint",
    "Presentación de PowerPoint",
    "Presentazione standard di PowerPoint",
    "Presentazione di PowerPoint",
    "Apresentação do PowerPoint",
    "PowerPoint-presentatie",
    "PowerPoint-presentation",
    "PowerPoint-præsentation",
    "PowerPoint-esitys",
    "Prezentacja programu PowerPoint",
    "Prezentace aplikace PowerPoint",
    "Презентация PowerPoint",
    "PowerPoint 演示文稿",
    "PowerPoint 簡報",
    "PowerPoint 프레젠테이션",
    "PowerPoint Sunusu",
    "PowerPoint bemutató",
    "Prezentare PowerPoint",
    "Presentació del PowerPoint",
    "12345678",
    "0042",
    "PII: S0003-4916(02)00018-5",
    "PII S0022-1694(95)02770-3",
    "doi:10.1016/j.jhydrol.2015.01.001",
    "10.1038/nature12373",
    "https://doi.org/10.1000/xyz123",
    "arXiv:1207.1234v2 [astro-ph.GA] 3 Jul 2012",
    "1207.1234",
    "hep-th/9901001",
    "d41d8cd98f00b204e9800998ecf8427e",
    "550e8400-e29b-41d4-a716-446655440000",
    "12345",
    "1-s2.0-S0022169415000012-main",
    "acp-14-1-2014",
    "pone.0012345 1..8",
    "gkt1223 D68..D73",
    "acp-14-1-2014.indd",
    "book.indb",
    "layout.qxd",
    "main.tex",
    "paper.dvi",
    "final version.docx",
    r"C:\Users\ann\thesis.doc",
    "/home/ann/paper.ps",
    "Microsoft Word - thesis.docx",
    "Microsoft PowerPoint - talk.ppt [Compatibility Mode]",
    "PowerPoint Presentation",
    "PowerPoint-Präsentation",
    "Slide 1",
    "Folie 12",
    "untitled",
    "Untitled-1",
    "(untitled)",
    "Document1",
    "medical_report_scan",
    "x",
    "",
]

TITLES = [
    "2,4-D in surface water: a review",
    "doi: a history",
    "C4.5",
    "C4.5: Programs for Machine Learning",
    "Tidal range: a review",
    "2001: A Space Odyssey",
    "Node.js",
    "GPT-4",
    "R-CNN",
    "VGG16",
    "word2vec",
    "SARS-CoV-2",
    "MobileNetV2",
    "1,2-dichloroethane",
    "Fortran 77",
    "ISO 32000-2",
    "What is a .doc",
    "Untitled works of the 1960s",
    "Slide rules",
    "Draft horses",
    "Scan statistics",
    "arXiv at twenty",
    "The PII of users",
    "PowerPoint presentations in class",
    "Über Gezeiten",
    "疫学",
    "1984",
    "2001",
    "The presentation of self in everyday life",
    "Präsentation der Ergebnisse",
    "PowerPoint considered harmful",
    "プレゼンテーションの技術",
    "Job satisfaction",
]


@pytest.mark.parametrize("stated", LEFT_BY_PROGRAMS)
def test_what_a_program_leaves_in_the_place_of_a_title_is_none(stated: str) -> None:
    assert as_title(stated) is None


@pytest.mark.parametrize("title", TITLES)
def test_a_title_with_digits_dots_or_colons_is_kept(title: str) -> None:
    assert as_title(title) == title


def test_the_name_of_the_program_before_a_title_is_taken_off() -> None:
    assert as_title("Microsoft Word - Tides of the Elbe") == "Tides of the Elbe"


def test_marks_of_the_encoding_and_line_ends_are_no_part_of_a_title() -> None:
    assert as_title("\ufeffTides\r\n of the  Elbe\0") == "Tides of the Elbe"


@given(st.text(max_size=300))
def test_any_text_is_a_title_or_none(stated: str) -> None:
    title = as_title(stated)
    assert title is None or title.strip() == title != ""


@pytest.mark.parametrize(
    "piece", ["a.", "1-", "PII ", "(", "a.doc [(", "1..2 ", "/a", "_", "arxiv:1 "]
)
def test_a_title_without_end_is_judged_by_its_beginning(piece: str) -> None:
    assert as_title(piece * 200_000) == as_title((piece * 200_000)[:2000])
