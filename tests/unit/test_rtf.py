r"""What is read of an RTF document."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import RTF
from reslib.formats.detect import detect
from reslib.items import Metadata
from reslib.models import ExtractionResult, TextStatus

Read = Callable[[bytes], ExtractionResult]

FONTS = (
    rb"{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204{\*\fname Arial;}Arial Cyr;}"
    rb"{\f2\fcharset2 Symbol;}{\f3\fcharset128 MS Mincho;}{\f4\fcharset2 Wingdings;}"
    rb"{\f5\fcharset161 Arial Greek;}{\f6\fnil\cpg866 DOS;}}"
)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes) -> ExtractionResult:
        path = tmp_path / "paper.rtf"
        path.write_bytes(content)
        assert detect(path) == "application/rtf"
        assembler = Assembler(RTF, "application/rtf")
        items = RTF.function(path)
        assert not isinstance(items, ExtractionResult)
        for item in items:
            assembler.add(item)
        return assembler.result()

    return read


def document(body: bytes) -> bytes:
    return rb"{\rtf1\ansi\ansicpg1252\deff0" + FONTS + rb"{\colortbl;\red0;}\pard " + body + b"}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"one wo{\b rd}\par two\line three\tab four", "one word\ntwo\nthree\tfour"),
        (b"line\r\nends \r\ndo not\\\ncount", "lineends do not\ncount"),
        (rb"a\{b\}c\\d\~e\_f so\-ft", "a{b}c\\d\xa0e-f soft"),
        (rb"\ldblquote q\rdblquote\emdash\bullet ", "\u201cq\u201d\u2014\u2022"),
        (rb"caf\'e9 caf" + b"\xe9", "café café"),
        (rb"\f1 \'cf\'f0\'e8\'e2\'e5\'f2 " + "мир".encode("cp1251"), "Привет мир"),
        (rb"\f1{\f0 \'e9}\'e9", "éй"),
        (rb"\f5 \'e1\'e2\plain \'e1", "αβá"),
        (rb"\f6 \'8f\'e0", "Пр"),
        (rb"\f3 \'83A\'93\'fa\'96\'7b", "ア日本"),
        (rb"\u1055?\u1088\'3f\uc2\u1080ab\uc0\u1074{\uc1\u1077?}\u1090", "Привет"),
        (rb"\u-10179?\u-8704? \uc1\u8212\emdash x \u8212\~y", "😀 —x —y"),
        (rb"{\upr{no}{\*\ud{y\u233?s}}}", "yés"),
        (rb"\f2 W\'61\u-3999?", "Ωαα"),
        (rb"{\listtext\f4 \'a7\tab}item\par{\pntext 2.\tab}next", "\u2022\titem\n2.\tnext"),
        (rb"seen{\v hidden}\v too\v0  and{\deleted gone}", "seen and"),
        (rb"\plain seen{\v x\plain  back}", "seen back"),
        (rb"library{\super 1} and 10{\super 5}, CO{\sub 2}", "library 1 and 10^5, CO2"),
        (rb"{\*\unknown secret{\*\deep more}}{\*\bkmkstart x}kept", "kept"),
        (rb"x{\object{\*\objdata 0105}{\result shown}}y", "xshowny"),
        (rb"{\mmath{\*\moMath{\msSup{\msSupPr{\mctrlPr no}}{\me x}{\msup 2}}}}", "x^2"),
        (rb"{\mmath{\*\moMath{\mf{\mnum a}{\mden b}}}}", "a/b"),
    ],
)  # fmt: skip
def test_words_are_read(read: Read, body: bytes, text: str) -> None:
    assert read(document(body)).text == text


def test_the_code_page_is_that_of_the_document(read: Read) -> None:
    assert read(b"{\\rtf1\\ansi\\ansicpg1251 " + "мир".encode("cp1251") + b"}").text == "мир"
    assert read(rb"{\rtf1\mac caf\'8e}").text == "café"
    assert read(rb"{\rtf1\pc caf\'82}").text == "café"
    assert read(b"{\\rtf1\\ansi\\ansicpg65001 " + "мир".encode() + b"}").text == "мир"
    assert read(rb"{\rtf1\ansicpg99999 caf\'e9}").text == "café"


def test_rows_are_lines_and_cells_are_separated_by_tabs(read: Read) -> None:
    row = rb"\trowd\cellx1\cellx2\pard\intbl %s\cell %s\cell\row"
    body = rb"before\par" + row % (b"a", rb"b\par c") + row % (b"", rb"x\par") + rb"\pard after"
    assert read(document(body)).text == "before\na\tb c\n\tx\nafter"
    nested = (
        rb"\pard\intbl\itap2 p\nestcell q\nestcell{\*\nesttableprops\trowd\nestrow}"
        rb"{\nonesttables\par no}\pard\intbl\itap1"
    )
    assert read(document(row % (nested, b"z"))).text == "p\tq\n\tz"


def test_headers_notes_and_boxes_are_read_and_repeated_headers_once(read: Read) -> None:
    body = (
        rb"{\header Running\par}{\footer page {\field{\*\fldinst PAGE}{\fldrslt 3}}}body"
        rb"{\super\chftn}{\footnote\pard {\super\chftn} a note}{\footnote\ftnalt end note}\par"
        rb"{\shp{\*\shpinst{\sp{\sn n}{\sv v}}{\shptxt\pard boxed\par}}{\shprslt no}}last"
        rb"\sect{\header Running\par}"
    )
    result = read(document(body))
    assert result.text == ("Running\n\nbody\n\nboxed\n\nlast\n\npage 3\n\na note\nend note")


def test_links_are_read_with_their_address_unless_they_show_it(read: Read) -> None:
    link = rb'{\field{\*\fldinst{HYPERLINK "%s" \\o "tip"}{\*\datafield 00}}{\fldrslt{\ul %s}}}'
    body = link % (b"https://a.invalid/x", b"a site") + b", " + link % (b"b.invalid/", b"b.invalid")
    body += b", " + link % (rb"\\l mark", b"a place")
    assert read(document(body)).text == "a site (https://a.invalid/x), b.invalid, a place"


def test_pictures_and_binary_data_are_passed_over_and_said(read: Read) -> None:
    body = (
        rb"a{\pict\pngblip 89504e47{\*\blipuid 00}}{\*\shppict{\pict\bin6 }{}\{x}}"
        rb"{\nonshppict{\pict 00}}b\bin3 }}}c{\*\annotation said}"
    )
    result = read(document(body))
    assert result.text == "abc"
    assert result.confidence_reason == "2 pictures not read; comments left out"
    assert result.text_status is TextStatus.FULL


def test_a_symbol_nobody_can_tell_lowers_the_confidence(read: Read) -> None:
    result = read(document(rb"words \f4 \'4a"))
    assert result.confidence is not None
    assert 0.5 < result.confidence < 1
    assert "1 symbol without a known meaning" in result.confidence_reason


def test_what_the_document_states_of_itself_is_kept(read: Read) -> None:
    info = (
        rb"{\info{\title On {\b tides}}{\author B\'e9a;Bo Li}{\keywords a, b}{\*\company X}"
        rb"{\doccomm y}{\creatim\yr2021\mo3\dy4\hr9\min5}{\revtim\yr2022\mo1\dy2}}"
    )
    result = read(document(info + b"text"))
    assert (result.title, result.text) == ("On tides", "text")
    assert [(one.key, one.value) for one in result.items if isinstance(one, Metadata)] == [
        ("title", "On tides"),
        ("author", "Béa"),
        ("author", "Bo Li"),
        ("keywords", "a, b"),
        ("company", "X"),
        ("description", "y"),
        ("created", "2021-03-04T09:05"),
        ("modified", "2022-01-02"),
    ]


def test_what_others_call_broken_is_read(read: Read) -> None:
    assert read(rb"{\rtf1 one}} two\par}").text == "one two"
    assert read(rb"{\rtf one\'zz\u two\bin-5 three\bin999999999").text.startswith("onezz")
    assert read(b"\xef\xbb\xbf{\\rtf1 one}\0\0\0").text == "one"
    assert (
        read(rb"{\rtf1{\fonttbl\f0\fcharset204 A;\f1\fcharset0 B;}\f0 \'ec\f1 \'ec}").text == "мì"
    )
    assert read(rb"{\rtf1 one}{trailing words}").text == "one"


def test_characters_that_are_none_are_left_out(read: Read) -> None:
    result = read(b"{\\rtf1{\\info{\\title a\0b\\u0?c}}x\1y\\'00z}")
    assert (result.title, result.text) == ("abc", "xyz")


def test_an_empty_document_says_so(read: Read) -> None:
    assert read(rb"{\rtf1}").text_status is TextStatus.EMPTY
    assert read(document(rb"\par\par")).text_status is TextStatus.EMPTY


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_document_that_is_cut_off_is_partial(read: Read, tenth: int) -> None:
    whole = document(rb"{\b Some words}\par" * 200)
    result = read(whole[: len(whole) * tenth // 10])
    assert result.text_status is TextStatus.PARTIAL
    assert "ends in the middle" in result.confidence_reason


@pytest.mark.parametrize("content", [b"words", b"%PDF-1.7\n", b"PK\3\4", b"{\\rt", b"\xd0\xcf\x11"])
def test_something_else_under_this_name_is_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paper.rtf"
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        list(RTF.function(path))  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.MALFORMED


def test_deep_nesting_is_read_or_refused(read: Read) -> None:
    assert read(b"{\\rtf1 " + b"{" * 9_000 + b"deep" + b"}" * 9_001).text == "deep"
    left_out = rb"{\rtf1{\*\x " + b"{" * 500_000 + b"}" * 500_001 + b"shallow}"
    assert read(left_out).text == "shallow"
    with pytest.raises(ExtractionError, match="nested more than") as caught:
        read(b"{\\rtf1 " + b"{" * 500_000)
    assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "piece",
    [
        rb"\'e9", b"}", b"{}", b"\\", b" ", rb"\super x ", rb"{\footnote x}", rb"\cell\row ",
        rb"{\field{\*\fldinst HYPERLINK x.y}{\fldrslt z}}", rb"{\*\x }", rb"\u8212?", b"\xa0",
        rb"{\header x}", rb"{\fonttbl{\f1 x;}}", rb"\fldrslt ", rb"{\info{\title x}}",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length_only(read: Read, piece: bytes) -> None:
    size = 300_000
    started = time.process_time()
    read(b"{\\rtf1 a" + piece * (size // len(piece)) + b"\\par b}")
    assert time.process_time() - started < 10


@pytest.mark.parametrize("seed", range(5))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(read: Read, seed: int) -> None:
    chance = random.Random(seed)
    whole = document(
        rb"{\header h}a\'e9\u1234?{\field{\*\fldinst HYPERLINK \"x\"}{\fldrslt y}}"
        rb"\trowd\intbl c\cell\row{\footnote n}{\pict\bin4 abcd}{\info{\title t}}\super x" * 3
    )
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 9))):
            content[chance.randrange(8, len(content))] = chance.choice(b"{}\\'*019afub\xff ")
        read(bytes(content))


def test_the_alternative_text_of_a_picture_is_read_and_a_file_name_is_none(read: Read) -> None:
    picture = rb"{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv %s}}}\pngblip 00}}"
    words = b"see" + picture % rb"\'e9tude \u233?" + picture % b"C:/a.png" + rb"\par"
    assert read(document(words)).text == "see [étude é]"
    inside = rb"{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv A map}}{\shptxt box}}}"
    assert read(document(inside)).text == "[A map]\nbox"
    drawn = rb"{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv Tide tables}}}}"
    assert read(document(drawn)).text == "Tide tables"
