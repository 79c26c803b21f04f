import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.errors import ErrorCode, ErrorType, ExtractionError, printable


@given(st.text(alphabet=st.characters(codec=None)))
def test_printable_text_fits_on_one_line_and_in_utf8(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert shown.isprintable()


def test_printable_text_keeps_emoji_and_escapes_control_sequences() -> None:
    assert printable("paper 📄 é") == "paper 📄 é"
    assert printable("a\nb\x1b[2J\udcff") == "a\\nb\\x1b[2J\\udcff"


def test_an_extraction_error_knows_its_type() -> None:
    error = ExtractionError("needs a password", "encrypted")
    assert error.code is ErrorCode.ENCRYPTED
    assert error.error_type is ErrorType.UNSUPPORTED
    assert str(error) == "needs a password"


def test_an_unknown_error_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_code"):
        ExtractionError("x", "no_such_code")
