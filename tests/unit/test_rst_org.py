"""What is read of reStructuredText and Org: text as typed, comments out, what they state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from markupreading import only, stated
from markupreading import read as read_with

from reslib.extractors import own
from reslib.extractors.choice import choose
from reslib.extractors.registry import registry
from reslib.formats.detect import detect
from reslib.items import Section, Table
from reslib.models import ExtractionResult

Read = Callable[[str], ExtractionResult]


@pytest.fixture
def read_rst(tmp_path: Path) -> Read:
    return lambda content: read_with(own.RST, tmp_path / "note.rst", content)


@pytest.fixture
def read_org(tmp_path: Path) -> Read:
    return lambda content: read_with(own.ORG, tmp_path / "note.org", content)


@pytest.mark.parametrize("suffix", ["rst", "org"])
def test_each_is_read_by_its_own_extractor(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_text("words", encoding="utf-8")
    assert choose(registry, detect(path), path.suffix).name == suffix


RST = """\
==========
 On Tides
==========

:Author: Ann Reed
:Authors: - Bo Li
          - Cy Day
:Date: 2021-03-04
:Abstract: The tide
   came in.

.. a comment
   of two lines

.. _target:

.. note:: kept

..

   not a comment

Ebb
===

Words, *marked* ``as`` they are::

    .. code, and no comment

Moon
----

:field: of a list
"""


def test_rst_states_its_docinfo_and_loses_its_comments(read_rst: Read) -> None:
    result = read_rst(RST)
    assert result.title == "On Tides"
    assert stated(result) == [
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("author", "Cy Day"),
        ("date", "2021-03-04"),
        ("description", "The tide came in."),
        ("title", "On Tides"),
    ]
    assert result.text == RST.replace(".. a comment\n   of two lines\n\n", "").replace(
        "\n..\n\n", "\n\n"
    )


def test_rst_headings_have_the_levels_of_their_lines(read_rst: Read) -> None:
    assert only(read_rst(RST), Section) == [
        Section("On Tides", 1, 1),
        Section("Ebb", 2, 1),
        Section("Moon", 3, 1),
    ]
    none = "words\nmore words\n====\n\n----\n\n====  ====\na     b\n====  ====\n\n- x\n"
    assert only(read_rst(none), Section) == []


def test_the_directive_meta_is_metadata(read_rst: Read) -> None:
    text = "Words.\n\n.. meta::\n   :keywords: tide, sea\n   :description: About tides\n\nEnd.\n"
    result = read_rst(text)
    assert stated(result) == [
        ("keywords", "tide"),
        ("keywords", "sea"),
        ("description", "About tides"),
    ]


ORG = """\
#+TITLE: On
#+title: Tides
#+AUTHOR: Ann Reed; Bo Li
#+DATE: <2021-03-04 Thu>
#+KEYWORDS: tide, sea
#+FILETAGS: :estuary:
#+OPTIONS: toc:nil

# a comment
* TODO [#A] Ebb and [[https://x.invalid][flow]] :tag:

Words /marked/ as they are.
#+BEGIN_COMMENT
left out
#+END_COMMENT

#+CAPTION: The ranges
| where  |  m |
|--------+----|
| inside |  4 |

** COMMENT Drafts
left out
*** also left out
** Methods
#+begin_src python
# a comment of code
* no heading
#+end_src
"""


def test_org_states_its_keyword_lines_and_loses_its_comments(read_org: Read) -> None:
    result = read_org(ORG)
    assert result.title == "On Tides"
    assert stated(result) == [
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("date", "2021-03-04"),
        ("keywords", "tide"),
        ("keywords", "sea"),
        ("keywords", "estuary"),
        ("title", "On Tides"),
    ]
    for gone in ("a comment\n* TODO", "left out", "Drafts", "BEGIN_COMMENT"):
        assert gone not in result.text
    for kept in ("#+TITLE: On", "# a comment of code", "Words /marked/ as they are.", "** Methods"):
        assert kept in result.text


def test_org_headings_and_tables_are_items(read_org: Read) -> None:
    result = read_org(ORG)
    assert only(result, Section) == [Section("Ebb and flow", 1, 1), Section("Methods", 2, 1)]
    assert only(result, Table) == [
        Table((("where", "m"), ("inside", "4")), 1, "The ranges", header_rows=1)
    ]


@pytest.mark.parametrize("tenth", range(1, 10))
def test_what_is_cut_off_is_read_as_far_as_it_goes(
    read_rst: Read, read_org: Read, tenth: int
) -> None:
    assert "On Tides" in read_rst(RST[: max(30, len(RST) * tenth // 10)]).text
    assert "Tides" in read_org(ORG[: max(30, len(ORG) * tenth // 10)]).text


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "=" * 300_000, "a\n" + "=\n" * 100_000, "* " * 100_000, "*" * 300_000 + " x"),
        *("|" * 300_000, "|a|\n" * 100_000, ".. " * 100_000, ":a:" * 100_000, "#+" * 100_000),
        *("#+TITLE:" + " " * 200_000 + "x", ":author:" + " " * 200_000, "* x" + " :a" * 50_000),
        *("[[" * 100_000, ("=" * 50 + "\n" + "a" * 50 + "\n") * 5_000, "#+begin_comment\n" * 9),
    ],
)
def test_texts_made_to_attack_are_read_at_once(read_rst: Read, read_org: Read, text: str) -> None:
    for read in (read_rst, read_org):
        result = read(text)
        assert len(result.text) <= len(text)
        assert len(result.items) <= 20_001
