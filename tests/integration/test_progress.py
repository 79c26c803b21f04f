"""The bar of ``wait(progress=True)`` where notebooks have no widgets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
from reslib.progress import ProgressBar
from reslib.queue import QueueManager
with ResearchDatabase(sys.argv[1]) as db:
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
