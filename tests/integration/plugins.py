"""Installed packages that bring extractors, for tests."""

from __future__ import annotations

from pathlib import Path


def plug_in(folder: Path, package: str, *extractors: str) -> None:
    """Write an installed package whose entry points bring extractors of ``.abc``."""
    module = package.replace("-", "_")
    lines = [f"{name} = {module}:{name.upper()}" for name in extractors]
    code = "".join(
        f"{name.upper()} = Extractor(name={name!r}, function=str, suffixes=('.abc',), "
        "mime_types=('text/plain',))\n"
        for name in extractors
    )
    (folder / f"{module}.py").write_text(
        f"from reslib.extractors import Extractor\n{code}", encoding="utf-8"
    )
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    points = "\n".join(["[reslib.extractors]", *lines])
    (info / "entry_points.txt").write_text(points + "\n", encoding="utf-8")
