"""What is read of an HTML page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.extractors.assemble import Assembler
from reslib.extractors.own import HTML
from reslib.models import ExtractionResult

Read = Callable[[str | bytes], ExtractionResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(page: str | bytes) -> ExtractionResult:
        path = tmp_path / "page.html"
        path.write_bytes(page.encode() if isinstance(page, str) else page)
        assembler = Assembler(HTML, "text/html")
        items = HTML.function(path)
        assert not isinstance(items, ExtractionResult)
        for item in items:
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


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ("<META CONTENT='text/html;charset=windows-1251' HTTP-EQUIV=content-type>", "cp1251"),
        ("<meta name=x content=y><meta charset = 'x-cp1251' />", "cp1251"),
        ('<?xml version="1.0" encoding="windows-1251"?><html>', "cp1251"),
        ("<!-- <meta charset=iso-8859-1> --><meta charset=koi8-r>", "koi8-r"),
        ("<script>'<meta charset=iso-8859-1>'</script><meta charset=koi8-r>", "koi8-r"),
        ("<title><meta charset=big5></title><meta charset=koi8-r>", "koi8-r"),
        ('<meta name="description" content="charset=big5"><meta charset=koi8-r>', "koi8-r"),
        ("<meta charset=nonsense><meta charset=koi8-r>", "koi8-r"),
        (f"<style>{'p{}' * 2000}</style><meta charset=koi8-r>", "koi8-r"),
    ],
)
def test_the_label_is_found_where_browsers_find_it(read: Read, head: str, encoding: str) -> None:
    page = f"{head}<p>Уровень воды измеряли на станциях.".encode(encoding)
    result = read(page)
    assert result.text.endswith("Уровень воды измеряли на станциях.")
    assert result.metadata["encoding_guessed"] is False


@pytest.mark.parametrize("label", ["utf-7", "UTF-7", "unicode-1-1-utf-7"])
def test_utf_7_is_no_encoding_of_pages(read: Read, label: str) -> None:
    page = f"<meta charset={label}><p>a tide+AOQ- gauge".encode()
    assert read(page).text == "a tide+AOQ- gauge"


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "UTF-32", "cp037"])
def test_a_label_of_wide_characters_on_a_page_in_ascii_is_not_believed(
    read: Read, label: str
) -> None:
    result = read(f'<meta charset="{label}"><title>Tidal range</title><p>At four stations.')
    assert result.text == "Tidal range\n\nAt four stations."
    assert result.confidence == 1.0


def test_a_page_of_labels_is_looked_through_once(read: Read) -> None:
    read("<meta charset=" * 100_000 + "<p>words")
    read("<!--<script><meta " * 50_000)


def test_readings_above_words_are_left_out(read: Read) -> None:
    explicit = (
        "<ruby>機械<rp>(</rp><rt>きかい</rt><rp>)</rp>学習<rp>(</rp><rt>がく</rt><rp>)</rp></ruby>"
    )
    assert read(f"これは{explicit}の").text == "これは機械学習の"
    assert read("<ruby><rb>漢<rb>字<rt>かん<rt>じ</ruby>の").text == "漢字の"
    assert read("<ruby>漢<rt>かん<rb>字<rt>じ</ruby>の").text == "漢字の"
    assert read("<ruby>漢字<rtc><rt>かん</rt> <rt>じ</rt></rtc></ruby>の").text == "漢字の"
    nested = "<ruby><ruby>東<rt>とう</rt>南<rt>なん</rt></ruby><rt>Southeast</rt></ruby>"
    assert read(f"{nested}の").text == "東南の"
    assert read("\ufff9漢字\ufffaかんじ\ufffbの").text == "漢字の"


def test_a_reading_that_is_never_ended_ends_with_its_block(read: Read) -> None:
    assert read("<p><ruby>漢<rt>かん<p>rest").text == "漢\n\nrest"


def test_what_is_raised_is_no_part_of_the_word_before_it(read: Read) -> None:
    assert read("Smith<sup>1,2</sup>, Li<sup><a href=x>3</a></sup>").text == "Smith 1,2, Li 3"
    assert read("library<sup>1</sup>to<sup>2</sup>").text == "library 1 to 2"
    assert read("a word<sup>1</sup><sup>,2</sup> b").text == "a word 1,2 b"
    assert read("the<span style='vertical-align: super'>3</span> end").text == "the 3 end"
    assert read("<sup>1</sup>Department").text == "1 Department"


def test_exponents_charges_and_formulas_stay_as_they_are_typed(read: Read) -> None:
    assert (
        read("10<sup>5</sup> m<sup>&minus;3</sup> at 1<sup>st</sup>").text
        == "10^5 m^\u22123 at 1st"
    )
    assert read("H<sub>2</sub>O, SO<sub>4</sub><sup>2&minus;</sup>").text == "H2O, SO4^2\u2212"
    assert read("x<sub>i</sub><sup>2</sup>, <sup>13</sup>C").text == "xi^2, 13C"
    power = "<msup><mn>10</mn><mn>5</mn></msup><annotation>10^{5}</annotation>"
    assert (
        read(f"<math>{power}</math> <math><mfrac><mi>a</mi><mi>b</mi></mfrac>").text == "10^5 a/b"
    )


def test_a_raised_piece_that_is_never_ended_ends_with_its_block(read: Read) -> None:
    assert read("<p>word<sup>1<p>next" + "<sup>" * 1000).text == "word 1\n\nnext"


def test_characters_that_are_not_seen_do_not_cut_words(read: Read) -> None:
    assert read("<p>Sozial&shy;wissen&#173;schaf<wbr>ten").text == "Sozialwissenschaften"
    assert read("in&#8203;for&zwnj;ma&#x2060;tion&#xfeff;").text == "information"
    assert read("Grund&shy;<br>wasser &shy;bildung").text == "Grundwasser bildung"
    assert read("<title>Sozial&shy;amt</title>").title == "Sozialamt"


def test_external_entities_are_not_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "secret.txt">]><p>before &x; after &eacute;'
    text = read(page).text
    assert "SECRET" not in text
    assert "after é" in text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>seen<p hidden>not <b>seen</b><p>after", "seen\n\nafter"),
        ("<div hidden><p>a<br>b<img alt=c><div>d</div></div>after", "after"),
        ("<b>seen</b><i style='color: red; DISPLAY : none !important'>not</i> after", "seen after"),
        ("<ul><li hidden>not<li>seen</ul>", "seen"),
        ("<table><tr hidden><td>a<td>b<tr><td>c</table>", "c"),
        ("<div hidden></p></span>not</div>after", "after"),
        ("<p aria-hidden=true>seen</p>", "seen"),
        ("<p>a<p style='display: inline; x-display: none-such'>seen", "a\n\nseen"),
        ("<p>a<p hidden=until-found>found", "a\n\nfound"),
        ("<body style='display:none'>all of it", "all of it"),
        ("<div hidden id=app><p>all of it</div>", "all of it"),
        (
            "<p>a <span class=mwe-math-mathml-a11y style='display: none'><math><mi>x</mi></math>",
            "a x",
        ),
    ],
)
def test_what_an_element_hides_is_left_out_and_no_more(read: Read, page: str, text: str) -> None:
    assert read(page).text == text


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
