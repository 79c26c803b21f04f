"""The bar of ``wait(progress=True)`` where notebooks have no widgets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib import QueueManager
from reslib.pool.progress import ProgressBar

#: A kernel as tqdm recognises one, in an environment that has no ipywidgets.
CODE = """
import sys, types
ipython = types.ModuleType("IPython")
ipython.get_ipython = lambda: types.SimpleNamespace(config={"IPKernelApp": 1})
sys.modules["IPython"] = ipython
sys.modules["ipykernel.zmqshell"] = types.ModuleType("ipykernel.zmqshell")
for name in ("ipywidgets", "IPython.display", "IPython.html"):
    sys.modules[name] = None
import warnings
from reslib import ResearchDatabase
from reslib.pool.progress import ProgressBar
from reslib.queue import QueueManager
with ResearchDatabase(sys.argv[1]) as db:
    db.add_attachment("a.txt", "a.txt")
    QueueManager(db).enqueue(1)
    bar = ProgressBar(QueueManager(db))
    bar.close()
    warnings.warn("a warning of the user's own")
"""


def test_a_notebook_without_widgets_gets_a_bar_and_no_advice_about_other_packages(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "research.db")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "extracting" in done.stderr
    assert "IProgress" not in done.stderr
    assert "a warning of the user's own" in done.stderr  # only that one is silenced


def test_a_bar_with_nothing_to_do_is_not_drawn(
    queue: QueueManager, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = ProgressBar(queue)
    bar.update()
    bar.close()
    assert capsys.readouterr() == ("", "")


def test_a_full_bar_says_how_many_failed_since_it_was_made(
    queue: QueueManager, add_text: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    queue.enqueue_batch([add_text(), add_text(), add_text()])

    def end(*, well: bool) -> None:
        job = queue.claim("somebody")
        assert job is not None
        if well:
            queue.complete(job.id)
        else:
            queue.failed(job.id, "it ends too early", "corruption")

    end(well=False)
    bar = ProgressBar(queue)
    end(well=False)
    end(well=True)
    bar.close()
    last = capsys.readouterr().err.rstrip().rpartition("\r")[2]
    assert "2/2" in last
    assert "1 failed" in last
