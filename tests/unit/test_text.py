# ruff: noqa: RUF001  (texts in other alphabets)
"""How texts are read: encodings, line ends, pages, limits."""

import gzip
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import textfile
from reslib.extractors.assemble import Assembler
from reslib.extractors.encoding import decode
from reslib.extractors.text import EXTRACTOR
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
    assembler = Assembler(EXTRACTOR, "text/plain")
    for item in EXTRACTOR.function(path):
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
