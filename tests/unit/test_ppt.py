"""What is read of old presentations."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from oleparts import (
    atom,
    drawing,
    ole,
    outlined,
    presentation,
    record,
    shape,
    words,
)

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.office import pptrecords
from reslib.extractors.own import PPT
from reslib.formats.detect import detect
from reslib.items import Warning
from reslib.models import ExtractionResult, TextStatus

Read = Callable[..., ExtractionResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes) -> ExtractionResult:
        path = tmp_path / "talk.ppt"
        path.write_bytes(content)
        assert detect(path) in PPT.mime_types
        assembler = Assembler(PPT, PPT.mime_types[0])
        for item in PPT.function(path):  # type: ignore[union-attr]
            assembler.add(item)
        return assembler.result()

    return read


def code_of(read: Read, content: bytes) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(content)
    return caught.value.code


def test_a_slide_is_a_page_with_its_notes_below(read: Read) -> None:
    first = drawing(shape(words("On estuaries")), shape(words("Salt\rand silt\vtoo")))
    second = drawing(shape(words("Жизнь идёт")), shape(words("Grün")))
    result = read(ole(presentation(first, second, notes={1: "Say it slowly."})))
    assert [page.text for page in result.pages] == [
        "On estuaries\nSalt\nand silt\ntoo",
        "Жизнь идёт\nGrün\n\nNotes:\nSay it slowly.",
    ]
    assert [page.label for page in result.pages] == ["slide 1", "slide 2"]
    assert (result.text_status, result.confidence) == (TextStatus.FULL, None)


def test_texts_that_are_kept_in_the_list_of_slides_stand_where_their_shapes_are(read: Read) -> None:
    slide = drawing(shape(outlined(1)), shape(words("between")), shape(outlined(0)))
    result = read(ole(presentation(slide, outlines={0: words("body") + words("title")})))
    assert result.text == "title\nbetween\nbody"


def test_groups_are_read_and_running_lines_left_out(read: Read) -> None:
    group = record(0xF003, shape(words("inside a group")))
    footer = shape(words("page 3 of 7"), placeholder=9)
    result = read(ole(presentation(drawing(group, footer, shape(words("end"), placeholder=13)))))
    assert result.text == "inside a group\nend"


def test_a_hidden_slide_is_read_and_said(read: Read) -> None:
    slides = [drawing(shape(words(text))) for text in ("one", "two")]
    result = read(ole(presentation(*slides, hidden=1)))
    assert result.text == "one\ftwo"
    (warning,) = [item for item in result.items if isinstance(item, Warning)]
    assert (warning.code, warning.page) == ("hidden_slide", 2)


def test_a_presentation_without_slides_is_empty(read: Read) -> None:
    result = read(ole(presentation()))
    assert (result.text_status, result.confidence_reason) == (
        TextStatus.EMPTY,
        "the document has no text; it has no slides",
    )


def test_without_its_list_the_texts_are_given_as_they_are_kept(read: Read) -> None:
    streams = presentation(drawing(shape(words("kept"))), drawing(shape(words("as they are"))))
    streams["Current User"] = b"damaged"
    result = read(ole(streams))
    assert result.text == "kept\nas they are"
    assert result.text_status is TextStatus.PARTIAL
    assert "the list of its slides is damaged" in result.confidence_reason


def test_a_password_is_said(read: Read) -> None:
    content = ole(presentation(drawing(shape(words("noise"))), token=0xF3D1C4DF))
    assert code_of(read, content) is ErrorCode.ENCRYPTED


def test_what_a_newer_program_put_inside_one_for_an_older_is_read(read: Read) -> None:
    inside = presentation(drawing(shape(words("the newer one"))))
    older = {"PowerPoint Document": bytes(5000), "Text_Content": b"x"}
    assert read(ole({**older, "PP97_DUALSTORAGE": inside})).text == "the newer one"
    assert code_of(read, ole(older)) is ErrorCode.NO_EXTRACTOR
    assert code_of(read, ole({"PP40": b"x" * 99})) is ErrorCode.NO_EXTRACTOR


def test_loops_end(read: Read) -> None:
    content = presentation(drawing(shape(words("once"))))
    stream = bytearray(content["PowerPoint Document"])
    edit = stream.rindex(struct.pack("<HI", 0x0FF5, 28)) - 2
    struct.pack_into("<I", stream, edit + 8 + 8, edit)  # the edit before this one is this one
    content["PowerPoint Document"] = bytes(stream)
    assert read(ole(content)).text == "once"


def test_deep_and_endless_records_end(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = shape(words("deep"))
    for _ in range(2_000):
        deep = record(0xF003, deep)
    assert read(ole(presentation(drawing(deep)))).text == ""
    monkeypatch.setattr(pptrecords, "_MOST_RECORDS", 1_000)
    many = drawing(record(0xF003, atom(1) * 1_000))
    result = read(ole(presentation(drawing(shape(words("before"))), many)))
    assert result.text_status is TextStatus.PARTIAL
    assert "more records or text than is read" in result.confidence_reason


def test_a_text_that_is_named_often_is_not_given_for_ever(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pptrecords, "_MOST_TEXT", 10_000)
    slides = [drawing(shape(words("word " * 200)))] * 50
    result = read(ole(presentation(*slides)))
    assert len(result.text) < 20_000
    assert result.text_status is TextStatus.PARTIAL


def test_one_that_is_cut_off_or_damaged_is_read_or_refused_in_words(read: Read) -> None:
    slides = [drawing(shape(words(f"slide number {number}"))) for number in range(30)]
    whole = ole(presentation(*slides, notes={3: "noted"}))
    chance = random.Random(7)
    for number in range(200):
        content = bytearray(whole)
        if number < 9:
            del content[len(whole) * (number + 1) // 10 :]
        else:
            for _ in range(chance.randrange(1, 60)):
                content[chance.randrange(512, len(whole))] = chance.randrange(256)
        try:
            read(bytes(content))
        except (ExtractionError, AssertionError) as error:
            code = getattr(error, "code", ErrorCode.MALFORMED)
            assert code in (ErrorCode.MALFORMED, ErrorCode.ENCRYPTED)
