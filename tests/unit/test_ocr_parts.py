"""The parts of OCR that need no program: which pages want it, words, languages, judgement."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy
import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageStat
from pypdf.generic import BooleanObject, NameObject, NumberObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

from reslib.extractors.ocr.greekletters import with_greek_letters
from reslib.extractors.ocr.greekwords import with_greek_words
from reslib.extractors.ocr.judged import agreement, confidence
from reslib.extractors.ocr.languages import Languages, spoken
from reslib.extractors.ocr.leveled import Leveled, dusted, prepare
from reslib.extractors.ocr.pdfpictures import PdfPictures
from reslib.extractors.ocr.picture import (
    Scan,
    bounded,
    fitted,
    ink,
    median,
    sheared,
    skew,
    softened,
    squared,
    standing,
    widened,
    without_specks,
)
from reslib.extractors.ocr.wanted import wishes
from reslib.extractors.ocr.words import Word, Words, read_table, words_of
from reslib.extractors.pdf.confidence import PageSignals, judge_pages
from reslib.extractors.pdf.hyphens import HYPHEN_MARK
from reslib.pool.reading import Reading

GERMAN = (
    "Der kleine See wurde im Sommer und im Winter von den Leuten mit dem Boot vermessen, die "
    "auch sonst für das Amt auf dem Wasser sind und nicht nach der Tiefe, sondern nach einem Fisch "
    "suchen, den es dort nicht mehr gibt."
)


def wants(page: PageSignals, **options: object) -> tuple[str, ...]:
    [(score, reason)] = judge_pages([page])
    return wishes(page, score, reason, options)


def test_a_picture_without_words_wants_ocr() -> None:
    assert wants(PageSignals("", image_share=0.9)) == ("ocr",)
    assert wants(PageSignals("12", image_share=0.9, text_objects=1)) == ("ocr",)


def test_a_page_is_not_read_for_being_short_or_for_a_picture_on_it() -> None:
    assert wants(PageSignals("A short page", text_objects=1)) == ()
    assert wants(PageSignals("", text_objects=0)) == ()
    assert wants(PageSignals(GERMAN, image_share=0.9, text_objects=9)) == ()
    assert wants(PageSignals(GERMAN, image_share=0.9, text_objects=9), ocr=True) == ("ocr",)
    names = "cd HydrographicObstacleEntity «spatialDescriptiveEvol» geometry: GB_Surface XML " * 20
    assert wants(PageSignals(names, text_objects=9)) == ()


def test_a_wrong_character_map_and_an_old_layer_want_it() -> None:
    wrong = (
        "LdOvwgwDOMmDkAvH AKMOTDmDk Tvmbbp kMmDOFgvKTHOpOwDkMmDOwvDdOvkTHObOTHOTDvA MMKTkAmDk " * 9
    )
    assert wants(PageSignals(wrong, text_objects=9)) == ("ocr",)
    layer = PageSignals(GERMAN, image_share=1.0, image_dpi=300, hidden_share=1.0, text_objects=9)
    assert wants(layer) == ("ocr",)


def test_signs_of_formulas_without_a_meaning_do_not_ask_for_a_look_at_the_page() -> None:
    formulas = "\x12 X Y \x13 sin \x0e \uf8eb\uf8ec\uf8ed a11 b12 \uf8f6\uf8f7\uf8f8 \x10x\x0f " * 6
    [(confidence, reason)] = judge_pages([PageSignals(formulas, text_objects=9)])
    assert (confidence < 0.5, reason) == (True, "characters without a meaning")
    assert wants(PageSignals(formulas, text_objects=9)) == ()
    assert wants(PageSignals(formulas, text_objects=9, image_share=1.0)) == ("ocr",)


@pytest.mark.parametrize(
    "text",
    [
        "\ufffd\ufffd\ufffd\ufffd\ufffd \ufffd\ufffd \ufffd\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd "
        * 9,
        "\x10\x11\x12\x13\x14 \x15\x16\x13 \x17\x18\x11\x12 \x16\x15\x14\x13 " * 9,
        "(cid:12)(cid:8)(cid:31)(cid:7) (cid:9)(cid:31)(cid:14) (cid:2)(cid:8)(cid:8)(cid:10) " * 9,
        "the e\x10cient o\x11ce of de\x12nite scienti\x12c \x12ndings in the gra\x11ti " * 9,
    ],
)
def test_words_without_a_meaning_want_it(text: str) -> None:
    assert wants(PageSignals(text, text_objects=9)) == ("ocr",)


def test_words_are_taken_line_by_line_and_broken_ones_marked() -> None:
    page = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(page).rectangle((20, 20, 119, 39), fill=0)
    rows = [
        ["5", "1", "1", "1", "1", "1", "20", "20", "50", "20", "90", "Two"],
        ["5", "1", "1", "1", "1", "2", "70", "20", "50", "20", "90", "har-"],
        ["5", "1", "1", "1", "2", "1", "20", "50", "50", "20", "60", "bours"],
        ["5", "1", "2", "1", "1", "1", "20", "90", "50", "20", "x", "nothing"],
        ["4", "1"],
    ]
    words = words_of(read_table("\n".join("\t".join(row) for row in rows)), Leveled(page, 100))
    assert words.text == f"Two har{HYPHEN_MARK}bours"
    assert 0.6 < words.sure < 0.9
    assert words.coverage > 0.9


def test_what_was_left_out_is_seen_by_the_ink() -> None:
    page = Image.new("L", (800, 1000), 255)
    font = ImageFont.load_default(20)
    for line in range(30):
        ImageDraw.Draw(page).text((80, 80 + 28 * line), "the words of a line of a page", 0, font)
    row = "\t".join(["5", "1", "1", "1", "1", "1", "80", "80", "300", "26", "96", "words"])
    assert words_of(read_table(row), Leveled(page, 100)).coverage < 0.1
    assert words_of([], Leveled(page, 100)).coverage == 0.0


def test_the_language_is_named_by_its_function_words() -> None:
    assert spoken(GERMAN) == "deu"
    assert spoken("Wasser") is None
    languages = Languages(["deu", "eng"], None)
    assert languages.current == "eng"
    assert languages.other(GERMAN) == "deu"
    lacking = Languages(["eng"], None)
    assert lacking.other(GERMAN) is None
    assert lacking.missing == ["deu"]
    named = Languages(["deu", "eng"], ["eng", "ell"])
    assert (named.current, named.missing) == ("eng", ["ell"])


def test_confidence_falls_with_what_was_left_out_and_with_doubt() -> None:
    good = Words(GERMAN, sure=0.96, coverage=1.0)
    assert confidence(good) > 0.95
    assert confidence(Words(GERMAN, sure=0.96, coverage=0.1)) < 0.3
    assert confidence(Words(GERMAN, sure=0.5, coverage=1.0)) < 0.5
    assert agreement(GERMAN, GERMAN) == 1.0


def test_micro_signs_beside_greek_letters_are_the_letter_mu() -> None:
    assert with_greek_letters("µικρή 5 µm") == "μικρή 5 µm"


def test_accents_take_the_place_of_breathings_where_none_can_be() -> None:
    assert with_greek_letters("απὀ οὐρανὁς ἐν") == "από οὐρανός ἐν"


def test_doubtful_words_are_greek_where_the_greek_model_reads_greek() -> None:
    def word(text: str, sure: float, left: int, top: int = 0) -> Word:
        return Word(text, sure, ("1", "1", "1", str(top)), left, top, left + 90, top + 20)

    words = [word("water", 0.96, 0), word("uovordtt,", 0.4, 100), word("qxzvb", 0.4, 200)]
    greek = [
        word("ννάτερ", 0.3, 0),
        word("μονοπάτι,", 0.1, 103),
        word("λάσπη", 0.9, 200, top=50),
        word("{λα]5", 0.2, 200),
    ]
    read = with_greek_words(words, greek)
    assert [each.text for each in read] == ["water", "μονοπάτι,", "qxzvb"]


def test_the_middle_one_of_nine_pixels_is_that_of_the_filter() -> None:
    grey = numpy.random.default_rng(1).integers(0, 256, (41, 57), dtype=numpy.uint8)
    noise = Image.fromarray(grey)
    expected = noise.filter(ImageFilter.MedianFilter(3))
    assert numpy.array_equal(numpy.asarray(median(noise)), numpy.asarray(expected))


def test_a_softened_pixel_is_the_mean_of_nine() -> None:
    grey = numpy.random.default_rng(2).integers(0, 256, (141, 57), dtype=numpy.uint8)
    noise = Image.fromarray(grey)
    expected = numpy.asarray(noise.filter(ImageFilter.BoxBlur(1)))
    assert numpy.abs(numpy.asarray(softened(noise)).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("degrees", [-5.0, -1.5, 2.0, 4.0])
def test_a_page_is_sheared_to_where_a_rotation_has_it(degrees: float) -> None:
    page = Image.new("L", (300, 420), 255)
    ImageDraw.Draw(page).rectangle((60, 80, 240, 340), fill=30)
    turned = page.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=255)
    level = sheared(numpy.asarray(turned), -degrees)
    differing = numpy.abs(level.astype(int) - numpy.asarray(page)) > 100
    assert differing.mean() < 0.005
    assert (numpy.abs(numpy.asarray(turned).astype(int) - numpy.asarray(page)) > 100).mean() > 0.005


@pytest.mark.parametrize("size", [(3, 900), (900, 3), (1, 1)])
def test_a_strip_is_sheared_as_a_page_is(size: tuple[int, int]) -> None:
    strip = numpy.full(size, 90, dtype=numpy.uint8)
    assert sheared(strip, 5.0).shape == size
    assert sheared(strip, 0.0).min() == sheared(strip, 0.0).max() == 90


def test_spots_spread_to_all_sides() -> None:
    spots = numpy.zeros((9, 11), dtype=bool)
    spots[2, 3] = spots[8, 10] = True
    wide = widened(spots, 2)
    assert wide[0:5, 1:6].all()
    assert wide[6:9, 8:11].all()
    assert wide.sum() == 25 + 9


@pytest.mark.parametrize("degrees", [2.0, -4.5, 11.0])
def test_a_page_is_made_level_and_even(degrees: float) -> None:
    page = Image.new("L", (800, 1000), 200)
    font = ImageFont.load_default(20)
    for line in range(25):
        ImageDraw.Draw(page).text((80, 80 + 32 * line), "the words of a line of a page", 40, font)
    turned = page.rotate(degrees, fillcolor=200)
    assert skew(ink(turned)) == pytest.approx(-degrees, abs=0.2)
    level = prepare(turned, 100)
    assert abs(skew(level.ink)) < 0.3
    assert numpy.median(numpy.asarray(level.picture)) > 250


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_how_a_page_stands_is_seen_by_its_lines(turned: int) -> None:
    page = Image.new("L", (800, 1000), 255)
    font = ImageFont.load_default(20)
    for line in range(25):
        words = "the width of a page that lies on its head is read by its lines"
        ImageDraw.Draw(page).text((80, 80 + 32 * line), words[line:], 0, font)
    assert standing(ink(page.rotate(-turned, expand=True))) == -turned % 360


def test_a_line_does_not_tell_how_a_page_stands() -> None:
    for number in range(1, 9):
        page = Image.new("L", (800, 200), 255)
        words = f"Page {number} of the log of harbour 0, read at night"
        ImageDraw.Draw(page).text((60, 80), words, 0, ImageFont.load_default(26))
        assert standing(ink(page)) == 0


def test_pixels_are_bounded_and_made_square() -> None:
    large = Image.new("L", (9000, 9000), 255)
    smaller, dpi = bounded(large, 600)
    assert smaller.width * smaller.height <= 40_000_000
    assert dpi == 300
    fax, dpi = squared(Image.new("1", (1700, 1100)), 200, 100)
    assert (fax.size, dpi) == ((1700, 2200), 200)


def of_letters(height: int) -> Image.Image:
    """A page at 300 dpi with letters of that many pixels, more or less."""
    page = Image.new("L", (2480, 3508), 255)
    font = ImageFont.load_default(height)
    for top in range(200, 3200, 2 * height):
        ImageDraw.Draw(page).text((200, top), "the tide gauge in the harbour " * 2, 0, font)
    return page


def test_a_page_is_as_fine_as_its_smallest_letters_need() -> None:
    large, small = of_letters(40), of_letters(22)
    assert fitted(Scan(large, 300))[1] == 200
    assert fitted(Scan(small, 300)) == (small, 300)
    blank = Image.new("L", (2480, 3508), 255)
    assert fitted(Scan(blank, 300)) == (blank, 300)
    small.paste(large.crop((0, 0, 2480, 2600)))
    assert fitted(Scan(small, 300))[1] == 300


def test_a_page_with_large_letters_is_narrowed_but_a_coarse_one_is_not() -> None:
    large = of_letters(40)
    assert fitted(Scan(large, 200))[0].size == (2232, 3508)
    assert fitted(Scan(large, 200, is_coarse=True)) == (large, 200)


@pytest.mark.parametrize(
    ("what", "is_filed"), [("alone", True), ("cut off", False), ("turned", False), ("word", False)]
)
def test_the_picture_of_a_page_is_that_of_its_file_where_nothing_else_is_seen(
    what: str, is_filed: bool, tmp_path: Path
) -> None:
    page = of_letters(40)
    page.save(tmp_path / "page.jpg", quality=60)
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    if what == "cut off":
        canvas.setCropBox((0, 0, 595, 700))
    if what == "turned":
        canvas.rotate(180)
        canvas.translate(-595, -842)
    canvas.drawImage(tmp_path / "page.jpg", 0, 0, 595, 842)
    if what == "word":
        canvas.drawString(60, 60, "a word")
    canvas.save()
    with PdfPictures.open(tmp_path / "a.pdf") as pictures:
        known = pictures.known(1)
        assert known is not None
        scan = pictures.picture(1, known)
    with Image.open(tmp_path / "page.jpg") as file:
        same = scan.picture.size == file.size and scan.picture.tobytes() == file.tobytes()
    assert same == is_filed
    assert scan.dpi == 300


def picture_of(pdf: Path) -> tuple[Scan, Image.Image]:
    """The picture of the first page as it is read, and as it is shown."""
    with PdfPictures.open(pdf) as pictures:
        known = pictures.known(1)
        assert known is not None
        scan = pictures.picture(1, known)
    with pypdfium2.PdfDocument(pdf) as document:
        return scan, document[0].render(scale=2, grayscale=True).to_pil().convert("L")


def test_a_faint_second_picture_is_on_the_page_that_is_read(tmp_path: Path) -> None:
    of_letters(40).save(tmp_path / "page.png")
    stamp = Image.new("L", (1200, 60), 255)
    ImageDraw.Draw(stamp).text((5, 5), "received in May " * 3, 150, ImageFont.load_default(34))
    stamp.save(tmp_path / "stamp.png")
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    canvas.drawImage(tmp_path / "page.png", 0, 0, 595, 842)
    canvas.drawImage(tmp_path / "stamp.png", 60, 10, 150, 7.5)
    canvas.save()
    read = picture_of(tmp_path / "a.pdf")[0].picture
    assert read.crop((200, read.height - 80, 900, read.height - 35)).getextrema()[0] < 200


@pytest.mark.parametrize("what", ["plain", "a mask", "with margins", "with a stamp", "cut off"])
def test_a_fax_is_read_as_its_page_shows_it(what: str, tmp_path: Path) -> None:
    of_letters(40).resize((1700, 1100)).convert("1").save(tmp_path / "fax.png")
    Image.new("L", (1000, 60), 0).save(tmp_path / "stamp.png")
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(612, 792))
    if what == "cut off":
        half = canvas.beginPath()
        half.rect(0, 396, 612, 396)
        canvas.clipPath(half, stroke=0)
    place = (56.3, 70.7, 500, 650) if what == "with margins" else (0, 0, 612, 792)
    canvas.drawImage(tmp_path / "fax.png", *place)
    if what == "with a stamp":
        canvas.drawImage(tmp_path / "stamp.png", 60, 4, 400, 20)
    canvas.save()
    if what == "a mask":
        writer = pypdf.PdfWriter(tmp_path / "a.pdf")
        [image] = [
            each for each in writer._objects if isinstance(each, StreamObject) and "/Width" in each
        ]
        assert image.indirect_reference is not None
        mask = StreamObject()
        mask.set_data(Image.open(tmp_path / "fax.png").tobytes())
        numbers = {"/Width": 1700, "/Height": 1100, "/BitsPerComponent": 1}
        for name, number in numbers.items():
            mask[NameObject(name)] = NumberObject(number)
        mask[NameObject("/Subtype")] = NameObject("/Image")
        mask[NameObject("/ImageMask")] = BooleanObject(True)
        writer._replace_object(image.indirect_reference, mask)
        writer.write(tmp_path / "a.pdf")
    scan, shown = picture_of(tmp_path / "a.pdf")
    assert scan.is_coarse
    if what == "with margins":  # as its file has it: without them
        shown = shown.crop((113, 143, 1113, 1443))
    small = scan.picture.resize((6, 7), Image.Resampling.BOX)
    seen = ImageChops.difference(small, shown.resize((6, 7), Image.Resampling.BOX))
    assert ImageStat.Stat(seen).extrema[0][1] < 30


def test_specks_go_and_clean_pages_stay() -> None:
    page = Image.new("L", (400, 400), 255)
    assert without_specks(page) is None
    draw = numpy.random.default_rng(1)
    dots = numpy.where(draw.random((400, 400)) < 0.01, 0, 255).astype(numpy.uint8)
    clean = without_specks(Image.fromarray(dots))
    assert clean is not None
    assert (numpy.asarray(clean) < 128).mean() < 0.001


def test_dust_goes_before_a_page_is_read_and_the_dots_of_a_picture_stay() -> None:
    dots = numpy.where(numpy.random.default_rng(1).random((400, 400)) < 0.004, 0, 255)
    dusty = dots.astype(numpy.uint8)
    assert (numpy.asarray(dusted(Image.fromarray(dusty))) < 128).mean() < 0.0005
    pictured = dusty.copy()
    pictured[:, 160:] = 255
    kept = numpy.asarray(dusted(Image.fromarray(pictured)))
    assert (kept < 128).sum() > (pictured < 128).sum() / 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (("off", None, 60), "ocr is 'auto', True or False"),
        (("auto", "eng", 60), "ocr_languages is a list"),
        (("auto", [], 60), "ocr_languages is a list"),
        (("auto", ["eng -c x=y"], 60), "ocr_languages is a list"),
        (("auto", None, 0), "ocr_page_timeout must be"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: tuple[object, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Reading(*settings)  # type: ignore[arg-type]


def test_who_reads_no_picture_never_holds_what_reads_them() -> None:
    ask = (
        "import sys, reslib; from reslib.extractors.pdf import extractor; "
        "print({'PIL', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
