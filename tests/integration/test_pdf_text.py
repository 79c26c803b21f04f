"""The words of a PDF page: what is drawn in pieces comes out as words and sentences."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from pages import (
    FONT,
    SIZE,
    WORDS,
    Piece,
    Read,
    draw_line,
    draw_prose,
    flat,
    raw_pdf,
    write_objects,
)
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

# --- raised and lowered pieces ----------------------------------------------------------------


def up(text: str, size: float = 7.5) -> Piece:
    return text, 4.0, size


def down(text: str) -> Piece:
    return text, -1.6, 7.5


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("the open library", up("1"), " to convert it"), "the open library 1 to convert it"),
        (("Smith", up("1,2"), ", Wei Zhang", up("3,*"), " and"), "Smith 1,2, Wei Zhang 3,* and"),
        (("Ana Lopes", up("a"), " and Jo", up("b")), "Ana Lopes a and Jo b"),
        ((up("1"), "Department of Physics"), "1 Department of Physics"),
        (("after storms.", up("12"), " Then it falls"), "after storms. 12 Then it falls"),
        (("said (Smith and Lee)", up("7"), " in a year"), "said (Smith and Lee) 7 in a year"),
        (("about 6 x 10", up("5"), " light curves"), "about 6 x 10^5 light curves"),
        (("at 10", up("-3"), " m", up("2"), "."), "at 10^-3 m^2."),
        (("in kg m", up("-2"), " s", up("-1"), " here"), "in kg m^-2 s^-1 here"),
        (("over 25 km", up("2"), " of ground"), "over 25 km^2 of ground"),
        (("per year", up("-1"), " and"), "per year^-1 and"),
        (("where x", up("2"), " is small"), "where x^2 is small"),
        (("as (x + 1)", up("2"), " grows"), "as (x + 1)^2 grows"),
        (("free Ca", up("2+"), " and Na", up("+"), " ions"), "free Ca2+ and Na+ ions"),
        (("dissolved SO", down("4"), up("2-"), " is"), "dissolved SO4^2- is"),
        (("CO", ("3", -3, 8), ("2-", 5, 6), " and NO", down("3"), up("-")), "CO3^2- and NO3-"),
        (("seen by D", up("r"), " Martin with ", up("99m"), "Tc"), "seen by Dr Martin with 99mTc"),
        (("the 1", up("st"), " and the 19", up("th"), " century"), "the 1st and the 19th century"),
        (("dated by ", up("14"), "C and ", up("87"), "Sr"), "dated by 14C and 87Sr"),
        (("CO", down("2"), " and H", down("2"), "O at"), "CO2 and H2O at"),
        (("state s", down("t"), " is known"), "state st is known"),
        (("at 25 ", up("o"), "C in"), "at 25 oC in"),
    ],
)  # fmt: skip
def test_a_raised_mark_is_parted_from_its_word_and_what_belongs_to_it_is_not(
    tmp_path: Path, read: Read, pieces: tuple[Piece, ...], expected: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 700, "A line before this one.")
    draw_line(canvas, 60, 680, *pieces)
    draw_line(canvas, 60, 660, "A line behind this one.")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == (
        f"A line before this one. {expected} A line behind this one."
    )


def test_a_number_of_atoms_that_tex_sets_below_a_charge_comes_before_it(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for y, behind in ((700, " ions are"), (680, ", which"), (660, "")):
        x = draw_line(canvas, 60, y, "dissolved SO")
        draw_line(canvas, x, y, up("2-"))
        end = draw_line(canvas, x, y - 2.6, ("4", 0.0, 7.5))
        draw_line(canvas, end + 3, y, behind)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")).replace(" ,", ",") == (
        "dissolved SO4^2- ions are dissolved SO4^2-, which dissolved SO4^2-"
    )


def test_text_raised_by_the_text_rise_of_word_processors_is_raised_too(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    text = canvas.beginText(60, 700)
    text.setFont(FONT, 11)
    text.textOut("A remark on tides")
    text.setRise(4)
    text.setFont(FONT, 7)
    text.textOut("12")
    text.setRise(0)
    text.setFont(FONT, 11)
    text.textOut(" and on storms")
    canvas.drawText(text)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == "A remark on tides 12 and on storms"


def test_small_capitals_and_quotation_marks_are_not_raised(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 700, "I", ("NTRODUCTION", 0.0, 8.5), ' of the "', "tides", '" here')
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == 'INTRODUCTION of the "tides" here'


def test_a_capital_of_several_lines_belongs_to_its_word(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    x = draw_line(canvas, 60, 686, "T", size=34)
    draw_line(canvas, x + 1, 700, "he tide gauge in the harbour was read")
    draw_line(canvas, x + 1, 686, "every hour of the night")
    canvas.save()
    assert "The tide gauge" in flat(read(tmp_path / "a.pdf"))


def test_rows_of_a_table_turned_on_its_side_are_lines(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for turn in (90, 270):
        canvas.saveState()
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.setFont(FONT, SIZE)
        for number, row in enumerate(
            (
                ("Northport", "4.1", "western"),
                ("Southbay", "3.9", "eastern"),
                ("Westhaven", "2.7", "old"),
            )
        ):
            for column, cell in enumerate(row):
                canvas.drawString(-150 + 90 * column, -14 * number, cell)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    for page in read(tmp_path / "a.pdf").text.split("\f"):
        assert (
            page.split() == "Northport 4.1 western Southbay 3.9 eastern Westhaven 2.7 old".split()
        )


@pytest.mark.parametrize("turn", [90, 270])
def test_marks_are_parted_in_text_that_is_turned(tmp_path: Path, read: Read, turn: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.translate(300, 400)
    canvas.rotate(turn)
    draw_line(canvas, -150, 0, "Northport", up("a"), " with 4.1 m", up("2"), " and")
    draw_line(canvas, -150, -14, "about 10", up("5"), " cells of CO", down("2"), " in it")
    draw_line(canvas, -150, -28, "and another line of the table")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == (
        "Northport a with 4.1 m^2 and about 10^5 cells of CO2 in it and another line of the table"
    )


# --- what is seen of a page -------------------------------------------------------------------


def cut(
    path: Path, box: tuple[float, float, float, float], *, turn: int = 0, up: bool = False
) -> Path:
    writer = pypdf.PdfWriter(clone_from=path)
    for page in writer.pages:
        owner = page["/Parent"] if up else page
        owner[pypdf.generic.NameObject("/CropBox")] = pypdf.generic.RectangleObject(box)
        if turn:
            page.rotate(turn)
    writer.write(path)
    return path


@pytest.mark.parametrize("turn", [0, 90, 180])
@pytest.mark.parametrize("inherited", [False, True])
def test_what_lies_outside_the_crop_box_is_left_out(
    tmp_path: Path, read: Read, turn: int, inherited: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    for n in range(5):
        canvas.drawString(40, 500 - 14 * n, f"Left line {n} about tides")
        canvas.drawString(440, 500 - 14 * n, f"Right line {n} about cores")
    canvas.save()
    result = read(cut(tmp_path / "a.pdf", (400, 0, 800, 600), turn=turn, up=inherited))
    assert flat(result) == " ".join(f"Right line {n} about cores" for n in range(5))


def test_a_word_cut_by_the_edge_does_not_grow_together_with_another(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    canvas.drawString(40, 500, "Words that go on over the edge of the page that is seen")
    canvas.drawString(40, 480, "whole")
    canvas.save()
    width = stringWidth("Words that go on", "Helvetica", 12)
    result = read(cut(tmp_path / "a.pdf", (0, 0, 40 + width, 600)))
    assert flat(result) == "Words that go on whole"


def test_a_crop_box_larger_than_the_page_takes_nothing_away(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    canvas.drawString(40, 500, "All of this is seen")
    canvas.save()
    assert flat(read(cut(tmp_path / "a.pdf", (-50, -50, 900, 700)))) == "All of this is seen"


# --- letters with spaces between them ---------------------------------------------------------


def spaced(
    canvas: Canvas, y: float, words: str, gap: float, size: float = 9.0, left: float = 72.0
) -> None:
    """Draw each letter for itself with *gap* behind it; a space is drawn too."""
    x = left
    canvas.setFont("Helvetica", size)
    for letter in words:
        if letter != " ":
            canvas.drawString(x, y, letter)
        x += stringWidth(letter, "Helvetica", size) + gap


@pytest.mark.parametrize("gap", [2.5, 4.0, 6.0])
@pytest.mark.parametrize(
    "words", ["INTRODUCTION", "abstract", "Materials and Methods", "ARTICLE INFO"]
)
def test_a_letter_spaced_heading_is_words(
    tmp_path: Path, read: Read, words: str, gap: float
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    spaced(canvas, 760, words, gap)
    draw_prose(canvas, top=730)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.startswith(f"{words}\n")


@pytest.mark.parametrize("gap", [2.5, 4.0, 6.0])
@pytest.mark.parametrize("behind", [" drawn", ", drawn", ". It"])
def test_a_letter_spaced_word_in_a_sentence_is_a_word(
    tmp_path: Path, read: Read, gap: float, behind: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for y, before in ((760, "It is "), (740, "The word is not ")):
        x = draw_line(canvas, 72, y, before, size=9)
        spaced(canvas, y, "emphasis", gap, left=x)
        x += stringWidth("emphasis", "Helvetica", 9) + 8 * gap
        draw_line(canvas, x, y, f"{behind} as such", size=9)
    canvas.save()
    lines = read(tmp_path / "a.pdf").text.replace(" ,", ",").replace(" .", ".").split("\n")
    assert lines == [f"It is emphasis{behind} as such", f"The word is not emphasis{behind} as such"]


def test_two_letter_spaced_headings_beside_each_other_are_words(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    spaced(canvas, 760, "article info", 3.0)
    spaced(canvas, 760, "abstract", 3.0, left=260)
    draw_prose(canvas, top=730)
    canvas.save()
    assert " ".join(read(tmp_path / "a.pdf").text.split()[:3]) == "article info abstract"


def test_a_letter_spaced_heading_in_another_script_is_a_word(tmp_path: Path, read: Read) -> None:
    letters = {ord("a") + n: chr(0x430 + n) for n in range(26)}
    content = "BT /F 11 Tf 7 Tc 60 700 Td (cdeanmf) Tj 0 Tc 0 -20 Td (cde abc nmf) Tj ET"
    result = read(raw_pdf(tmp_path / "a.pdf", content, {}, letters))
    assert result.text == "вгданме\nвгд абв нме"  # noqa: RUF001


def test_letters_with_spaces_typed_between_them_are_words(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 72, 760, "1. A B S T R A C T")
    draw_line(canvas, 72, 740, "K E Y W O R D S: tides, gauges")
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "1. ABSTRACT\nKEYWORDS: tides, gauges"


@pytest.mark.parametrize(
    "line",
    [
        "A B C D E F",
        "A C G T T G A C",
        "Y N Y Y N Y",
        "plan B or plan C d e f were kept",
        "x y z t",
        "the grades V A L U E are typed",
        "all of G I V E N, as typed",
    ],
)
def test_single_letters_that_make_no_word_stay_apart(tmp_path: Path, read: Read, line: str) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 72, 760, line)
    canvas.save()
    assert read(tmp_path / "a.pdf").text == line


# --- words over two pages ---------------------------------------------------------------------


def two_pages(
    path: Path, *, head: str = "", foot: str = "", number: bool = False, pages: int = 4
) -> None:
    """Write pages each of which ends in a broken word."""
    canvas = Canvas(str(path), pagesize=A4)
    for page in range(1, pages + 1):
        if head:
            draw_line(canvas, 60, 810, head.format(page))
        begin = "mation that we had. " if page > 1 else ""
        draw_line(canvas, 60, 780, begin + f"The {WORDS[page]} were read in the night")
        draw_line(canvas, 60, 766, f"and this {WORDS[page + 9]} is small by the {WORDS[page + 20]}")
        draw_line(
            canvas,
            60,
            752,
            f"while {WORDS[page + 30]} gave little infor-" if page < pages else "and no more.",
        )
        if foot:
            draw_line(canvas, 60, 60, foot.format(page))
        if number:
            draw_line(canvas, 300, 40, str(page))
        canvas.showPage()
    canvas.save()


@pytest.mark.parametrize(
    "around",
    [
        {},
        {"number": True},
        {"head": "Orrowby and others: a cheap gauge"},
        {"head": "{} Journal of Tides", "foot": "Published by nobody", "number": True},
    ],
    ids=str,
)
def test_a_word_broken_over_the_end_of_a_page_is_whole(
    tmp_path: Path, read: Read, around: dict[str, str]
) -> None:
    two_pages(tmp_path / "a.pdf", **around)  # type: ignore[arg-type]
    pages = read(tmp_path / "a.pdf").text.split("\f")
    for page in pages[:-1]:
        assert "little information" in page
    for page in pages[1:]:
        assert "that we had" in page
        assert "mation that" not in page


def test_a_hyphen_at_the_end_of_a_page_with_a_capital_behind_it_stays(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 780, "a list of units: milli-")
    canvas.showPage()
    draw_line(canvas, 60, 780, "The next chapter begins here")
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "a list of units: milli-\fThe next chapter begins here"


# --- accents, other scripts -------------------------------------------------------------------

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
            letter, *accent = item
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
