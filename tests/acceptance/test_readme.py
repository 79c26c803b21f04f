"""The README keeps its word: its program runs when pasted, its links and commands are there."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from reslib.commands.cli import main
from reslib.errors import ERROR_TYPE_OF

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_program_runs_as_it_stands(tmp_path: Path):
    program = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    done = run(program, tmp_path)
    assert re.search(r"^tide-gauges\.pdf, page \d+: .*water\*\*", done.stdout, re.MULTILINE)
    assert "ethics-minutes-locked.pdf" in done.stdout
    assert "tide-gauges-broken-download.pdf" in done.stdout

    again = run(program, tmp_path)
    assert again.stdout == done.stdout
    raw = sqlite3.connect(tmp_path / "research.db")
    assert raw.execute("SELECT max(attempt) FROM extraction_metrics").fetchone() == (1,)
    jobs, documents = raw.execute(
        "SELECT count(*), count(DISTINCT attachment_id) FROM extraction_queue WHERE task = 'text'"
    ).fetchone()
    assert jobs == documents == 12, "running it again does nothing twice"
    twice = "SELECT count(*) - count(DISTINCT attachment_id || task) FROM extraction_queue"
    assert raw.execute(twice).fetchone() == (0,)
    raw.close()


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_every_error_code_is_in_the_table_under_its_type():
    table: dict[str, str] = {}
    kind = ""
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4:
            kind = cells[0].strip("`") or kind
            table |= dict.fromkeys(re.findall(r"`(\w+)`", cells[1]), kind)
    assert {code: table.get(code) for code in ERROR_TYPE_OF} == ERROR_TYPE_OF


def test_every_command_is_named():
    for name in main.commands:
        assert f"reslib {name}" in README


def test_every_link_into_the_project_leads_somewhere():
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "samples/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"
