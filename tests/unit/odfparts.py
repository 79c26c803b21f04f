"""OpenDocument files written by hand, for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.odf import odp, odt
from reslib.extractors.own import ODP, ODT
from reslib.formats.detect import detect
from reslib.models import ExtractionResult

ODF = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{ODF}:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "presentation": "presentation",
        "style": "style",
        "svg": "svg-compatible",
        "fo": "xsl-fo-compatible",
        "chart": "chart",
        "meta": "meta",
    }.items()
) + (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:math="http://www.w3.org/1998/Math/MathML"'
)
TEXT = "application/vnd.oasis.opendocument.text"
SLIDES = "application/vnd.oasis.opendocument.presentation"

Parts: TypeAlias = "dict[str, str | bytes | None]"
Make: TypeAlias = Callable[..., Path]


def root(name: str, inside: str, attributes: str = "") -> str:
    return f"<office:{name} {NAMESPACES} {attributes}>{inside}</office:{name}>"


def p(*texts: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{"".join(texts)}</text:p>'


def span(text: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def styles(*items: tuple[str, str, str], parent: str = "") -> str:
    return "".join(
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name='
        f'"{parent}"><style:text-properties {said}/></style:style>'
        for name, family, said in items
    )


def page(inside: str, style: str = "") -> str:
    return f'<draw:page draw:style-name="{style}">{inside}</draw:page>'


def box(text: str, role: str = "", more: str = "") -> str:
    return (
        f'<draw:frame presentation:class="{role}" {more}><draw:text-box>{p(text)}</draw:text-box>'
        "</draw:frame>"
    )


def read(path: Path) -> ExtractionResult:
    kind = detect(path)
    extractor, module = (ODP, odp) if kind in ODP.mime_types else (ODT, odt)
    assembler = Assembler(extractor, kind)
    for item in module.extract(path):
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code
