"""What an extractor reads of a text that a test writes, and its items of one kind."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from reslib.extractors.assemble import Assembler
from reslib.extractors.base import Extractor
from reslib.items import Metadata
from reslib.models import ExtractionResult

Kind = TypeVar("Kind")


def read(extractor: Extractor, path: Path, content: str | bytes) -> ExtractionResult:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assembler = Assembler(extractor, extractor.mime_types[0])
    given = extractor.extract(path, {})
    assert not isinstance(given, str | ExtractionResult)
    for item in given:
        assembler.add(item)
    return assembler.result()


def only(result: ExtractionResult, kind: type[Kind]) -> list[Kind]:
    return [item for item in result.items if isinstance(item, kind)]


def stated(result: ExtractionResult) -> list[tuple[str, str]]:
    return [(one.key, one.value) for one in only(result, Metadata)]
