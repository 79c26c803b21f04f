# ruff: noqa: RUF001  (texts in other alphabets)
"""How texts are read: encodings, line ends, pages, limits."""

import gzip
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import textfile
from reslib.extractors.assemble import Assembler
from reslib.extractors.encoding import decode
from reslib.extractors.own import TEXT
from reslib.models import ExtractionResult, TextStatus

FRENCH = (
    "Les élèves de la première année étudient la théorie générale des systèmes complexes. "
    "À côté des méthodes numériques, le mémoire présente des résultats où l'équilibre est "
    "atteint très tôt, ce qui n'était pas prévu par les modèles précédents.\n"
)
GREEK = (
    "Η μελέτη εξετάζει τη σχέση ανάμεσα στη θερμοκρασία και στην ταχύτητα της αντίδρασης. "
    "Τα αποτελέσματα δείχνουν ότι η μέθοδος είναι αξιόπιστη σε όλες τις περιπτώσεις.\n"
)
JAPANESE = "この論文では、新しい方法を提案し、その性能を実験によって評価する。結果は良好である。\n"


def read(path: Path) -> ExtractionResult:
    assembler = Assembler(TEXT, "text/plain")
    items = TEXT.function(path)
    assert not isinstance(items, ExtractionResult)
    for item in items:
        assembler.add(item)
    return assembler.result()


def read_bytes(folder: Path, content: bytes) -> ExtractionResult:
    path = folder / "text.txt"
    path.write_bytes(content)
    return read(path)


def test_utf8_is_read_with_certainty(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, "naïve 研究 \U0001f4c4\n".encode())
    assert result.text == "naïve 研究 \U0001f4c4\n"
    assert result.confidence == 1.0
    assert result.confidence_reason == ""
    assert result.metadata == {"encoding": "utf-8", "encoding_guessed": False}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed_and_not_part_of_the_text(
    tmp_path: Path, encoding: str
) -> None:
    result = read_bytes(tmp_path, "naïve 研究\n".encode(encoding))
    assert result.text == "naïve 研究\n"
    assert result.metadata["encoding_guessed"] is False
    assert result.confidence == 1.0


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH * 3, "cp1252"),
        (GREEK * 3, "cp1253"),
        (JAPANESE * 5, "cp932"),
        ("plain words without a mark\n" * 5, "utf-16-le"),
        ("plain words without a mark\n" * 5, "utf-16-be"),
    ],
)
def test_a_guessed_encoding_is_said_and_counted_against_the_confidence(
    tmp_path: Path, text: str, encoding: str
) -> None:
    result = read_bytes(tmp_path, text.encode(encoding))
    assert result.text == text
    assert result.metadata == {"encoding": encoding, "encoding_guessed": True}
    assert result.confidence is not None
    assert 0.5 < result.confidence < 1
    assert result.confidence_reason == f"encoding guessed as {encoding}"


def test_one_foreign_line_in_a_long_english_text_is_enough_to_guess(tmp_path: Path) -> None:
    english = "This is a line of the log of an experiment.\n" * 20_000
    result = read_bytes(tmp_path, (english + GREEK + english).encode("cp1253"))
    assert GREEK in result.text
    assert result.confidence is not None
    assert result.confidence > 0.99  # almost all of it is ASCII, which no guess can hurt


def test_less_evidence_gives_less_confidence() -> None:
    long, short = decode((GREEK * 20).encode("cp1253")), decode(GREEK[:25].encode("cp1253"))
    assert short.confidence < long.confidence < 1


def test_utf8_with_a_few_damaged_places_stays_utf8(tmp_path: Path) -> None:
    content = (GREEK * 5).encode() + b"\xff and \xc0\x80 end\n"
    result = read_bytes(tmp_path, content)
    assert result.text.startswith(GREEK)
    assert result.text.endswith("end\n")
    assert "places are not valid utf-8" in result.confidence_reason
    assert result.confidence is not None
    assert 0.9 < result.confidence < 1


def test_a_replacement_character_of_the_author_is_not_held_against_the_text() -> None:
    assert decode("a \ufffd b".encode("utf-16")).confidence == 1.0


def test_noise_is_read_somehow_and_never_raises() -> None:
    for seed in range(20):
        noise = bytes((i * i * (seed + 3) + i * 7919 + seed) % 255 + 1 for i in range(2000))
        assert decode(noise).confidence <= 1


def test_a_declared_encoding_is_used_unless_the_bytes_are_utf8() -> None:
    assert decode(GREEK.encode("iso8859-7"), "iso-8859-7").text == GREEK
    assert decode(GREEK.encode(), "iso-8859-7").text == GREEK
    assert decode(JAPANESE.encode("iso2022_jp"), "iso-2022-jp").text == JAPANESE
    assert decode(b"\x93quoted\x94", "iso-8859-1").text == "\u201cquoted\u201d"


@pytest.mark.parametrize("label", ["no-such", "hex", "rot13", "utf-8\0", "x" * 1000])
def test_a_declared_encoding_that_does_not_exist_is_ignored(label: str) -> None:
    assert decode(b"words", label).text == "words"
    assert decode((FRENCH * 3).encode("cp1252"), label).text == FRENCH * 3


RUSSIAN = "Уровень воды измеряли на четырёх станциях вдоль берега. Результаты неожиданны.\n"
SAMPLES = {
    "Turkish": ("Su seviyesi dört istasyonda ölçüldü; sonuçlar şaşırtıcı değildir.", "cp1254"),
    "Polish": ("Większość uczniów czyta książki; część ogląda też filmy. Łódź.", "cp1250"),
    "Czech": ("Hladina vody byla měřena na čtyřech stanicích, říká Dvořák.", "iso8859_2"),
    "Hungarian": ("A vízszintet négy állomáson mérték; az eredmények meglepőek.", "cp1250"),
    "Lithuanian": ("Tyrimas rodo, kad dauguma mokinių žaidžia šiose mokyklose, įėjo.", "cp1257"),
    "Latvian": ("Ūdens līmeni mērīja četrās stacijās; rezultāti ir pārsteidzoši.", "cp1257"),
    "Russian": (RUSSIAN, "cp1251"),
    "Russian of Unix": (RUSSIAN, "koi8_r"),
    "Russian of DOS": (RUSSIAN, "cp866"),
    "Greek": ("Η μελέτη εξετάζει τη σχέση ανάμεσα στη θερμοκρασία.", "cp1253"),
    "Hebrew": ("מפלס המים נמדד בארבע תחנות לאורך החוף.", "cp1255"),
    "Arabic": ("تم قياس منسوب المياه في أربع محطات على طول الساحل.", "cp1256"),
    "Thai": ("ระดับน้ำวัดที่สี่สถานีตามแนวชายฝั่ง", "cp874"),
    "English of the Macintosh": ("The “tidal range” – café, naïve – it’s 4 m.", "mac_roman"),
    "German of DOS": ("Für die Prüfung müssen Schüler üben. Straße, schön und groß.", "cp850"),
    "Chinese": ("研究表明大多数学生每天阅读书籍，并且学习外语。", "gb18030"),
    "Chinese of Taiwan": ("研究表明大多數學生每天閱讀書籍，並且學習外語。", "big5"),
    "Japanese": (JAPANESE, "cp932"),
    "Japanese of Unix": (JAPANESE, "euc_jp"),
    "Korean": ("이 논문에서는 네 개의 관측소에서 조위를 측정하였다.", "cp949"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_one_line_is_enough_to_guess_an_encoding_by_the_letters_of_its_language(name: str) -> None:
    text, encoding = SAMPLES[name]
    read = decode(text.encode(encoding))
    assert read.text == text
    assert read.guessed
    assert read.confidence < 1


def test_a_guess_on_a_few_bytes_says_that_it_is_not_sure() -> None:
    read = decode(b"plain words and \x9a\xd4\x8d")
    assert read.reason.startswith("encoding guessed as ")
    assert "not sure" in read.reason


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        *("Уровень воды", "Η στάθμη", "מפלס המים", "منسوب المياه", "जल स्तर मापा", "నీటి మట్టం"),
        *(
            "ജലനിരപ്പ്",
            "ระดับน้ำ",
            "本文研究了潮汐的范围。\n",
            "研究結果は良好である。",
            "이 논문에서는",
        ),
        *("𝐴𝑘 cos 𝜔𝑡", "😀😃 so", "Да", "ab", "<p>𠮷野家で𠮟る</p>"),
    ],
)
def test_utf16_and_utf32_without_a_mark_are_told_in_every_script(text: str, order: str) -> None:
    read = decode(text.encode(order))
    assert (read.text, read.encoding, read.guessed) == (text, order, True)
    assert read.confidence < 1


@pytest.mark.parametrize("name", SAMPLES)
def test_other_encodings_are_not_taken_for_utf16(name: str) -> None:
    text, encoding = SAMPLES[name]
    for form in (encoding, "utf-8"):
        assert not decode(text.encode(form)).encoding.startswith(("utf-16", "utf-32"))


@pytest.mark.parametrize(
    ("label", "text", "bytes_in"),
    [
        ("gb2312", "作者：朱镕、李喆。堃", "gb18030"),
        ("GBK", "𠮷镕", "gb18030"),
        ("shift_jis", "①髙﨑ソ", "cp932"),
        ("x-sjis", "①髙", "cp932"),
        ("euc-kr", "똠방각하", "cp949"),
        ("ks_c_5601-1987", "뷁", "cp949"),
        ("big5", "嘅喺啲", "big5hkscs"),
        ("iso-8859-9", "“ığş”", "cp1254"),
        ("tis-620", "“ไทย”", "cp874"),
        ("ascii", "“é”", "cp1252"),
        (" latin1 ", "“é”", "cp1252"),
        ("x-cp1251", "Привет", "cp1251"),
        ("macintosh", "“é”", "mac_roman"),
        ("x-user-defined", "é", "cp1252"),
        ("cp936", "镕", "gb18030"),
    ],
)
def test_a_label_means_what_browsers_take_it_for(label: str, text: str, bytes_in: str) -> None:
    read = decode(text.encode(bytes_in), label)
    assert read.text == text
    assert not read.guessed


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "unicode", "utf-32", "cp037", "cp500"])
def test_a_label_that_cannot_be_read_as_ascii_is_not_believed(label: str) -> None:
    assert decode(b"The tidal range", label).text == "The tidal range"
    assert decode("Höhe".encode(), label).text == "Höhe"


@pytest.mark.parametrize(
    ("label", "text", "bytes_in"),
    [
        ("utf-8", FRENCH, "cp1252"),
        ("iso-8859-1", RUSSIAN, "cp1251"),
        ("iso-8859-1", SAMPLES["Polish"][0], "cp1250"),
        ("iso-8859-1", SAMPLES["Turkish"][0], "cp1254"),
        ("windows-1252", SAMPLES["Chinese"][0], "gb18030"),
        ("gb2312", SAMPLES["Chinese of Taiwan"][0] * 3, "big5"),
        ("euc-jp", JAPANESE, "cp932"),
        ("windows-1251", RUSSIAN, "koi8_r"),
        ("windows-1252", SAMPLES["Latvian"][0], "cp1257"),
    ],
)
def test_a_label_that_the_bytes_contradict_is_not_believed(
    label: str, text: str, bytes_in: str
) -> None:
    read = decode(text.encode(bytes_in), label)
    assert read.text == text
    assert read.guessed
    assert "contradict" in read.reason


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (text, encoding, encoding.replace("iso8859_", "iso-8859-"))
        for text, encoding in SAMPLES.values()
    ],
)
def test_a_label_that_is_true_is_believed(text: str, encoding: str, label: str) -> None:
    read = decode(text.encode(encoding), label)
    assert (read.text, read.guessed) == (text, False)


@pytest.mark.parametrize(
    ("lines", "encodings"),
    [
        (["measured by Müller", "“tidal range” – 4 m –", "élève"], ["utf-8", "cp1252", "cp1252"]),
        ([RUSSIAN, "Müller — naïve", RUSSIAN], ["cp1251", "utf-8", "cp1251"]),
        (["Müller, Gómez, Dvořák", SAMPLES["Polish"][0]], ["utf-8", "cp1250"]),
        ([SAMPLES["Chinese"][0], SAMPLES["Chinese"][0]], ["utf-8", "gb18030"]),
        ([GREEK * 5, "José’s café"], ["utf-8", "cp1252"]),
        (["Größe", "Höhe", "naïve"] * 20 + ["l’été"], ["utf-8"] * 60 + ["cp1252"]),
        (["Müller measured"] * 4 + ["it’s 5 °C", "5\xa0km"], ["utf-8"] * 4 + ["cp1252"] * 2),
        (["\ufeffMüller", "élève"], ["utf-8", "cp1252"]),
        ([JAPANESE, JAPANESE, JAPANESE], ["utf-8", "cp932", "utf-8"]),
    ],
)
def test_each_line_of_a_text_in_two_encodings_is_read_as_what_it_is(
    lines: list[str], encodings: list[str]
) -> None:
    data = b"\n".join(line.encode(e) for line, e in zip(lines, encodings, strict=True))
    read = decode(data)
    assert read.text == "\n".join(lines).removeprefix("\ufeff")
    assert "another encoding" in read.reason
    assert read.confidence < 1


def test_one_line_may_be_in_two_encodings() -> None:
    data = "Müller – ".encode() + "Gómez “é”".encode("cp1252")
    assert decode(data).text == "Müller – Gómez “é”"


def test_a_character_that_was_cut_off_is_not_read_as_three_others() -> None:
    read = decode("Größe – Höhe".encode() + b" \xe2\x80 end")
    assert read.text == "Größe – Höhe \ufffd end"


def test_line_ends_are_normalised(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, b"a\r\nb\rc\nd").text == "a\nb\nc\nd"


def test_a_form_feed_starts_a_page(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, b"one\n\ftwo\n\f\fthree\n\f")
    assert result.page_count == 4
    assert result.text[result.page_offsets[1] :].startswith("two")
    assert result.text_status is TextStatus.FULL


def test_millions_of_form_feeds_are_no_pages(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, b"a\f" * 200_000 + b"b")
    assert result.page_count == 1


def test_markup_is_kept_and_nothing_it_asks_for_is_done(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("SECRET", encoding="utf-8")
    source = b"\\input{secret} $x^2$ <!ENTITY x SYSTEM 'secret.tex'> =cmd|' /C calc'!A0"
    assert read_bytes(tmp_path, source).text == source.decode()


def test_a_blank_text_is_empty_and_not_an_error(tmp_path: Path) -> None:
    result = read_bytes(tmp_path, b"\n \n")
    assert result.text_status is TextStatus.EMPTY
    assert result.confidence == 0.0


def test_a_text_that_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        file.truncate(textfile.MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(ExtractionError, match="Split it") as caught:
        read(path)
    assert caught.value.code is ErrorCode.OUTPUT_LIMIT


def test_a_packed_text_is_unpacked_and_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    with path.open("wb") as raw, gzip.GzipFile("measured.csv", "wb", fileobj=raw) as file:
        file.write("α,β\n1,2\n".encode())
    result = read(path)
    assert result.text == "α,β\n1,2\n"
    assert result.title == "measured.csv"


def test_packed_members_are_read_one_after_the_other(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, gzip.compress(b"one ") + gzip.compress(b"two")).text == "one two"


def test_a_damaged_or_cut_packed_text_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(bytes(range(256)) * 50)
    with pytest.raises(ExtractionError) as cut:
        read_bytes(tmp_path, packed[:-20])
    assert cut.value.code is ErrorCode.TRUNCATED
    with pytest.raises(ExtractionError) as damaged:
        read_bytes(tmp_path, packed[:20] + b"\xff\xff\xff" + packed[23:])
    assert damaged.value.code is ErrorCode.MALFORMED


def test_a_gzip_bomb_is_not_unpacked_to_its_end(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(1 << 20)) * 200
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(bomb)
    with pytest.raises(ExtractionError) as caught:
        textfile.read_bytes(path)
    assert caught.value.code is ErrorCode.OUTPUT_LIMIT
