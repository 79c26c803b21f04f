"""What a new user meets after ``make lab``, in a copy of this repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import OPEN, READY, Lab, close_documents, running_lab

ROOT = Path(__file__).parents[2]
LESSONS = sorted(
    path.name for path in (ROOT / "notebooks").glob("0*.ipynb") if "Copy" not in path.name
)
#: The program with which the README begins.
PROGRAM = re.search(
    r"```python\n(from reslib import ExtractionWorker.*?)```",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
FILES = "() => [...document.querySelectorAll('.jp-DirListing-item')].map(i => i.title)"
RUN = """async (program) => {
  const notebook = jupyterapp.shell.currentWidget.content;
  notebook.activeCell.model.sharedModel.setSource(program);
  await jupyterapp.commands.execute('notebook:run-cell');
}"""
NEW = """known => {
  const context = window.jupyterapp?.shell?.currentWidget?.context;
  return context?.path?.endsWith('.ipynb') && context.path !== known
    && context.sessionContext?.session?.kernel?.status === 'idle' ? context.path : null;
}"""


def git(clone: Path, *arguments: str) -> str:
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", *me, *arguments], cwd=clone, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository: what its users see of it."""
    clone = tmp_path_factory.mktemp("user") / "reslib"
    clone.mkdir()
    for name in ("Makefile", "README.md", "pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, clone)
    shutil.copytree(ROOT / "samples", clone / "samples")
    (clone / "notebooks").mkdir()
    shutil.copytree(ROOT / "notebooks" / ".jupyter", clone / "notebooks" / ".jupyter")
    for name in LESSONS:
        # As those see them whose Python is another than that of the author.
        text = (ROOT / "notebooks" / name).read_text(encoding="utf-8")
        text, found = re.subn(r'("version": )"3\.\d+\.\d+"', r'\1"3.99.1"', text)
        assert found == 1
        (clone / "notebooks" / name).write_text(text, encoding="utf-8")
    git(clone, "init", "--quiet")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=As cloned")
    return clone


@pytest.fixture(scope="module")
def user_lab(tmp_path_factory: pytest.TempPathFactory, chromium: Any, clone: Path) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("make-lab"), clone) as server:
        yield server


@pytest.fixture
def start(context: Any, user_lab: Lab) -> Iterator[Any]:
    """The page that ``make lab`` opens on the first day, with the first lesson in front."""
    for remembered in (user_lab.runtime.parent / "workspaces").glob("*"):
        remembered.unlink()
    page = context.new_page()
    page.goto(user_lab.first_page)
    page.wait_for_function(READY, arg="notebooks/00_start.ipynb", timeout=60_000)
    yield page
    user_lab.end_kernels()
    if page.locator(".jp-Dialog").count() == 0:
        close_documents(page)
    page.close()


def by_the_menu(page: Any) -> None:
    page.locator(".lm-MenuBar-item", has_text="File").click()
    for label in ("New", "Notebook"):
        page.locator(f'.lm-Menu-itemLabel:text-is("{label}")').click()


def by_the_launcher(page: Any) -> None:
    page.locator("[data-command='launcher:create'], [title^='New Launcher']").first.click()
    page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()


def new_notebook(page: Any, make: Callable[[Any], None]) -> str:
    """Make a notebook as a user does, choose the kernel that is offered, and return its path."""
    known = page.evaluate("() => jupyterapp.shell.currentWidget?.context?.path ?? null")
    make(page)
    page.wait_for_function(
        f"known => document.querySelector('.jp-Dialog') || ({NEW})(known)", arg=known
    )
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog .jp-mod-accept").click()
    path = page.wait_for_function(NEW, arg=known, timeout=60_000).json_value()
    assert isinstance(path, str)
    return path


def test_the_list_of_files_is_that_of_the_repository(start: Any) -> None:
    start.wait_for_function(f"({FILES})().some(title => title.includes('README.md'))")


@pytest.mark.parametrize("make", [by_the_menu, by_the_launcher])
def test_the_program_of_the_readme_works_in_a_new_notebook(
    make: Callable[[Any], None], start: Any, clone: Path
) -> None:
    runs_the_program(start, make, clone)


def test_the_program_of_the_readme_works_in_a_notebook_made_from_another_lesson(
    start: Any, clone: Path
) -> None:
    start.get_by_role("link", name="1. Your first library").click()
    start.wait_for_function(READY, arg="notebooks/01_first_library.ipynb", timeout=60_000)
    runs_the_program(start, by_the_menu, clone)


def runs_the_program(start: Any, make: Callable[[Any], None], clone: Path) -> None:
    assert PROGRAM
    assert "/" not in new_notebook(start, make)
    start.evaluate(RUN, PROGRAM[1])
    shown = start.locator(".jp-NotebookPanel:visible .jp-OutputArea").inner_text()
    assert "tide-gauges.pdf, page 1: " in shown
    assert (clone / "research.db").exists()
    assert list((clone / "notebooks").glob("*.db*")) == []
    assert git(clone, "status", "--porcelain") == ""


def test_in_another_folder_the_program_says_which_path_is_right(start: Any, clone: Path) -> None:
    assert PROGRAM
    (clone / "mine").mkdir(exist_ok=True)
    start.evaluate("jupyterapp.commands.execute('filebrowser:open-path', {path: 'mine'})")
    start.wait_for_function(f"({FILES})().length === 0")
    assert new_notebook(start, by_the_launcher).startswith("mine/")
    start.evaluate(RUN, PROGRAM[1])
    panel = start.locator(".jp-NotebookPanel:visible .jp-OutputArea")
    assert "from there it is '../samples/papers'" in panel.inner_text()
    start.evaluate(RUN, PROGRAM[1].replace("samples/papers", "../samples/papers"))
    assert "tide-gauges.pdf, page 1: " in panel.inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_that_is_opened_and_saved_is_the_lesson_as_it_was(
    name: str, start: Any, clone: Path
) -> None:
    path = clone / "notebooks" / name
    before = path.stat().st_mtime_ns
    start.evaluate(OPEN, f"notebooks/{name}")
    start.wait_for_function(READY, arg=f"notebooks/{name}", timeout=60_000)
    start.evaluate("async () => { await jupyterapp.shell.currentWidget.context.save(); }")
    assert path.stat().st_mtime_ns != before, "it was not saved"
    assert git(clone, "diff", "--", f"notebooks/{name}") == ""
