"""What ``make lab`` tells JupyterLab beside the user's own settings.

JupyterLab writes the version of the reader's Python into each notebook that it opens. Without this
every lesson would be a changed file as soon as it is looked at and saved.
"""

import json
import re
from pathlib import Path
from typing import Any

_LESSON = re.compile(r"/?notebooks/\d\d_\w+\.ipynb")


def keep_the_kernel_of_lessons(
    model: dict[str, Any], path: str, contents_manager: Any, **_: Any
) -> None:
    """Save a lesson with the kernel and the language that stand in its file."""
    if model["type"] != "notebook" or not _LESSON.fullmatch(path):
        return
    file = Path(contents_manager.root_dir, path.lstrip("/"))
    if file.exists():
        stored = json.loads(file.read_text(encoding="utf-8"))["metadata"]
        kept = {name: stored[name] for name in ("kernelspec", "language_info") if name in stored}
        model["content"]["metadata"].update(kept)


c = get_config()  # type: ignore[name-defined]  # noqa: F821 - Jupyter's, where this is run
c.FileContentsManager.pre_save_hook = keep_the_kernel_of_lessons
