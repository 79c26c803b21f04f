"""Numbers of workbooks as their cells show them."""

from __future__ import annotations

import pytest

from reslib.documents.tablenumbers import written
from reslib.extractors.office.numberformats import date_length, hidden_number, number_format

ACCOUNTING = r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0", 2.5, "3"),
        ("0", -2.5, "-3"),
        ("0.00", 1.005, "1.01"),
        ("0.00", -0.001, "0.00"),
        ("#,##0.00", 1234567.891, "1,234,567.89"),
        ("#,##0", 999.5, "1,000"),
        ("#.##", 0.5, ".5"),
        ("#,##0.0??", 1.25, "1.25"),
        ("00000", 1234, "01234"),
        ("0.0;(0.0)", -2.34, "(2.3)"),
        ("0.0;(0.0)", 2.36, "2.4"),
        ("+0.0;-0.0;0.0", 3, "+3.0"),
        ("0%", 0.125, "13%"),
        ("0.0%;[Red]-0.0%", -0.1234, "-12.3%"),
        (ACCOUNTING, 1234.5, "1,234.50"),
        (ACCOUNTING, -1234.5, "(1,234.50)"),
        (ACCOUNTING, 0, "-"),
        ('"$"#,##0', 1999.5, "$2,000"),
        ("[$€-407] #,##0.00", 12.5, "€ 12.50"),
        (r"#,##0.00\ [$kr-414]", 1234, "1,234.00 kr"),
        (r"#,##0.00\ _€;[Red]\-#,##0.00\ _€", -1234, "-1,234.00"),
        ('0.0" mm"', 5, "5.0 mm"),
        ('0.0,,"M"', 12345678, "12.3M"),
        ("0.00E+00", 123456, "1.23E+05"),
        ("0.00E+00", 0.0009999999, "1.00E-03"),
        ("0.00E+00", 0, "0.00E+00"),
    ],
)
def test_a_number_is_shown_as_its_format_says(code: str, value: float, shown: str) -> None:
    found = number_format(code)
    assert found is not None
    assert found.shown(value) == shown


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "General;-General",
        "@",
        "",
        "# ?/?",
        "000-0000",
        "##0.0E+0",
        "[>100]0;0.0",
        "yyyy-mm-dd",
        "[h]:mm",
        ";;;",
        "0" * 300,
        '"',
        "[",
        "_",
    ],
)
def test_a_format_that_is_not_understood_leaves_numbers_as_they_are(code: str) -> None:
    assert number_format(code) is None


def test_a_number_that_its_format_hides_is_shown_as_it_is() -> None:
    for code, value in (("#", 0.0), ("0.00", 1e22), ("0.00", float("inf"))):
        found = number_format(code)
        assert found is not None
        assert found.shown(value) is None


@pytest.mark.parametrize(
    ("code", "length"),
    [
        ("yyyy", 4),
        ("mmm yyyy", 7),
        (r"[$-409]mmm\-yy;@", 7),
        ("yyyy-mm-dd", 0),
        ('0.0" my"', 0),
        ("h:mm", 0),
        ("mm", 0),
        ("0.00", 0),
    ],
)
def test_a_date_that_shows_no_day_is_known_by_its_format(code: str, length: int) -> None:
    assert date_length(code) == length


@pytest.mark.parametrize(
    ("shown", "value", "read"),
    [
        ("1,234.50", 1234.5, ""),
        ("50%", 0.5, ""),
        ("$2,000", 2000.0, ""),
        ("1,234.50", 1234.5004, "1234.5004"),
        ("13%", 0.125, "12.5%"),
        ("(2.3)", -2.34, "-2.34"),
        ("-", 0.0, "0"),
        ("5.0 mm", 5.0, "5"),
        ("1.23E+05", 123456.0, "123456"),
        ("1.234", 1.234, "1.2340"),
        ("1.234,50 €", 1234.5, "€1234.5"),
        ("0.00", 0.000001, "0.000001"),
        ("12.3%", 12.34, "12.34%"),
        ("12,3 %", 0.1234, "12.34%"),
        ("0.0%", 0.01, "0.01%"),
        ("0%", 0.004, "0.4%"),
        ("1,230%", 12.3, ""),
        ("1.234,5 %", 12.3449, "1234.49%"),
    ],
)
def test_what_a_cell_does_not_show_of_its_number_is_kept(
    shown: str, value: float, read: str
) -> None:
    number = hidden_number(shown, value)
    assert ("" if number is None else written(number, shown)) == read


@pytest.mark.parametrize(
    ("shown", "value"), [("<5.0", 5.0), ("~5", 5.01), ("5.0±0.1", 5.02), ("male", 1.0), ("0%", 0.0)]
)
def test_a_number_that_its_format_calls_a_limit_or_a_word_is_read_as_no_other(
    shown: str, value: float
) -> None:
    assert hidden_number(shown, value) is None


def test_a_number_below_zero_that_only_its_colour_tells_is_shown_with_its_sign() -> None:
    found = number_format("#,##0.0;[Red]#,##0.0")
    assert found is not None
    assert (found.shown(-2.5), found.shown(2.5), found.shown(-0.01)) == ("-2.5", "2.5", "0.0")


def test_a_sign_of_percent_that_is_a_word_multiplies_nothing() -> None:
    for code, value, read in (("0%", 0.004, 0.4), ('0"%"', 0.004, 0.004), (r"0\%", 0.3, 0.3)):
        found = number_format(code)
        assert found is not None
        assert hidden_number(found.shown(value) or "", value, found.factor) == read
