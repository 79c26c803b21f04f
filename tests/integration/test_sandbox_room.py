"""A temporary folder that fills up while documents are read is no document's fault."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

SIZE = 4 << 20


def write_some(path: Path) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(buffering=0) as file:
        for _ in range(int(path.read_text())):
            file.write(bytes(1 << 16))
    return "words"


@pytest.fixture
def small(
    tmp_path: Path, mount_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The temporary folder, which has little room; made after that of pytest."""
    place = mount_disk(SIZE)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


@pytest.fixture
def sandbox(small: Path) -> Iterator[Sandbox]:
    registry = Registry()
    registry.add(Extractor(name="own", function=write_some, suffixes=(".own",)))
    with Sandbox(memory_limit_mb=512, registry=registry) as sandbox:
        yield sandbox


def request(folder: Path, blocks: int) -> ExtractionRequest:
    path = folder / f"{blocks}.own"
    path.write_text(str(blocks))
    return ExtractionRequest(str(path), timeout=60)


def fill(small: Path) -> Path:
    filler = small / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


def test_a_document_that_finds_the_folder_full_is_not_to_blame(
    sandbox: Sandbox, small: Path, tmp_path: Path
) -> None:
    assert sandbox.run(request(tmp_path, 1)).result is not None
    filler = fill(small)
    outcome = sandbox.run(request(tmp_path, 3))
    assert outcome.failure is None
    assert "the folder for temporary files is full" in (outcome.unavailable or "")
    filler.unlink()
    assert sandbox.run(request(tmp_path, 3)).result is not None


def test_a_document_that_fills_the_folder_itself_is(
    sandbox: Sandbox, small: Path, tmp_path: Path
) -> None:
    failure = sandbox.run(request(tmp_path, SIZE >> 15)).failure
    assert failure is not None
    assert failure.exception_type == "OSError"
    assert sandbox.run(request(tmp_path, 3)).result is not None
