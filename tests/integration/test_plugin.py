"""A package of somebody else brings a new format: installed, and nothing else is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULE = '''"""Surveys: a title, measurements with | between them, and remarks."""

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import Extractor
from reslib.items import DocumentInfo, Metadata, Page, Table


def read(path):
    """Yield what is in a survey."""
    first, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    if not first.startswith("Survey: "):
        raise ExtractionError("it is no survey, or only a part of one", ErrorCode.MALFORMED)
    title = first.removeprefix("Survey: ")
    rows = tuple(tuple(map(str.strip, line.split("|"))) for line in lines if "|" in line)
    remarks = [line for line in lines if "|" not in line]
    yield DocumentInfo(title=title)
    yield Metadata("title", title, source="its first line", page=1)
    yield Table(rows, page=1, caption=title, header_rows=1)
    yield Page("\\n".join([title, *map("\\t".join, rows), *remarks]))


EXTRACTOR = Extractor(
    name="survey", function=read, suffixes=(".survey",), version="1", recipe=RECIPE
)
'''

PROJECT = """
[project]
name = "reslib-surveys"
version = "1.0"

[project.entry-points."reslib.extractors"]
survey = "reslib_surveys:EXTRACTOR"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

#: Makes the wheel of the package, as :pep:`517` says: who has no network has no other backend.
BACKEND = """
import tomllib, zipfile
from pathlib import Path


def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    [(group, points)] = project["entry-points"].items()
    name, info = "reslib_surveys-1.0-py3-none-any.whl", "reslib_surveys-1.0.dist-info"
    files = {
        "reslib_surveys.py": Path("reslib_surveys.py").read_text(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt": "\\n".join(
            [f"[{group}]", *(f"{key} = {value}" for key, value in points.items())]
        ),
    }
    record = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(Path(folder, name), "w") as wheel:
        for path, text in [*files.items(), (f"{info}/RECORD", record)]:
            wheel.writestr(path, text)
    return name
"""

SURVEY = """Survey: The estuary in March
station | depth in m | salinity
upper | 3.5 | 0.4
lower | 11.2 | 28.1
The buoy at the lower station was adrift.
"""

#: Reads a folder with a pool and prints what came of it.
READ = """
import json, sys
from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.items import Metadata, Table
with ResearchDatabase(sys.argv[1]) as db:
    ids = db.add_folder(sys.argv[2])
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue_batch(db.needs_extraction(ids, stale=len(sys.argv) > 3))
        assert worker.wait(60)
    texts = [db.get_attachment(id) for id in ids]
    print(json.dumps({
        "texts": [[t.filename, t.extractor, t.title, t.extracted_text] for t in texts],
        "tables": [table.rows for id in ids for table in db.get_items(id, Table)],
        "metadata": [
            [m.key, m.value, m.source, m.page] for id in ids for m in db.get_items(id, Metadata)
        ],
        "hits": [[hit.filename, hit.snippet] for hit in db.search("buoy adrift")],
        "failed": list(frames.failed_jobs(db)["error_code"]),
        "stale": list(db.stale()["reason"]),
    }))
"""


def install(tmp_path: Path, recipe: int = 1) -> Path:
    """Install the package; return the folder that it is in."""
    project = tmp_path / f"reslib-surveys-{recipe}"
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "backend.py").write_text(BACKEND)
    (project / "reslib_surveys.py").write_text(MODULE.replace("RECIPE", str(recipe)))
    target = tmp_path / f"site-{recipe}"
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, project],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return target


def python(site: Path | None, *arguments: object) -> str:
    """Run Python in an environment that has what is installed in a folder."""
    path = [str(site)] if site else []
    path.append(os.environ.get("PYTHONPATH", ""))
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(site: Path | None, tmp_path: Path, *more: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        python(site, "-c", READ, tmp_path / "research.db", tmp_path / "papers", *more)
    )
    return said


@pytest.fixture
def surveys(folder: Path) -> Path:
    (folder / "march.survey").write_text(SURVEY)
    return folder


def test_a_package_that_is_installed_brings_a_format(tmp_path: Path, surveys: Path) -> None:
    assert len(MODULE.splitlines() + PROJECT.splitlines()) <= 40
    (surveys / "torn.survey").write_text("lower | 11.2")
    site = install(tmp_path)
    assert "survey" in python(site, "-m", "reslib", "doctor", "--db", tmp_path / "none.db")
    found = read(site, tmp_path)
    march, torn = found["texts"]
    assert march == [
        "march.survey",
        "survey",
        "The estuary in March",
        "The estuary in March\nstation\tdepth in m\tsalinity\nupper\t3.5\t0.4\n"
        "lower\t11.2\t28.1\nThe buoy at the lower station was adrift.",
    ]
    assert found["tables"] == [
        [["station", "depth in m", "salinity"], ["upper", "3.5", "0.4"], ["lower", "11.2", "28.1"]]
    ]
    assert found["metadata"] == [["title", "The estuary in March", "its first line", 1]]
    [[filename, snippet]] = found["hits"]
    assert filename == "march.survey"
    assert "The **buoy** at the lower station was **adrift**." in snippet
    assert torn[3] is None
    assert found["failed"] == ["malformed"]


def test_without_the_package_the_same_file_is_a_text_like_others(
    tmp_path: Path, surveys: Path
) -> None:
    found = read(None, tmp_path)
    assert [text[1] for text in found["texts"]] == ["text"]


def test_a_newer_version_of_the_package_offers_what_the_older_one_has_read(
    tmp_path: Path, surveys: Path
) -> None:
    assert read(install(tmp_path), tmp_path)["stale"] == []
    newer = install(tmp_path, recipe=2)
    reason = "survey has recipe 2 now, the text was made with 1"
    assert read(newer, tmp_path)["stale"] == [reason], "nobody has asked"
    assert read(None, tmp_path)["stale"] == [], "whoever has no survey cannot read it better"
    assert read(newer, tmp_path, "stale")["stale"] == []
