"""Fixtures that several files share."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from wordparts import Make, Parts, relationships, word


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a document from its body and further parts; a part of None is left out."""

    def make(body: str = "", parts: Parts | None = None) -> Path:
        every: Parts = {
            "_rels/.rels": relationships(("officeDocument", "word/document.xml")),
            "word/document.xml": word("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        }
        every.update(parts or {})
        path = tmp_path / "paper.docx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in every.items():
                if content is not None:
                    archive.writestr(name, content)
        return path

    return make
