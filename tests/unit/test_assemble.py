"""What an extractor yields, put together: each text with a gap says where the gap is."""

from __future__ import annotations

import pytest

from reslib.extractors.assemble import Assembler
from reslib.extractors.base import Extractor
from reslib.items import DocumentInfo, Page
from reslib.models import ExtractionResult, TextStatus

EXTRACTOR = Extractor(name="own", function=lambda path: [], suffixes=(".own",))


def put_together(*items: object) -> ExtractionResult:
    assembler = Assembler(EXTRACTOR, "application/pdf")
    for item in items:
        assembler.add(item)
    return assembler.result()


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (["words", Page("")], "no text on 1 of 2 pages"),
        (["words", Page(""), Page("", blank=True), ""], "no text on 2 of 4 pages"),
        (["words", Page("", reason="no text layer (a scan)")], "no text layer (a scan) (1 of 2"),
        (["words", Page(""), DocumentInfo(reason="two columns")], "two columns"),
        (["words", DocumentInfo(partial=True)], "its extractor says that a part of it could not"),
        (["words", Page(""), DocumentInfo(confidence=0.5)], "no text on 1 of 2 pages"),
        ([Page("words", 0.9), Page("", 0.0)], "no text on 1 of 2 pages"),
    ],
)
def test_a_text_with_gaps_says_why(items: list[object], reason: str) -> None:
    result = put_together(*items)
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence_reason.startswith(reason)


def test_a_whole_text_without_a_confidence_keeps_the_reasons_of_its_pages() -> None:
    result = put_together(Page("words", reason="mixed columns"), DocumentInfo(reason="old"))
    assert (result.text_status, result.confidence) == (TextStatus.FULL, None)
    assert result.confidence_reason == "mixed columns; old"


def test_a_whole_text_needs_no_reason() -> None:
    assert put_together("words", "and words").confidence_reason == ""
    assert put_together("words", Page("", blank=True)).confidence_reason == ""


def test_what_is_said_of_a_document_twice_is_not_lost() -> None:
    result = put_together(
        DocumentInfo("A title", 0.9, "old", {"encoding": "cp1252"}),
        "words",
        DocumentInfo(reason="two columns", metadata={"pages": 1}, partial=True),
    )
    assert (result.title, result.confidence) == ("A title", 0.9)
    assert result.confidence_reason == "old; two columns"
    assert result.metadata == {"encoding": "cp1252", "pages": 1}
    assert result.text_status is TextStatus.PARTIAL


def test_pages_without_numbers_follow_the_highest() -> None:
    result = put_together(Page("two", number=2), "three", Page("one", number=1))
    assert result.text == "one\ftwo\fthree"
    assert [page.number for page in result.pages] == [1, 2, 3]


def test_a_page_that_is_missing_leaves_its_place() -> None:
    result = put_together(Page("three", number=3))
    assert (result.text, result.text_status) == ("\f\fthree", TextStatus.PARTIAL)
    assert result.confidence_reason == "no text on 2 of 3 pages"
