"""The same measurement with two versions of reslib in turn, so that noise hits both.

A script that calls :func:`serve` runs once for each version, in a process that imports that
version and nothing of the other, and a benchmark asks both in turn::

    with both(Path(__file__)) as (before, after):
        times = [(before.ask("read", path=path), after.ask("read", path=path)) for path in paths]

The version before is a commit, by default the one that this round of work began with; BEFORE=...
names another. It is unpacked into a folder of its own, so nothing in the repository changes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["BEFORE", "NoSuchVersion", "Side", "both", "checkout", "serve"]

ROOT = Path(__file__).parents[1]
#: The version that is compared with.
BEFORE = os.environ.get("BEFORE") or "5f7bfe3"


class NoSuchVersion(Exception):
    """The commit is not in this repository, or this is not one."""


@contextlib.contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """Unpack what reslib was at *revision*; yield the folder, which is removed at the end."""
    command = ["git", "-C", str(ROOT), "archive", revision]
    command += ["reslib", "widgets", "pyproject.toml"]
    try:
        packed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", b"") or str(error).encode()
        raise NoSuchVersion(
            f"cannot have {revision}: {why.decode(errors='replace').strip()}"
        ) from None
    with tempfile.TemporaryDirectory(prefix="reslib-before-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        _install(Path(folder))
        yield Path(folder)


def _install(tree: Path) -> None:
    """Describe a tree as an installation does: reslib finds extractors by their entry points."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {where}" for name, where in points.items())]
    folder = tree / f"{project['name'].replace('-', '_')}-0.dist-info"
    folder.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


class Side:
    """A process that measures with one version of reslib.

    Parameters
    ----------
    name
        What it is called in tables.
    tree
        The folder whose ``reslib`` it imports.
    script
        What it runs, with the argument ``side``.
    """

    def __init__(self, name: str, tree: Path, script: Path) -> None:
        self.name = name
        # What measures comes from here, what is measured from the tree.
        paths = [str(tree), str(tree / "widgets"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, str(script), "side"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        imported = Path(self._answer())
        if not imported.is_relative_to(tree):
            self.close()
            raise RuntimeError(f"{name} imported {imported}, which is not in {tree}")

    def ask(self, what: str, **values: Any) -> Any:
        """Have it call a function of its script; return what that returns."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, "values": values}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with exit code {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']}")
        return answer["value"]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextlib.contextmanager
def both(script: Path, revision: str = BEFORE) -> Iterator[tuple[Side, Side]]:
    """Start *script* with the reslib of *revision* and with the one that is checked out."""
    with checkout(revision) as tree, contextlib.ExitStack() as stack:
        before = stack.enter_context(contextlib.closing(Side(f"before ({revision})", tree, script)))
        after = stack.enter_context(contextlib.closing(Side("after", ROOT, script)))
        yield before, after


def serve(functions: dict[str, Callable[..., Any]]) -> None:
    """Be a side: call the functions that are asked for until nobody asks any more."""
    import reslib

    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    say(value=reslib.__file__)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            value = functions[asked["what"]](**asked["values"])
        except Exception as error:
            traceback.print_exc()
            say(error=f"{type(error).__name__}: {error}")
        else:
            say(value=value)
