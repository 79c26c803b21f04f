"""What is read of an HTML page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.extractors.assemble import Assembler
from reslib.extractors.html import EXTRACTOR
from reslib.models import ExtractionResult

Read = Callable[[str | bytes], ExtractionResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(page: str | bytes) -> ExtractionResult:
        path = tmp_path / "page.html"
        path.write_bytes(page.encode() if isinstance(page, str) else page)
        assembler = Assembler(EXTRACTOR, "text/html")
        for item in EXTRACTOR.function(path):
            assembler.add(item)
        return assembler.result()

    return read


def test_blocks_end_lines_and_inline_elements_do_not(read: Read) -> None:
    page = "<h1>On <i>graph</i>s</h1><p>One <b>bo</b>ld word.<p>Two<br>three<ul><li>a<li>b</ul>"
    assert read(page).text == "On graphs\n\nOne bold word.\n\nTwo\nthree\n\na\nb"


def test_cells_are_separated_by_tabs_and_rows_by_line_ends(read: Read) -> None:
    page = "<table><tr><th>a<th>b</tr><tr><td>1</td><td>2</td></tr></table>"
    assert read(page).text == "a\tb\n1\t2"
    assert read("<table><tr><td><td>b<tr><td>c<td>d</table>").text == "\tb\nc\td"


def test_scripts_styles_templates_and_comments_are_left_out(read: Read) -> None:
    page = (
        "<style>p{x}</style><script>if (a<b) 'no'</script><template><p>no</p></template>"
        "<!-- no --><p>yes</p><noscript>also</noscript>"
    )
    assert read(page).text.split() == ["yes", "also"]


def test_what_a_style_would_hide_is_text_too(read: Read) -> None:
    assert "here" in read('<p hidden>here</p><div style="display:none">too</div>').text


def test_the_title_is_apart_and_still_found_by_a_search(read: Read) -> None:
    result = read("<title>On\n  graphs &amp; trees</title><svg><title>icon</title></svg><p>x")
    assert result.title == "On graphs & trees"
    assert result.text.startswith("On graphs & trees")


def test_a_page_without_a_title_has_none(read: Read) -> None:
    assert read("<p>words").title is None


def test_preformatted_text_keeps_its_lines_and_indentation(read: Read) -> None:
    assert "def f():\n    return 1\n" in read("<pre>def f():\n    return 1\n</pre><p>x").text


def test_the_words_of_a_picture_are_read(read: Read) -> None:
    assert read('a<img src="x.png" alt="a bar chart">b').text == "a a bar chart b"


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        ('<meta charset="iso-8859-7"><p>Ελληνικά'.encode("iso8859-7"), "iso8859-7"),
        ("<?xml version='1.0' encoding='iso-8859-7'?><p>Ελληνικά".encode("iso8859-7"), "iso8859-7"),
        ('<meta charset="iso-8859-1"><p>Ελληνικά'.encode(), "utf-8"),
        ("<p>Ελληνικά".encode("utf-16"), "utf-16"),
    ],
)
def test_the_encoding_is_that_of_the_bytes_before_that_of_the_label(
    read: Read, page: bytes, encoding: str
) -> None:
    result = read(page)
    assert result.text == "Ελληνικά"
    assert result.metadata == {"encoding": encoding, "encoding_guessed": False}


def test_external_entities_are_not_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "secret.txt">]><p>before &x; after &eacute;'
    text = read(page).text
    assert "SECRET" not in text
    assert "after é" in text


@pytest.mark.parametrize("depth", [255, 2047, 2048, 100_000])
def test_text_is_found_at_any_depth_and_after_it(read: Read, depth: int) -> None:
    page = "<p>first</p>" + "<div>" * depth + "deep" + "</div>" * depth + "<p>last</p>"
    assert read(page).text.split() == ["first", "deep", "last"]


def test_thousands_of_unclosed_tags_lose_nothing(read: Read) -> None:
    page = "<title>T</title>" + "<font><b>" * 5000 + "words <script>no</script> end"
    result = read(page)
    assert result.text.split() == ["T", "words", "end"]
    assert result.title == "T"


@pytest.mark.parametrize(
    "page", ["<", "<>", "<![", "<!", "&#0;", "&#x110000;", "a\0b", "</p>", "<p"]
)
def test_broken_markup_raises_nothing(read: Read, page: str) -> None:
    read(page)
    read("<div>" * 3000 + page)


def test_a_nul_does_not_end_the_text(read: Read) -> None:
    assert read("<p>a\0b</p><p>c").text == "a\ufffdb\n\nc"


def test_a_page_of_blanks_is_empty(read: Read) -> None:
    assert read(" \n").text_status == "empty"
