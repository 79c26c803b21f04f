"""What is read of a text with light markup that a test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reslib.extractors.assemble import Assembler
from reslib.extractors.base import Extractor
from reslib.items import Item, Metadata
from reslib.models import ExtractionResult


def read(extractor: Extractor, path: Path, content: str | bytes) -> ExtractionResult:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assembler = Assembler(extractor, extractor.mime_types[0])
    given = extractor.extract(path, {})
    assert not isinstance(given, str | ExtractionResult)
    for item in given:
        assembler.add(item)
    return assembler.result()


def only(result: ExtractionResult, kind: type[Item]) -> list[Any]:
    return [item for item in result.items if isinstance(item, kind)]


def stated(result: ExtractionResult) -> list[tuple[str, str]]:
    return [(one.key, one.value) for one in only(result, Metadata)]
