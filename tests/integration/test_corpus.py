"""The program that reads a corpus and compares it with its manifest, on a corpus made here."""

from __future__ import annotations

import csv

import pytest

from evaluation.corpus import Result, is_good_enough, misses, report, run, table

COLUMNS = ("file", "format", "category", "expected", "expected_words")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    corpus = tmp_path_factory.mktemp("corpus")
    (corpus / "good.txt").write_text("The tide gauge in the harbour.", encoding="utf-8")
    (corpus / "again.txt").write_text("The tide gauge in the harbour.", encoding="utf-8")
    (corpus / "poor.txt").write_text("A ferry in the fog.", encoding="utf-8")
    (corpus / "scan.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7\nbroken")
    (corpus / "refused.pdf").write_bytes(b"%PDF-1.7\nbroken too")
    rows = [
        ("good.txt", "txt", "ordinary", "ok", "tide harbour"),
        ("again.txt", "txt", "ordinary", "ok", "tide harbour"),
        ("poor.txt", "txt", "ordinary", "ok", "ferry lighthouse"),
        ("scan.heic", "heic", "ordinary", "ok", "tide"),
        ("broken.pdf", "pdf", "broken", "corruption|unsupported", "tide"),
        ("refused.pdf", "pdf", "ordinary", "ok", "tide"),
    ]
    with (corpus / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return {result.file: result for result in run(corpus)}


def test_a_file_with_all_its_words_is_no_miss(results: dict[str, Result]) -> None:
    for name in ("good.txt", "again.txt"):
        assert results[name].allowed
        assert (results[name].words, results[name].missing) == (2, ())


def test_a_word_that_is_not_in_the_text_is_a_miss_and_named(results: dict[str, Result]) -> None:
    assert results["poor.txt"].missing == ("lighthouse",)
    assert "`poor.txt`: lacks lighthouse" in misses(list(results.values()))


def test_an_outcome_that_is_right_is_allowed_and_asked_for_no_words(
    results: dict[str, Result],
) -> None:
    assert results["broken.pdf"].allowed
    assert results["broken.pdf"].words == 0


def test_a_file_that_was_refused_and_must_not_be_lacks_all_its_words(
    results: dict[str, Result],
) -> None:
    refused = results["refused.pdf"]
    assert not refused.allowed
    assert refused.missing == ("tide",)
    assert "`refused.pdf`: corruption (“" in misses([refused])


def test_a_picture_may_wait_for_ocr_and_is_counted_apart(results: dict[str, Result]) -> None:
    assert results["scan.heic"].waits
    assert results["scan.heic"].allowed
    assert "| heic | 1 | 1 | 1 | 0 | 0 | 0 |" in table([results["scan.heic"]])


def test_the_table_counts_by_format_and_in_all(results: dict[str, Result]) -> None:
    lines = table(list(results.values())).splitlines()
    assert "| txt | 3 | 3 | 0 | 3 | 2 | 0 |" in lines
    assert lines[-1] == "| **all** | 6 | 5 | 1 | 4 | 2 | 0 |"


def test_few_misses_are_enough_and_one_unknown_is_not(results: dict[str, Result]) -> None:
    good, poor = results["good.txt"], results["poor.txt"]
    assert is_good_enough([good] * 97 + [poor] * 3)
    assert not is_good_enough([good] * 96 + [poor] * 4)
    lost = Result("lost.txt", "txt", "ordinary", frozenset({"unknown"}), "unknown", "")
    assert not is_good_enough([good] * 99 + [lost])
    assert "**6 files in 3 s: 83.3% of outcomes" in report(list(results.values()), 3.2)
