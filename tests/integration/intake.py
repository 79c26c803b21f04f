"""What tests of looking at folders share."""

from __future__ import annotations

from pathlib import Path

from reslib import QueueManager, ResearchDatabase
from reslib.database import AddedFolder
from reslib.jobs.document import find_document
from reslib.models import ExtractionResult, Outcome


def extract(db: ResearchDatabase) -> list[int]:
    """Give every document that needs it the text of its file; return which."""
    queue, wanted = QueueManager(db), db.needs_extraction()
    queue.enqueue_batch(wanted)
    while (job := queue.claim("test")) is not None:
        path = Path(find_document(db.store, job.attachment_id).path)
        if path.exists():
            result = ExtractionResult(path.read_text(), extractor="test")
            queue.complete(job.id, outcome=Outcome(result=result))
        else:
            queue.failed(job.id, "gone", max_retries=0, error_code="file_not_found")
    return wanted


def reasons(added: AddedFolder, folder: Path) -> dict[str, str]:
    """Return why files were left out, by their places in the folder."""
    return {str(item.path.relative_to(folder)): item.reason for item in added.skipped}
