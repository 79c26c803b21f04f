"""The text of documents as one version of reslib gives it, a side of ``text_quality.py``.

It calls what people call, which has the same names in every version.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.before_after import serve
from reslib import ExtractionWorker, ResearchDatabase

PATIENCE = 150.0


def main() -> None:
    """Answer with the text of each document that is asked for."""
    with (
        tempfile.TemporaryDirectory(prefix="reslib-text-") as folder,
        ResearchDatabase(Path(folder) / "text.db") as db,
        ExtractionWorker(db, num_workers=1, extraction_timeout=120) as worker,
    ):

        def read(path: str) -> str:
            document = db.add_attachment(Path(path).name, path)
            worker.enqueue(document)
            text = db.get_attachment(document).extracted_text if worker.wait(PATIENCE) else None
            if text is None:
                raise RuntimeError(f"{path} could not be read")
            return text

        serve({"read": read})


if __name__ == "__main__":
    main()
