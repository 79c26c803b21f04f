import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.pdf.hyphens import HYPHEN_MARK, Vocabulary, join_hyphens

M = HYPHEN_MARK


@pytest.mark.parametrize(
    ("broken", "elsewhere", "whole"),
    [
        (f"the infor{M}mation here", "information", "the information\nhere"),
        (f"a well{M}known fact", "a well-known fact", "a well-known\nfact"),
        (f"over{M}lapping sets", "", "overlapping\nsets"),
        (f"non{M}linear flow", "linear flow", "non-linear\nflow"),
        (f"state-of-the{M}art work", "the art of state", "state-of-the-art\nwork"),
        (f"the Kendall{M}Mann test", "", "the Kendall-Mann\ntest"),
        (
            f"small{M}scale maps",
            "small maps, small gains; scale one, scale two",
            "small-scale\nmaps",
        ),
        (f"infor{M}mation, and", "information", "information,\nand"),
        (f"In{M}ter{M}nal use", "internal", "Internal\nuse"),
    ],
)
def test_a_broken_word_is_written_as_the_document_writes_it(
    broken: str, elsewhere: str, whole: str
) -> None:
    vocabulary = Vocabulary([broken, elsewhere])
    assert join_hyphens(broken, vocabulary) == whole


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("wind", "driven"),
        ("Long", "term"),
        ("X", "ray"),
        ("E", "mail"),
        ("t", "test"),
        ("meta", "analysis"),
        ("anti", "inflammatory"),
        ("self", "esteem"),
        ("well", "being"),
        ("high", "resolution"),
        ("low", "frequency"),
        ("short", "lived"),
        ("density", "dependent"),
        ("state-of-the", "art"),
        ("end-to", "end"),
        ("vitamin-D", "rich"),
    ],
)
def test_a_compound_keeps_its_hyphen_where_the_document_says_nothing(
    first: str, second: str
) -> None:
    broken = f"the {first}{M}{second} work"
    assert join_hyphens(broken, Vocabulary([broken])) == f"the {first}-{second}\nwork"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("con", "sider"),
        ("high", "lands"),
        ("low", "ering"),
        ("short", "ening"),
        ("self", "ish"),
        ("Well", "ington"),
        ("Long", "itude"),
        ("inde", "pendent"),
        ("in", "dependent"),
        ("un", "known"),
        ("thou", "sand"),
        ("superi", "or"),
        ("po", "et"),
        ("meta", "bolic"),
        ("non-con", "sidered"),
        ("l\u2019\u00e9", "cole"),
    ],
)
def test_a_word_that_looks_like_a_compound_is_joined(first: str, second: str) -> None:
    broken = f"the {first}{M}{second} work"
    assert join_hyphens(broken, Vocabulary([broken])) == f"the {first}{second}\nwork"


def test_the_document_knows_its_words_better() -> None:
    broken = f"my e{M}mail, wind{M}driven"
    assert join_hyphens(broken, Vocabulary(["email", "winddriven"])) == "my email,\nwinddriven\n"


@pytest.mark.parametrize(
    "line",
    [
        "pre-/and post-war",
        "Vor-/und Nachteile",
        "pre-/or post-war",
        "short-/or long-term",
        "entr\u00e9es pr\u00e9-/et post-natales",
        "voor-/of na-oorlogse",
        "pre-/y posguerra",
    ],
)
def test_a_hyphen_that_stands_for_a_word_to_come_is_kept(line: str) -> None:
    broken = line.replace("-/", M)
    assert join_hyphens(broken, Vocabulary([broken])).split() == line.replace("/", " ").split()


def test_the_more_frequent_form_wins() -> None:
    vocabulary = Vocabulary(["email email e-mail e-mail e-mail"])
    assert join_hyphens(f"my e{M}mail is", vocabulary) == "my e-mail\nis"


def test_a_mark_that_breaks_no_word_becomes_a_hyphen() -> None:
    assert join_hyphens(f"x{M}2 and 3{M}y", Vocabulary([])) == "x-\n2 and 3-\ny"


def test_a_broken_word_does_not_count_for_itself() -> None:
    assert Vocabulary([f"foo{M}bar"]).count("foobar") == 0


@given(st.text(alphabet=st.sampled_from(f"ab-{M} \nÄ1."), max_size=60))
def test_no_mark_is_left_and_no_letter_lost(text: str) -> None:
    joined = join_hyphens(text, Vocabulary([text]))
    assert M not in joined
    assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]
