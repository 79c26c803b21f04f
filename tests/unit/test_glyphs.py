import pytest

from reslib.extractors.pdf.glyphs import tidy_glyphs


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        ("eﬃcient ﬁeld ﬂow oﬀ", "efficient field flow off"),
        ("Poincar´e and Erd˝os", "Poincaré and Erdős"),
        ("prote´ge´ performance", "protégé performance"),
        ("Luı´s and na¨ıve", "Luís and naïve"),
        ("Fran¸cois", "François"),
        ("M¨uller, Universit¨at", "Müller, Universität"),
        ("x ´ y", "x ´ y"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("bell\x07 null\x00 feed\x0c", "bell null feed"),
        ("kept\x02mark and kept\ufffemark", "kept\x02mark and kept\x02mark"),
        ("f(x) = −x² ≥ ∑ α", "f(x) = −x² ≥ ∑ α"),
    ],
)
def test_what_fonts_leave_behind_is_tidied(drawn: str, meant: str) -> None:
    assert tidy_glyphs(drawn) == meant
