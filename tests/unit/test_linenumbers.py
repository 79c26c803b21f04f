"""Which numbers at the beginning of lines are those of the lines, and go with their space."""

from __future__ import annotations

import pytest

from reslib.extractors.pdf.linenumbers import settle_line_numbers


def numbered(*values: int, words: str = "some words of a line") -> str:
    """Return a page as it is marked."""
    return "\r\n".join(f"\x0e{value}\x0f {words}" for value in values)


def test_numbers_that_go_on_from_page_to_page_are_those_of_lines() -> None:
    pages = [numbered(1, 2, 3), numbered(4, 5, 6), numbered(7, 8)]
    words = "some words of a line"
    assert settle_line_numbers(pages) == ["\r\n".join([words] * count) for count in (3, 3, 2)]


def test_a_document_of_which_one_page_has_such_numbers_keeps_them() -> None:
    pages = ["text of a page", numbered(1, 2, 3, 4), *["text of a page"] * 6]
    assert settle_line_numbers(pages)[1].startswith("1 some words")


def test_numbers_that_begin_anywhere_stay() -> None:
    assert settle_line_numbers([numbered(1996, 1997, 1998)])[0].startswith("1996 some")


def test_a_table_in_a_numbered_document_stays() -> None:
    table = numbered(1996, 1997, 1998).replace("\x0e", "\x10")
    pages = [numbered(1, 2, 3), numbered(4, 5, 6), table]
    assert settle_line_numbers(pages)[2].startswith("1996 some")


def test_a_last_page_with_too_few_numbers_is_read_by_those_before() -> None:
    pages = [numbered(1, 2, 3), numbered(4, 5, 6), "7 the rest of it\r\n8 and no more"]
    assert settle_line_numbers(pages)[2] == "the rest of it\r\nand no more"


@pytest.mark.parametrize(
    ("drawn", "left"),
    [
        ("\x0e1\x0f infor\ufffe\x0e2\x0f mation", "infor\ufffemation"),
        ("\x0e1\x0f infor-\r\n\x0e2\x0f mation", "infor\ufffemation"),
        ("infor- \x0e1\x0f\r\nmation \x0e2\x0f", "infor\ufffemation"),
        ("\x0e1\x0f\r\nwords\r\n\x0e2\x0f\r\nand", "words\r\nand"),
        ("words \x0e1\x0f\r\nand \x0e2\x0f", "words\r\nand"),
    ],
)
def test_the_white_space_of_a_number_goes_with_it(drawn: str, left: str) -> None:
    assert settle_line_numbers([drawn]) == [left]
