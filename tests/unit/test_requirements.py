"""What extractors need besides themselves: packages, programs and data files."""

from __future__ import annotations

from pathlib import Path

import pytest

from reslib import register_extractor
from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import DataFile, Extractor, OneOf, Program, Requirement
from reslib.extractors.choice import choose
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import named_in


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on ``PATH``."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def script(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return name


def test_a_program_is_there_when_it_is_on_the_path(programs: Path) -> None:
    needed = Program("reader-of-scrolls", "apt install scrolls")
    assert (needed.is_met(), needed.version()) == (False, None)
    script(programs, needed.name, "echo 'scrolls, version 5.3.0-46 (c)'")
    assert (needed.is_met(), needed.version()) == (True, "5.3.0-46")


@pytest.mark.parametrize("body", ["exit 3", "echo no number here", "kill -9 $$"])
def test_a_program_that_does_not_say_its_version_has_none(programs: Path, body: str) -> None:
    name = script(programs, f"silent-{len(body)}", body)
    assert Program(name, "").is_met()
    assert Program(name, "").version() is None


def test_a_data_file_is_there_when_it_exists(tmp_path: Path) -> None:
    needed = DataFile(str(tmp_path / "model.bin"), "python -m models")
    assert (needed.is_met(), needed.version()) == (False, None)
    (tmp_path / "model.bin").write_bytes(b"12345")
    assert (needed.is_met(), needed.version()) == (True, "5 bytes")
    folder = DataFile(str(tmp_path), "")
    assert (folder.is_met(), folder.version()) == (True, None)


def test_the_version_of_an_extractor_names_packages_and_starts_no_program(
    programs: Path, tmp_path: Path
) -> None:
    name = script(programs, "press", f"touch {tmp_path}/started; echo 1.2")
    extractor = Extractor(
        name="own",
        function=lambda path: "",
        version="3",
        requires=(Program(name, ""), Requirement("no_such_module", "")),
    )
    assert extractor.full_version() == "3, no_such_module ?"
    assert not (tmp_path / "started").exists()


def test_a_home_of_nobody_has_no_data_file() -> None:
    needed = DataFile("~no-such-user/model", "")
    assert (needed.is_met(), needed.version()) == (False, None)


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        (Requirement("no_such_module", "pip install it"), "the package no_such_module"),
        (Program("no-such-program", "apt install it"), "the program no-such-program"),
        (
            OneOf((Program("no-such", ""), Program("nor-this", "")), "apt install it"),
            "the program no-such or nor-this",
        ),
        (DataFile("/no/such/model", "fetch it"), "the file /no/such/model"),
    ],
)
def test_what_is_missing_is_named_with_what_installs_it(
    needed: Requirement | Program | OneOf | DataFile, words: str
) -> None:
    registry = Registry()
    registry.add(
        Extractor(name="own", function=lambda path: "", suffixes=(".own",), requires=(needed,))
    )
    with pytest.raises(ExtractionError, match=f"needs {words}, which is not") as error:
        choose(registry, "application/x-own", ".own")
    assert error.value.code is ErrorCode.MISSING_DEPENDENCY
    assert named_in(f"paper.own: {error.value}", [Program("other", ""), needed]) is needed
    assert f"Install it with: {needed.install}" in str(error.value)


def test_one_of_several_programs_is_enough(programs: Path) -> None:
    needed = OneOf((Program("best", ""), Program("good", "")), "apt install good")
    assert (needed.is_met(), needed.version(), str(needed)) == (
        False,
        None,
        "the program best or good",
    )
    script(programs, "good", "echo 'good 2.1'")
    assert (needed.is_met(), needed.short, needed.version()) == (True, "good", "2.1")
    script(programs, "best", "echo 'best 9.4'")
    assert [each.name for each in needed.installed()] == ["best", "good"]
    assert (needed.short, needed.version()) == ("best", "9.4")


def test_of_two_of_reslib_itself_the_one_that_has_what_it_needs_reads(programs: Path) -> None:
    lacking = Extractor(
        name="first", function=str, suffixes=(".own",), requires=(Program("no-such-program", ""),)
    )
    whole = Extractor(name="second", function=str, suffixes=(".own",))
    registry = Registry()
    registry._installed, registry._own = {}, frozenset({"first", "second"})
    registry._installed.update(first=lacking, second=whole)
    assert choose(registry, "application/x-own", ".own") is whole
    with pytest.raises(ExtractionError, match="no-such-program"):
        choose(registry, "application/x-own", ".own", only="first")
    registry._own = frozenset()  # of other people's the first is the one, or says what it needs
    with pytest.raises(ExtractionError, match="no-such-program"):
        choose(registry, "application/x-own", ".own")


@pytest.mark.parametrize(
    "message",
    [
        "the disk is full",
        "it needs the program reader, which is not installed",
        "it needs the file /etc/passwd, which is not installed",
        "it needs the package inside.another, which is not installed",
    ],
)
def test_a_message_makes_nobody_look_for_what_no_extractor_requires(message: str) -> None:
    assert named_in(message, [Program("scrolls", "")]) is None


def test_a_package_that_an_import_failed_over_need_not_be_declared() -> None:
    assert named_in("it needs the package pypdf, which is not installed. Install it", []) == (
        Requirement("pypdf", "")
    )


def test_what_is_declared_of_a_registered_extractor_has_to_be_a_requirement() -> None:
    with pytest.raises(
        TypeError, match="a Requirement, Program, OneOf or DataFile, not 'tesseract'"
    ):
        register_extractor("own", str, suffixes=[".own"], requires=["tesseract"])  # type: ignore[list-item]
