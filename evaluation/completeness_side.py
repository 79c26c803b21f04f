"""A tool that reads documents, in a process of its own: reslib, markitdown, kreuzberg or pandoc.

``completeness.py`` starts it with the Python in which the tool is installed, and gives it a path a
line. It answers a line of JSON each: the text with all else that the tool found, the seconds of
processor time, or the error. The first line says the version, or that the tool is absent. It
imports nothing of the project but for reslib.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

#: Seconds that one document may take.
DEADLINE = 20
_Read = Callable[[str], str]


def _reslib() -> tuple[str, _Read]:
    import reslib
    import reslib.items
    from reslib.extractors.registry import Registry
    from reslib.sandbox.note import make
    from reslib.sandbox.outgoing import Outgoing
    from reslib.sandbox.run import extract

    registry = Registry()

    def nothing(*given: object) -> None:
        pass

    def read(path: str) -> str:
        note = make()
        try:
            options = {"outputs": True} if path.endswith(".ipynb") else {}
            give = Outgoing(note, 1).add
            result = extract(path, None, (), registry, nothing, nothing, give, options=options)
        finally:
            os.close(note)
        items = (
            i for i in result.items if not isinstance(i, reslib.items.Child | reslib.items.Warning)
        )
        children = (i.name for i in result.items if isinstance(i, reslib.items.Child))
        labels = (page.label for page in result.pages)
        return "\n".join([str(result.title), result.text, *labels, *children, *map(str, items)])

    return reslib.__version__, read


def _markitdown() -> tuple[str, _Read]:
    from markitdown import MarkItDown

    tool = MarkItDown()

    def read(path: str) -> str:
        result = tool.convert(path)
        return f"{result.title}\n{result.text_content}"

    return importlib.metadata.version("markitdown"), read


def _kreuzberg() -> tuple[str, _Read]:
    import kreuzberg

    def read(path: str) -> str:
        result = kreuzberg.extract_file_sync(path)
        tables = "\n".join(str(table.cells) for table in result.tables)
        return f"{result.content}\n{tables}\n{result.metadata}"

    return importlib.metadata.version("kreuzberg"), read


def _pandoc() -> tuple[str, _Read]:
    try:
        import pypandoc

        program = str(pypandoc.get_pandoc_path())
    except ImportError:
        program = "pandoc"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    forms = {"xml": "jats", "tex": "latex", "txt": "markdown", "csv": "csv"}

    def read(path: str) -> str:
        form = forms.get(path.rpartition(".")[2])
        named = [] if form is None else ["-f", form]
        command = [program, "-s", "-t", "markdown", "--wrap=none", *named, path]
        done = subprocess.run(command, capture_output=True, timeout=DEADLINE)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[:300])
        return done.stdout.decode("utf-8", "replace")

    return said.stdout.split()[1], read


_TOOLS = {"reslib": _reslib, "markitdown": _markitdown, "kreuzberg": _kreuzberg, "pandoc": _pandoc}


def _processor_time() -> float:
    """Return the seconds that this process took, and the programs that it started."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _stop(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {DEADLINE} s")


def _answer(read: _Read, path: str) -> dict[str, object]:
    """Read a document twice, of which the second time counts: the first pays for imports."""
    signal.alarm(DEADLINE)
    try:
        text = read(path)
        began = _processor_time()
        read(path)
        seconds = _processor_time() - began
        return {"text": text, "seconds": seconds}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    finally:
        signal.alarm(0)


def main() -> None:
    """Answer each path that comes."""
    # What a tool prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        version, read = _TOOLS[sys.argv[1]]()
    except (ImportError, OSError) as error:
        answers.write(json.dumps({"absent": str(error)}) + "\n")
        return
    answers.write(json.dumps({"version": version}) + "\n")
    signal.signal(signal.SIGALRM, _stop)
    for line in sys.stdin:
        answers.write(json.dumps(_answer(read, str(Path(line.rstrip("\n"))))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
