"""What is read of Markdown: its text as typed, its front matter, headings and tables."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from markupreading import only, stated
from markupreading import read as read_with

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.own import MARKDOWN
from reslib.extractors.registry import registry
from reslib.formats.detect import detect
from reslib.items import Metadata, Section, Table
from reslib.models import ExtractionResult, TextStatus

Read = Callable[[str | bytes], ExtractionResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda content: read_with(MARKDOWN, tmp_path / "note.md", content)


BODY = "# Summary\n\nThe *tide* came in [@reed2020].\n\n- one\n"


def test_markdown_is_read_by_its_own_extractor_and_by_name_as_bare_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(BODY, encoding="utf-8")
    kind = detect(path)
    assert choose(registry, kind, ".md").name == "markdown"
    assert choose(registry, kind, ".md", only="text").name == "text"


def test_the_text_stays_as_it_was_typed(read: Read) -> None:
    result = read(BODY)
    assert result.text == BODY
    assert result.title == "Summary"
    assert (result.text_status, result.confidence) == (TextStatus.FULL, 1.0)
    assert only(result, Metadata) == [Metadata("title", "Summary", "first heading", page=1)]


PAPER = """---
title: 'On Tides: A Study'
tags:
  - tide gauge
  - estuary
authors:
  - name: Ann Reed
    orcid: 0000-0000-0000-0001
    affiliation: "1, 2"
  - given: Bo
    family: Li
affiliations:
  - name: Institute of the Sea, Kiel
    index: 1
date: 2021-03-04
bibliography: paper.bib
output: html_document
header-includes:
  - \\usepackage{lineno} some words
supervisor: Dr. Cy Day
---

"""


def test_front_matter_is_metadata_and_only_what_people_read_of_it_is_text(read: Read) -> None:
    result = read(PAPER + BODY)
    assert result.title == "On Tides: A Study"
    assert stated(result) == [
        ("title", "On Tides: A Study"),
        ("keywords", "tide gauge"),
        ("keywords", "estuary"),
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("affiliation", "Institute of the Sea, Kiel"),
        ("date", "2021-03-04"),
    ]
    assert {one.source for one in only(result, Metadata)} == {"front matter"}
    assert result.text == (
        "On Tides: A Study\ntags: tide gauge, estuary\nAnn Reed, Bo Li\n"
        "affiliations: Institute of the Sea, Kiel\ndate: 2021-03-04\nsupervisor: Dr. Cy Day\n\n"
        + BODY
    )


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Reed", ["Ann Reed"]),
        ("[Ann Reed, Bo Li]", ["Ann Reed", "Bo Li"]),
        ("Reed, Ann; Li, Bo", ["Reed, Ann", "Li, Bo"]),
        ("{name: Ann Reed, email: a@a.invalid}", ["Ann Reed"]),
        ("{name: {given: Ann, family: Reed}}", ["Ann Reed"]),
        ("\n- Ann Reed:\n    institute: [sea]\n- Bo Li:\n    institute: x", ["Ann Reed", "Bo Li"]),
        ("true", ["true"]),
        ("", []),
        ("{email: a@a.invalid}", []),
        ("&a [*a, Bo]", ["Bo"]),
    ],
)
def test_authors_are_found_however_they_are_written(
    read: Read, author: str, names: list[str]
) -> None:
    result = read(f"---\nauthor: {author}\n---\nwords")
    found = [one.value for one in only(result, Metadata) if one.key == "author"]
    assert found[-len(names) :] == names if names else found == []


def test_front_matter_that_is_no_valid_yaml_is_read_line_by_line(read: Read) -> None:
    head = (
        "---\ntitle: On Tides: A Study\nauthor:\n- Ann Reed\n- Bo Li\n# a comment\nlayout: post\n"
    )
    result = read(f"{head}---\n{BODY}")
    assert stated(result) == [
        ("title", "On Tides: A Study"),
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
    ]
    assert result.text == f"On Tides: A Study\nAnn Reed, Bo Li\n\n{BODY}"


def test_front_matter_in_toml_is_read_too(read: Read) -> None:
    head = '+++\ntitle = "On Tides"\ndate = 2021-03-04\nauthors = ["Ann Reed"]\ndraft = true\n'
    result = read(f"{head}[params]\nmath = 1\n+++\n\n{BODY}")
    assert stated(result) == [("title", "On Tides"), ("date", "2021-03-04"), ("author", "Ann Reed")]
    assert result.text == f"On Tides\ndate: 2021-03-04\nAnn Reed\n\n{BODY}"


def test_the_title_block_of_pandoc_is_metadata(read: Read) -> None:
    result = read(f"% On Tides\n% Ann Reed; Bo Li\n% 2021\n\n{BODY}")
    assert stated(result) == [
        ("title", "On Tides"),
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("date", "2021"),
    ]
    assert result.text.startswith("% On Tides\n")


@pytest.mark.parametrize(
    "text",
    [
        "---\nOnly a line above and below.\n---\n",
        "---\nA rule, then words: many.\nAnd [more\n---\n",
        "---\n",
        "---\ntitle: never closed\n",
        "+++\nno toml\n+++\n",
        "----\ntitle: x\n----\n",
        "words\n---\ntitle: x\n---\n",
        "---\n" + "words: x\n" * 20_000 + "---\n",
        "---\n- a\n- b\n---\n",
    ],
)
def test_what_is_no_front_matter_stays_in_the_text(read: Read, text: str) -> None:
    assert read(text).text == text


@pytest.mark.parametrize(
    "inside",
    [
        "[" * 60_000,
        "{" * 60_000,
        "a: &a [x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join(['*' + p] * 9)}]\n" for p, n in pairwise("abcdefghi"))
        + "title: *i\nauthor: *h",
        "author: &a [*a, *a]\ntitle: *a",
        "".join(" " * n + "author:\n" for n in range(300)),
        "title: !!python/object/apply:os.system [x]",
        "title: \x07\x1b",
        "author: " + "[" * 500 + "]" * 500,
        "? [a, b]\n: c\n? {d: e}\n: f",
    ],
)
def test_front_matter_made_to_attack_costs_little_and_the_text_is_read(
    read: Read, inside: str
) -> None:
    result = read(f"---\n{inside}\n---\n\nThe tide came in.\n")
    assert "The tide came in." in result.text
    assert len(result.text) < 200_000
    assert len(result.items) < 2_000


def test_headings_are_sections_and_those_in_code_are_none(read: Read) -> None:
    text = (
        "Tides\n=====\n\nEbb\n---\n\n## The *moon* [and](x) `C` ##\n\n```r\n# a comment\n```\n"
        "~~~~\n```\n# none\n~~~~\n# C#\n####### none\n#none\n<!--\n# none\n-->\n"
        "## Methods {#m .x}\n"
        "\nwords\n- a\n---\n| a |\n\f\n# Second page\n"
    )
    assert only(read(text), Section) == [
        Section("Tides", 1, 1),
        Section("Ebb", 2, 1),
        Section("The moon and C", 2, 1),
        Section("C#", 1, 1),
        Section("Methods", 2, 1),
        Section("Second page", 1, 2),
    ]


def test_raised_and_lowered_pieces_of_cells_become_no_digits_of_their_number(read: Read) -> None:
    text = (
        "| Gas | Area (m<sup>2</sup>) |\n|--|--|\n| CO<sub>2</sub> | 10<sup>5</sup> |\n"
        "| 12<sub>3</sub> | 12.3<SUP>a</SUP> |\n| <sup>x | 4 |\n"
    )
    [found] = only(read(text), Table)
    assert found.rows == (
        ("Gas", "Area (m^2)"),
        ("CO2", "10^5"),
        ("12_3", "12.3 a"),
        ("<sup>x", "4"),
    )


def test_pipe_tables_are_tables_with_their_captions(read: Read) -> None:
    text = (
        "| Range | m |\n|:------|--:|\n| spring \\| neap | 4 |\n| x | 5 | 6\n"
        "\nTable: The **ranges**\n"
        "\na|b\n-|-\n1|2\nwords\n\n```\n|c|d|\n|-|-|\n|1|2|\n```\n"
    )
    assert only(read(text), Table) == [
        Table(
            (("Range", "m", ""), ("spring | neap", "4", ""), ("x", "5", "6")),
            1,
            "The ranges",
            header_rows=1,
        ),
        Table((("a", "b"), ("1", "2")), 1, header_rows=1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("|" * 300_000 + "\n" + "|-" * 150_000, "a|b\n-|-\n" + "|||||||||\n" * 30_000),
        *(" " * 300_000 + "|\n|-", "# " + "[" * 100_000, "`" * 100_000 + "\n", "#" + " " * 9_999),
    ],
)
def test_tables_and_headings_without_end_have_a_bound(read: Read, text: str) -> None:
    result = read(text)
    assert result.text == text
    assert sum(map(len, (row for one in only(result, Table) for row in one.rows))) <= 1 << 20


def test_a_guessed_encoding_is_said(read: Read) -> None:
    result = read(b"---\ntitle: Caf\xe9 au lait\n---\nL\x92\xe9t\xe9 \xe0 la mer\n")
    assert result.title == "Café au lait"
    assert result.confidence is not None
    assert result.confidence < 1


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_text_that_is_cut_off_is_read_as_far_as_it_goes(read: Read, tenth: int) -> None:
    whole = PAPER + BODY
    assert "On Tides" in read(whole[: max(30, len(whole) * tenth // 10)]).text


def test_a_packed_text_is_unpacked_and_a_damaged_one_refused(read: Read) -> None:
    packed = gzip.compress((PAPER + BODY).encode())
    assert read(packed).title == "On Tides: A Study"
    with pytest.raises(ExtractionError) as caught:
        read(packed[:-20])
    assert caught.value.code is ErrorCode.TRUNCATED


@pytest.mark.parametrize("content", [b"", b"\n\n", b"---\n---\n"])
def test_a_text_without_words_is_empty_or_what_it_is(read: Read, content: bytes) -> None:
    assert read(content).text.strip() in ("", "---\n---")
