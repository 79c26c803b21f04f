"""Numbers of headings and lists, as Word shows them."""

from __future__ import annotations

import pytest
from lxml import etree

from reslib.extractors.office.wordnumbers import Numbers
from reslib.extractors.office.wordstyles import Styles

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def root(name: str, inside: str) -> etree._Element:
    return etree.fromstring(f'<w:{name} xmlns:w="{W}">{inside}</w:{name}>')


def level(index: int, form: str, text: str, *, start: int | None = 1, more: str = "") -> str:
    begin = "" if start is None else f'<w:start w:val="{start}"/>'
    return (
        f'<w:lvl w:ilvl="{index}">{begin}<w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, uses: tuple[str, ...] = ("",)) -> str:
    listed = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="0"/>{use}</w:num>'
        for number, use in enumerate(uses, 1)
    )
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>{listed}'


def labels(numbers: str, paragraphs: str, styles: str = "") -> list[str]:
    """Count paragraphs such as ``1.0 1.1 Heading1``: list and level, or the name of a style."""
    known = Styles(root("styles", styles))
    counted = Numbers(root("numbering", numbers), known)
    found = []
    for item in paragraphs.split():
        number, dot, index = item.partition(".")
        own = f'<w:ilvl w:val="{index}"/><w:numId w:val="{number}"/>' if dot else ""
        inside = f"<w:numPr>{own}</w:numPr>" if dot else ""
        found.append(counted.label(root("pPr", inside), None if dot else item))
    return found


OUTLINE = (
    level(0, "decimal", "%1"),
    level(1, "decimal", "%1.%2"),
    level(2, "decimal", "%1.%2.%3"),
)


def test_levels_are_counted_each_and_begin_again_below_a_new_one():
    found = labels(numbering(*OUTLINE), "1.0 1.1 1.1 1.2 1.0 1.1 1.2 1.2 1.0")
    assert found == ["1", "1.1", "1.2", "1.2.1", "2", "2.1", "2.1.1", "2.1.2", "3"]


def test_a_level_without_the_one_above_it_begins_with_its_start():
    assert labels(numbering(*OUTLINE), "1.1 1.1") == ["1.1", "1.2"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("decimal", ["1", "2", "3", "4"]),
        ("decimalZero", ["01", "02", "03", "04"]),
        ("upperRoman", ["I", "II", "III", "IV"]),
        ("lowerRoman", ["i", "ii", "iii", "iv"]),
        ("upperLetter", ["A", "B", "C", "D"]),
        ("lowerLetter", ["a", "b", "c", "d"]),
        ("ordinal", ["1st", "2nd", "3rd", "4th"]),
        ("russianLower", ["а", "б", "в", "г"]),  # noqa: RUF001 - Cyrillic
        ("chineseCounting", ["一", "二", "三", "四"]),
        ("decimalEnclosedCircle", ["①", "②", "③", "④"]),
        ("bullet", ["•", "•", "•", "•"]),
        ("none", ["", "", "", ""]),
        ("something of next year", ["1", "2", "3", "4"]),
    ],
)
def test_numbers_are_written_in_the_form_of_their_level(form: str, expected: list[str]):
    assert labels(numbering(level(0, form, "%1")), "1.0 1.0 1.0 1.0") == expected


def test_after_z_comes_aa_and_after_forty_nine_in_chinese_characters_fifty():
    letters = labels(numbering(level(0, "lowerLetter", "%1)", start=26)), "1.0 1.0 1.0")
    assert letters == ["z)", "aa)", "bb)"]
    han = labels(numbering(level(0, "chineseCounting", "第%1章", start=9)), "1.0 1.0 1.0")
    assert han == ["第九章", "第十章", "第十一章"]


def test_what_stands_around_a_number_is_written():
    assert labels(numbering(level(0, "decimal", "Appendix (%1):")), "1.0") == ["Appendix (1):"]


def test_a_list_begins_where_it_says():
    assert labels(numbering(level(0, "decimal", "%1.", start=5)), "1.0 1.0") == ["5.", "6."]
    assert labels(numbering(level(0, "decimal", "%1.", start=None)), "1.0") == ["0."]


def test_two_uses_of_one_list_go_on_unless_one_begins_again():
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    one = level(0, "decimal", "%1.")
    assert labels(numbering(one, uses=("", "")), "1.0 1.0 2.0") == ["1.", "2.", "3."]
    assert labels(numbering(one, uses=("", again)), "1.0 1.0 2.0 2.0") == ["1.", "2.", "1.", "2."]


def test_a_use_may_have_a_level_of_its_own():
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "%1.")}</w:lvlOverride>'
    one = level(0, "decimal", "%1.")
    assert labels(numbering(one, uses=(own,)), "1.0 1.0") == ["I.", "II."]


def test_a_level_that_never_begins_again_counts_through():
    through = level(1, "decimal", "%2.", more='<w:lvlRestart w:val="0"/>')
    found = labels(numbering(OUTLINE[0], through), "1.0 1.1 1.1 1.0 1.1")
    assert found == ["1", "1.", "2.", "2", "3."]


def test_a_level_may_write_the_numbers_above_it_in_digits():
    chapters = level(0, "upperRoman", "%1")
    sections = level(1, "decimal", "%1.%2", more="<w:isLgl/>")
    assert labels(numbering(chapters, sections), "1.0 1.1") == ["I", "1.1"]
    assert labels(numbering(chapters, level(1, "decimal", "%1.%2")), "1.0 1.1") == ["I", "I.1"]


HEADINGS = (
    '<w:style w:type="paragraph" w:styleId="H1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
    '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="H2"><w:pPr><w:numPr>'
    '<w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Mine"><w:basedOn w:val="H2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Plain"/>'
)


def test_headings_are_numbered_by_their_style_and_styles_inherit():
    found = labels(numbering(*OUTLINE), "H1 H2 Mine Plain H1 H2", HEADINGS)
    assert found == ["1", "1.1", "1.2", "", "2", "2.1"]


def test_a_level_is_linked_to_a_style_by_its_name():
    linked = level(1, "decimal", "%1.%2", more='<w:pStyle w:val="H1"/>')
    assert labels(numbering(OUTLINE[0], linked), "1.0 H1", HEADINGS) == ["1", "1.1"]


def test_a_paragraph_may_leave_the_list_of_its_style():
    styles = Styles(root("styles", HEADINGS))
    numbers = Numbers(root("numbering", numbering(*OUTLINE)), styles)
    out = root("pPr", '<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert numbers.label(out, "H1") == ""
    assert numbers.label(None, "H1") == "1"


def test_a_list_may_stand_in_a_style_of_lists():
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="2"/>'
        "</w:numPr></w:pPr></w:style>"
    )
    numbers = (
        '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="L"/></w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="L"/>{OUTLINE[0]}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    )
    assert labels(numbers, "1.0 2.0", styles) == ["1", "2"]


def test_a_hidden_number_is_counted_and_not_written():
    hidden = level(0, "decimal", "%1", more="<w:rPr><w:vanish/></w:rPr>")
    assert labels(numbering(hidden), "1.0") == [""]


def test_nonsense_in_the_lists_is_no_number_and_no_error():
    nonsense = (
        '<w:abstractNum/><w:num/><w:num w:numId="1"/><w:num w:numId="2"><w:abstractNumId '
        'w:val="7"/></w:num><w:num w:numId="3"><w:abstractNumId/><w:lvlOverride w:ilvl="x">'
        "<w:startOverride w:val='-9'/></w:lvlOverride></w:num>"
    )
    assert set(labels(nonsense, "1.0 2.0 3.99 3.x 99.0")) == {""}
    huge = level(0, "upperRoman", "%1%1%1", start=10**30)
    assert labels(numbering(huge), "1.0")[0] == "1000000" * 3


def test_styles_in_a_circle_end():
    circle = (
        '<w:style w:type="paragraph" w:styleId="a"><w:basedOn w:val="b"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/></w:style>'
    )
    assert labels(numbering(*OUTLINE), "a b", circle) == ["", ""]
