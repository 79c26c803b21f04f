"""A document in a notebook: a short line where code prints it, its pages where people read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_display import Cells

from reslib import Attachment, ExtractionWorker, ResearchDatabase
from reslib.search.reader import Reader

AddText = Callable[..., int]
PAGES = ("The tidal range.", "", "Ranges, and the TIDAL\nrange again", "No word of it.")


def reader(*pages: str, query: str = "", first: int = 1, is_paged: bool = True) -> Reader:
    return Reader("tides.pdf", [("title", "Of tides")], pages, is_paged, query, first)


def marked(shown: Reader) -> list[str]:
    return [unescape(found) for found in re.findall(r"<mark[^>]*>(.*?)</mark>", html(shown), re.S)]


def opened(shown: Reader) -> list[str]:
    return re.findall(r"<details open><summary>(page \d+)", html(shown))


def html(shown: Reader | Attachment) -> str:
    made = shown._repr_html_()
    assert "<script" not in made
    assert "var(--jp-" in made
    return made


def text_of(shown: Reader) -> str:
    pages = "".join(re.findall(r"<pre[^>]*>(.*?)</pre>", html(shown), re.S))
    return unescape(re.sub("</?mark[^>]*>", "", pages))


@pytest.fixture
def document(db: ResearchDatabase, add_text: AddText) -> Attachment:
    with ExtractionWorker(db, num_workers=1) as worker:
        id = add_text("A heron was seen. " * 2_000, name="notes.txt")
        worker.enqueue(id)
        assert worker.wait(60)
    return db.get_attachment(id)


def test_a_document_prints_as_one_short_line(document: Attachment) -> None:
    assert repr(document) == "<Attachment 1 'notes.txt': 36,000 characters, full, confidence 1.00>"
    assert len(repr([document, document])) < 200
    pages = replace(document, extracted_text="one\ftwo", page_offsets=(0, 4), confidence=None)
    assert repr(pages) == "<Attachment 1 'notes.txt': 2 pages, 6 characters, full>"


def test_a_document_without_a_text_says_so(db: ResearchDatabase, add_text: AddText) -> None:
    waiting = db.get_attachment(add_text(name="later.txt"))
    assert repr(waiting) == "<Attachment 1 'later.txt': no text yet>"
    assert "no text yet" in html(waiting)
    assert "no text yet" in html(waiting.read("heron", page=7))


def test_a_document_shows_its_text_in_a_notebook(document: Attachment) -> None:
    assert "A heron was seen." in html(document)
    assert "confidence" in html(document)
    assert "one piece, 36,000 characters" in html(document)
    Cells(html(document))


def test_each_page_can_be_opened_and_the_first_one_is() -> None:
    shown = reader(*PAGES)
    assert re.findall(r"<summary>(.*?)</summary>", html(shown)) == [
        "page 1 of 4, 16 characters",
        "page 2 of 4, no text",
        "page 3 of 4, 33 characters",
        "page 4 of 4, 14 characters",
    ]
    assert opened(shown) == ["page 1"]
    assert text_of(shown) == "".join(PAGES)
    Cells(html(shown))


def test_what_was_looked_for_is_marked_as_it_stands_there_and_its_pages_are_open() -> None:
    shown = reader(*PAGES, query='"tidal range"')
    assert marked(shown) == ["tidal range", "TIDAL\nrange"]
    assert opened(shown) == ["page 1", "page 3"]
    assert "2 hits for &quot;tidal range&quot; on pages 1, 3 of 4" in html(shown)
    assert repr(shown).count("\n") == 0
    assert text_of(shown) == "".join(PAGES)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("erdos", "Paul Erdős met", ["Erdős"]),
        ("strasse", "die Straße", ["Straße"]),
        ("CO2", "of CO₂ and", ["CO₂"]),
        ("photo*", "photographs, a photon", ["photographs", "photon"]),
        ("tide OR moon", "the moon, the tide", ["moon", "tide"]),
        ("tide NOT moon", "the moon, the tide", ["tide"]),
        ("水位", "昨日の水位は", ["水位"]),
        ("C++", "in C++ code", ["C"]),
        ("efficient", "an e\ufb03cient way", ["e\ufb03cient"]),
        ("tide", "tide <b>tide</b> & tide", ["tide"] * 3),
        ("...", "some text", []),
        ("heron", "no such bird", []),
    ],
)
def test_words_are_marked_where_a_search_finds_them(
    query: str, text: str, found: list[str]
) -> None:
    assert marked(reader(text, query=query)) == found


def test_what_does_not_stand_in_it_is_said() -> None:
    shown = reader(*PAGES, query="<heron>")
    assert "no hit for “&lt;heron&gt;”" in html(shown)
    assert repr(shown) == "<text of 'tides.pdf': no hit for “<heron>”>"


def test_hostile_text_and_names_are_shown_and_not_obeyed() -> None:
    hostile = "<script>alert(1)</script></pre>\x1b[2J\u202egpj.exe\x00 \ud800 '\"&amp;"
    shown = Reader(hostile, [(hostile, hostile)], [hostile], True, hostile, 1)
    for made in (html(shown), repr(shown)):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", made)
    assert "<script" not in html(shown)
    assert html(shown).count("</pre>") == 1
    Cells(html(shown))


def test_letters_that_python_calls_unprintable_stay_letters() -> None:
    text = "می\u200cخ, 10\u00a0km, co\u00adoperate, क्\u200dष, 水\u3000位"
    assert text_of(reader(text)) == text


def test_a_long_document_is_shown_in_parts_that_say_where_the_rest_is() -> None:
    pages = [f"page {number} " + "words " * 5_000 for number in range(1, 13)]
    shown = reader(*pages)
    assert "Not shown: pages 4 to 12. read(page=4) begins there." in html(shown)
    assert len(html(shown)) < 150_000
    assert opened(reader(*pages, first=4)) == ["page 4"]
    assert "Not shown" not in html(reader(*pages, first=10))


def test_pages_with_hits_come_before_others_that_are_too_many() -> None:
    pages = ["words " * 5_000 for _ in range(12)]
    pages[10] += "heron"
    shown = reader(*pages, query="heron")
    assert opened(shown) == ["page 11"]
    assert "Not shown: pages 3 to 10, 12." in html(shown)
    assert marked(shown) == ["heron"]


def test_a_page_that_is_too_long_is_cut_around_the_first_hit() -> None:
    text = "words " * 100_000 + "heron" + " words" * 100_000
    shown = reader(text, query="heron", is_paged=False)
    assert marked(shown) == ["heron"]
    assert len(html(shown)) < 150_000
    assert text_of(reader(text)).startswith("words")


def test_of_very_many_hits_a_thousand_of_a_page_are_counted_and_that_is_said() -> None:
    shown = reader("a " * 500_000, "a b", query="a")
    assert "at least 1,001 hits for “a” on pages 1 to 2 of 2" in repr(shown)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(max_size=8))
def test_whatever_a_text_is_all_of_it_is_shown_and_nothing_of_it_is_markup(
    pages: list[str], query: str
) -> None:
    made = html(reader(*pages, query=query))
    assert made.count("<pre") == made.count("</pre>") == len(pages)
    assert made.count("<mark") == made.count("</mark>")
    Cells(made)
    steering = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    if not steering.search("".join(pages)):
        assert text_of(reader(*pages, query=query)) == "".join(pages)


def test_the_page_of_a_hit_is_a_page_to_read_also_where_there_are_no_pages(
    db: ResearchDatabase, document: Attachment
) -> None:
    [hit] = db.search("heron")
    assert hit.page == 1
    assert document.page_text(hit.page) == document.extracted_text
    assert repr(document.read("heron", hit.page)).endswith("at least 1,000 hits for “heron”>")
    several = replace(document, page_offsets=(0, 10))
    with pytest.raises(IndexError, match="2 extracted pages; there is no page None"):
        several.page_text(None)


def test_a_page_that_is_not_there_and_a_query_that_is_no_text_are_refused(
    document: Attachment, tmp_path: Path
) -> None:
    with pytest.raises(IndexError, match=r"notes\.txt has 1 extracted pages; there is no page 2"):
        document.read(page=2)
    with pytest.raises(IndexError, match="there is no page 0"):
        document.read(page=0)
    with pytest.raises(TypeError, match="query is text to mark, not 7"):
        document.read(7)  # type: ignore[arg-type]
