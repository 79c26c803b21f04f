"""Fixtures that several files share."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from odfparts import SLIDES, TEXT, root
from wordparts import Make, Parts, relationships, word


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a Word document from its body and further parts; a part of None is left out."""

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


@pytest.fixture
def odf(tmp_path: Path) -> Make:
    """Write an OpenDocument file from its body and further parts; a part of None is left out."""

    def odf(
        body: str, parts: Parts | None = None, *, automatic: str = "", kind: str = TEXT
    ) -> Path:
        holder = "presentation" if kind.startswith(SLIDES) else "text"
        every: Parts = {
            "mimetype": kind,
            "content.xml": root(
                "document-content",
                f"<office:automatic-styles>{automatic}</office:automatic-styles>"
                f"<office:body><office:{holder}>{body}</office:{holder}></office:body>",
            ),
        }
        every.update(parts or {})
        path = tmp_path / "paper.odt"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in every.items():
                if content is not None:
                    file.writestr(name, content)
        return path

    return odf


@pytest.fixture
def flat_odf(tmp_path: Path) -> Make:
    """Write an OpenDocument file that is one XML file."""

    def flat_odf(body: str, kind: str = TEXT, suffix: str = "fodt") -> Path:
        holder = "presentation" if kind == SLIDES else "text"
        inside = f"<office:body><office:{holder}>{body}</office:{holder}></office:body>"
        path = tmp_path / f"paper.{suffix}"
        document = root("document", inside, f'office:mimetype="{kind}"')
        path.write_text(f'<?xml version="1.0"?>{document}', encoding="utf-8")
        return path

    return flat_odf
