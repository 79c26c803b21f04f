"""Accents drawn for themselves, characters beyond Latin, and lines from the right."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import FONT, SIZE, Read, flat, raw_pdf, write_objects
from reportlab.pdfbase.pdfmetrics import stringWidth

ACCENTS = {
    "\u02dc": (128, "tilde"), "\u02c7": (129, "caron"), "\u00b4": (130, "acute"),
    "`": (131, "grave"), "\u00a8": (132, "dieresis"), "\u02c6": (133, "circumflex"),
    "\u00b8": (134, "cedilla"), "\u02da": (135, "ring"),
    "\u02dd": (136, "hungarumlaut"), "\u0131": (137, "dotlessi"),
}  # fmt: skip


def accented(words: list[list[str]], *, before: bool) -> str:
    """Return operators that draw words; a letter with a second character wears it as an accent."""
    widths = {char: stringWidth(char, FONT, SIZE) if ord(char) < 256 else 3.66 for char in ACCENTS}
    widths["\u0131"] = 3.06
    operators = [f"BT /F {SIZE} Tf"]
    x = 60.0
    for word in words:
        for item in word:
            letter, accent = item[0], item[1:]
            code = f"\\{ACCENTS[letter][0]:03o}" if letter in ACCENTS else letter
            width = widths[letter] if letter in widths else stringWidth(letter, FONT, SIZE)
            drawn = [(code, x)]
            if accent:
                over = (f"\\{ACCENTS[accent[0]][0]:03o}", x + (width - widths[accent[0]]) / 2)
                drawn.insert(0 if before else 1, over)
            operators += [f"1 0 0 1 {at:.3f} 700 Tm ({shown}) Tj" for shown, at in drawn]
            x += width
        x += 3.0
    return "\n".join([*operators, "ET"])


@pytest.mark.parametrize("before", [True, False], ids=["accent first", "letter first"])
def test_an_accent_goes_to_the_letter_it_stands_over(
    tmp_path: Path, read: Read, before: bool
) -> None:
    words = [
        ["M", "u", "n\u02dc", "o", "z"], ["D", "v", "o", "r\u02c7", "a\u00b4", "k"],
        ["H", "a", "s\u02c7", "e", "k"], ["B", "e", "n", "e", "s\u02c7"],
        ["Z", "e", "c\u02c7", "e", "v", "i", "c\u00b4"], ["v", "o", "i", "l", "a`"],
        ["F", "r", "a", "n", "c\u00b8", "o", "i", "s"], ["n", "a", "\u0131\u00a8", "v", "e"],
        ["E", "r", "d", "o\u02dd", "s"], ["A\u02da", "s", "a"], ["g", "e\u02c6", "n", "e"],
    ]  # fmt: skip
    codes = dict(ACCENTS.values())
    path = raw_pdf(tmp_path / "a.pdf", accented(words, before=before), codes, {})
    assert (
        flat(read(path)) == "Muñoz Dvořák Hašek Beneš Zečević voilà François naïve Erdős Åsa gêne"
    )


def test_characters_above_the_basic_plane_are_whole(tmp_path: Path, read: Read) -> None:
    letters = {code: chr(0x1D44E + code - 97) for code in range(97, 123)}
    content = "BT /F 11 Tf 60 700 Td (abc) Tj 60 0 Td (xyz) Tj -60 -20 Td (klm) Tj ET"
    path = raw_pdf(tmp_path / "a.pdf", content, {}, letters)
    wanted = "".join(letters[ord(c)] if c in "abcxyzklm" else c for c in "abc xyz\nklm")
    assert read(path).text == wanted


def phrase(words: list[str]) -> str:
    """Return the codes that draw words of a right-to-left script as they are seen."""
    return " ".join(word[::-1] for word in reversed(words))


HEBREW = {ord("a") + n: chr(0x5D0 + n) for n in range(26)}


@pytest.mark.parametrize(
    ("logical", "drawn"),
    [
        ("The phrase אבג דהו זחט means.", f"THE PHRASE {phrase(['abc', 'def', 'ghi'])} MEANS."),
        (
            "Words אב גד along with הו זח.",
            f"WORDS {phrase(['ab', 'cd'])} ALONG WITH {phrase(['ef', 'gh'])}.",
        ),
        ("In brackets (אבג דהו) and so.", f"IN BRACKETS ({phrase(['abc', 'def'])}) AND SO."),
        ("One word אבג alone.", f"ONE WORD {phrase(['abc'])} ALONE."),
    ],
)  # fmt: skip
def test_words_of_a_phrase_of_another_direction_come_in_the_order_of_reading(
    tmp_path: Path, read: Read, logical: str, drawn: str
) -> None:
    escaped = drawn.replace("(", "\\(").replace(")", "\\)")
    content = f"BT /F 11 Tf 60 700 Td ({escaped}) Tj ET"
    path = raw_pdf(tmp_path / "a.pdf", content, {}, HEBREW)
    assert flat(read(path)).casefold() == logical.casefold()


def test_latin_words_and_numbers_inside_a_hebrew_line_come_in_their_order(
    tmp_path: Path, read: Read
) -> None:
    seen = f"{phrase(['stu'])} 1991 {phrase(['abc', 'def'])} TIDE GAUGE {phrase(['ghi', 'jkl'])}"
    path = raw_pdf(tmp_path / "a.pdf", f"BT /F 11 Tf 60 700 Td ({seen}) Tj ET", {}, HEBREW)
    assert flat(read(path)) == "זחט יךכ TIDE GAUGE אבג דהו 1991 עףפ"


@pytest.mark.parametrize(
    ("logical", "drawn"),
    [
        (
            "SEE אבג דהו זחט (TEL AVIV), 1995, יךכלםמ.",
            f"SEE {phrase(['abc', 'def', 'ghi'])} (TEL AVIV), 1995, {phrase(['jklmno'])}.",
        ),
        (
            "CF. (אבגדהו זחטיךכ), לםמן נסע (ED.), P. 12.",
            f"CF. ({phrase(['abcdef', 'ghijkl'])}), {phrase(['mnop', 'qrs'])} (ED.), P. 12.",
        ),
        (
            "A [אבגדהו זחטיךכ] לםמן נסע?",
            f"A [{phrase(['abcdef', 'ghijkl'])}] {phrase(['mnop', 'qrs'])}?",
        ),
        (
            "VOL. 3 OF אבגדהו 12 זחטיךכ.",
            f"VOL. 3 OF {phrase(['abcdef', '21', 'ghijkl'])}.",
        ),
    ],
)  # fmt: skip
def test_a_line_that_begins_in_latin_with_more_hebrew_in_it_is_read_from_the_left(
    tmp_path: Path, read: Read, logical: str, drawn: str
) -> None:
    escaped = drawn.replace("(", "\\(").replace(")", "\\)")
    path = raw_pdf(tmp_path / "a.pdf", f"BT /F 11 Tf 60 700 Td ({escaped}) Tj ET", {}, HEBREW)
    assert flat(read(path)) == logical


@pytest.mark.parametrize("word", ["ab", "abcde"])
def test_letters_listed_as_they_are_seen_are_turned_round(
    tmp_path: Path, read: Read, word: str
) -> None:
    """Each letter is a text of its own, on a page that PDFium takes for vertical."""
    rows = "".join(
        f"{x} {y} Td ({letter}) Tj {-x} {-y} Td "
        for y in range(400, 700, 20)
        for x, letter in [
            *((60 + 6 * n, letter) for n, letter in enumerate(word[::-1])),
            (300, "X"),
            (400, "Y"),
        ]
    )
    path = raw_pdf(tmp_path / "a.pdf", f"BT /F 11 Tf {rows} ET", {}, HEBREW)
    assert "".join(HEBREW[ord(letter)] for letter in word) in read(path).text


def test_the_stroke_of_a_letter_that_stands_in_the_place_of_the_space_is_no_space(
    tmp_path: Path, read: Read
) -> None:
    """The font draws like TeX's oldest ones: the stroke of ł has the code of the space."""
    glyphs = {
        "suppress": "278 0 0 250 278 400 d1 0 250 278 150 re f",
        "l": "278 0 50 0 230 700 d1 100 0 80 700 re f",
        "K": "700 0 50 0 650 700 d1 50 0 600 700 re f",
        "a": "500 0 50 0 450 450 d1 50 0 400 450 re f",
    }
    first = 6
    entries = " ".join(f"/{name} {first + n} 0 R" for n, name in enumerate(glyphs))
    widths = {32: 278, 75: 700, 97: 500, 108: 278}
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << {entries} >> /Encoding << /Type /Encoding "
        "/Differences [32 /suppress 75 /K 97 /a 108 /l] >> /FirstChar 32 /LastChar 108 "
        f"/Widths [{' '.join(str(widths.get(code, 0)) for code in range(32, 109))}] >>"
    )
    content = "BT /F 11 Tf 60 700 Td [(Ka)] TJ [( ) 278 (l) (a)] TJ 60 0 Td (Kala) Tj ET"
    path = write_objects(
        tmp_path / "a.pdf",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        font,
        *(f"<< /Length {len(glyph)} >>\nstream\n{glyph}\nendstream" for glyph in glyphs.values()),
    )
    assert read(path).text == "Kała Kala"
