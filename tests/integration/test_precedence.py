"""Which of several extractors reads a document: registered, plugged in, built in."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from plugins import plug_in

from reslib import register_extractor, unregister_extractor
from reslib.errors import ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.registry import Registry, available_extractors
from reslib.models import Acceptance


def chosen(registry: Registry, *prefer: str, accepted: Acceptance | None = None) -> str:
    return choose(registry, "text/plain", ".abc", prefer, accepted=accepted).name


def test_registered_comes_before_plugged_in_and_that_before_built_in(installed: Path) -> None:
    assert chosen(Registry()) == "text"
    plug_in(installed, "zz-plugin", "zz_reader")
    registry = Registry()
    assert chosen(registry) == "zz_reader", "also when its name comes after `text`"
    template = registry.all()[0]
    for name in ("first", "second"):
        registry.add(replace(template, name=name))
    assert chosen(registry) == "second", "the one registered last"
    assert chosen(registry, "text") == "text", "but what is asked for by name comes before all"
    assert chosen(registry, "pdfplumber", "first") == "first"


def test_of_two_plug_ins_for_one_type_the_package_decides_and_it_is_said(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in(installed, "b-package", "aaa")
    plug_in(installed, "a-package", "zzz")
    registry = Registry()
    assert chosen(registry) == "zzz"
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    for part in ("'zzz' (package a-package)", "'aaa' (package b-package)", ".abc", "['aaa']"):
        assert part in record.getMessage()
    assert chosen(registry, "aaa") == "aaa"


def test_a_plug_in_that_is_no_extractor_stops_nobody(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in(installed, "a-package", "reader", "other")
    code = installed / "a_package.py"
    code.write_text("def READER(path): return ''\n" + code.read_text().split("READER = ")[0])
    plug_in(installed, "b-package", "strings")
    code = installed / "b_package.py"
    code.write_text(code.read_text().replace("('text/plain',)", "'text/plain'"))
    registry = Registry()
    assert chosen(registry) == "text"
    assert "is function, not an Extractor" in caplog.text
    assert "mime_types of the extractor 'strings' is a tuple, not a text" in caplog.text


def test_a_plug_in_for_another_task_does_not_take_the_name_of_one_of_reslib(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in(installed, "a-package", "text")
    code = installed / "a_package.py"
    code.write_text(code.read_text().replace("function=str", "function=str, task='tables'"))
    registry = Registry()
    assert chosen(registry) == "text"
    assert "the extractor 'text' of the package a-package is left out" in caplog.text
    assert "text" not in registry.custom()


def test_two_plug_ins_for_different_tasks_are_no_rivals(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in(installed, "a-package", "reader")
    plug_in(installed, "b-package", "ruler")
    code = installed / "b_package.py"
    code.write_text(code.read_text().replace("function=str", "function=str, task='tables'"))
    registry = Registry()
    assert chosen(registry) == "reader"
    assert choose(registry, "text/plain", ".abc", task="tables").name == "ruler"
    assert [r for r in caplog.records if r.levelno == logging.WARNING] == []


def test_of_two_plug_ins_of_one_name_the_first_is_used_and_it_is_said(
    installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plug_in(installed, "b-package", "same")
    plug_in(installed, "a-package", "same")
    registry = Registry()
    assert registry.installed()["same"] is importlib.import_module("a_package").SAME
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "a-package and b-package both bring an extractor 'same'" in record.getMessage()


def test_a_plug_in_may_take_the_name_of_a_built_in_one(installed: Path) -> None:
    plug_in(installed, "zz-plugin", "text")
    registry = Registry()
    assert registry.installed()["text"] is importlib.import_module("zz_plugin").TEXT
    assert registry.custom() == {"text"}


def test_within_a_rank_the_one_that_accepted_the_document_comes_first(installed: Path) -> None:
    plug_in(installed, "a-plugin", "one")
    plug_in(installed, "b-plugin", "two")
    registry = Registry()
    accepted = Acceptance("two", "text/plain", ".abc")
    assert chosen(registry) == "one"
    assert chosen(registry, accepted=accepted) == "two"
    template = registry.installed()["one"]
    registry.add(replace(template, name="three"))
    assert chosen(registry, accepted=accepted) == "three", "registered comes before plugged in"
    registry.add(replace(template, name="four"))
    assert chosen(registry, accepted=replace(accepted, extractor="three")) == "three"
    with pytest.raises(ExtractionError, match="'five', which accepted it"):
        chosen(registry, accepted=replace(accepted, extractor="five"))
    gone = Acceptance("five", "text/html", ".html")
    assert chosen(registry, accepted=gone) == "four", "it is another document now"


@pytest.fixture
def mine() -> Iterator[None]:
    register_extractor("mine", str, suffixes=[".abc"])
    yield
    unregister_extractor("mine")


@pytest.mark.usefixtures("mine")
def test_the_list_of_extractors_begins_with_those_that_take_precedence() -> None:
    first, *others = [extractor.name for extractor in available_extractors()]
    assert first == "mine"
    assert others == sorted(others)
    assert {"docx", "html", "pdf", "pdfplumber", "text"} <= set(others)
