"""Numbers of lists in OpenDocument texts, as programs show them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.extractors.assemble import Assembler
from reslib.extractors.odf import odt
from reslib.extractors.own import ODT

Read = Callable[..., list[str]]

ODF = "urn:oasis:names:tc:opendocument:xmlns"
STYLES = """
<text:list-style style:name="L1">
 <text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
 <text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>
 <text:list-level-style-number text:level="3" style:num-format="1" text:display-levels="3"/>
</text:list-style>
<text:list-style style:name="L2">
 <text:list-level-style-number text:level="1" style:num-format="I" style:num-prefix="("
  style:num-suffix=")" text:start-value="3"/>
 <text:list-level-style-bullet text:level="2" text:bullet-char="-"/>
</text:list-style>
<text:list-style style:name="L3">
 <text:list-level-style-number text:level="1" style:num-format=""/>
</text:list-style>
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(body: str) -> list[str]:
        path = tmp_path / "paper.fodt"
        path.write_text(
            f'<office:document xmlns:office="{ODF}:office:1.0" xmlns:text="{ODF}:text:1.0" '
            f'xmlns:style="{ODF}:style:1.0" xmlns:table="{ODF}:table:1.0" '
            'office:mimetype="application/vnd.oasis.opendocument.text">'
            f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document>"
        )
        assembler = Assembler(ODT, ODT.mime_types[2])
        for item in odt.extract(path):
            assembler.add(item)
        return [line for line in assembler.result().text.split("\n") if line]

    return read


def items(*texts: str, style: str = "L1", more: str = "") -> str:
    inside = "".join(
        f"<text:list-item>{text if text.startswith('<') else p(text)}</text:list-item>"
        for text in texts
    )
    return f'<text:list text:style-name="{style}" {more}>{inside}</text:list>'


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def nested(*texts: str) -> str:
    return items(*texts).replace('text:style-name="L1"', "")


def test_items_are_numbered_and_lists_inside_them_too(read: Read) -> None:
    inner = p("two") + nested("under", p("deep") + nested("deeper"), "last")
    assert read(items("one", inner, "three" + "")) == [
        *("1. one", "2. two", "a) under", "b) deep", "2.b.1 deeper", "c) last", "3. three"),
    ]


def test_a_list_begins_anew_unless_it_says_that_it_goes_on(read: Read) -> None:
    body = items("a", more='xml:id="first"') + p("between") + items("b")
    body += items("c", more='text:continue-numbering="true"')
    body += items("d", more='text:continue-list="first"')
    assert read(body) == ["1. a", "between", "1. b", "2. c", "2. d"]


def test_forms_starts_and_bullets(read: Read) -> None:
    inner = p("four") + items("point", style="L2")
    assert read(items("three", inner, style="L2")) == ["(III) three", "(IV) four", "• point"]
    assert read(items("plain", style="L3")) == ["plain"]
    assert read(items("no such style", style="none")) == ["no such style"]
    again = items("one", "x").replace("<text:list-item>", '<text:list-item text:start-value="7">')
    assert read(again) == ["7. one", "7. x"]


def test_only_the_first_paragraph_of_an_item_has_its_number(read: Read) -> None:
    assert read(items(p("first") + p("second"), "next")) == ["1. first", "second", "2. next"]
    header = "<text:list-header><text:p>above</text:p></text:list-header>"
    assert read(items("one").replace(">", f">{header}", 1)) == ["above", "1. one"]


def test_a_list_in_a_note_is_a_list_of_its_own(read: Read) -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-body>'
        f"{items('noted')}</text:note-body></text:note>"
    )
    assert read(items(f"<text:p>one{note}</text:p>", "two")) == ["1. one", "2. two", "1. noted"]


def test_what_is_odd_is_no_harm(read: Read) -> None:
    deep = "end"
    for _ in range(50):
        deep = items(deep if deep.startswith("<") else p(deep))
    assert read(deep)[-1].endswith("end")
    odd = items("x", more='text:continue-list="none"').replace(
        "<text:list-item>", '<text:list-item text:start-value="99999999999999999999">'
    )
    assert read(odd) == ["1. x"]
