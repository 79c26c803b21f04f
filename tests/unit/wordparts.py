"""Parts of Word documents, and what is read of a document made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import DOCX
from reslib.models import ExtractionResult

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
STRICT = "http://purl.oclc.org/ooxml/officeDocument"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}/relationships" xmlns:m="{OFFICE}/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative"'
)

Parts: TypeAlias = "dict[str, str | bytes | None]"
Make: TypeAlias = Callable[..., Path]


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*texts: str) -> str:
    inside = (text if text.startswith("<") else run(text) for text in texts)
    return f"<w:p>{''.join(inside)}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def word(root: str, inside: str) -> str:
    return f"<w:{root} {NAMESPACES}>{inside}</w:{root}>"


def relationships(*items: tuple[str, str], base: str = OFFICE) -> str:
    arrows = "".join(
        f'<Relationship Id="r{number}" Type="{base}/relationships/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(items)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{arrows}</Relationships>'


def read(path: Path) -> ExtractionResult:
    assembler = Assembler(DOCX, "docx")
    items = DOCX.function(path)
    assert not isinstance(items, ExtractionResult)
    for item in items:
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code
