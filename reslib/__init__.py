"""The public names of reslib, which turns a folder of documents into searchable text."""

import logging

try:
    import fcntl as _fcntl  # noqa: F401 - only to see whether it is there
except ImportError as _error:
    raise ImportError(
        "reslib runs on Linux and macOS: this system lacks the file locks that it works with "
        "(fcntl). On Windows, use it in WSL, the Windows Subsystem for Linux. docs/platforms.md "
        "says what that means"
    ) from _error

from reslib.database import ResearchDatabase
from reslib.errors import (
    AttachmentNotFound,
    DatabaseBusy,
    DatabaseError,
    ErrorCode,
    ErrorType,
    ExtractionError,
    NotADatabase,
    ReslibError,
    SchemaTooNew,
    TablesNotRead,
    UnsafeFilesystem,
)
from reslib.extractors import available_extractors, register_extractor, unregister_extractor
from reslib.items import DocumentInfo, Page, Progress
from reslib.jobs.batches import Batch, CompletedBatch
from reslib.jobs.manager import QueueManager
from reslib.models import (
    Attachment,
    ExtractionResult,
    Failure,
    Job,
    JobStatus,
    TextStatus,
    WorkerStatus,
)
from reslib.pool.pool import ExtractionWorker, register_signal_handlers
from reslib.search.hits import SearchHit

__all__ = [
    "Attachment",
    "AttachmentNotFound",
    "Batch",
    "CompletedBatch",
    "DatabaseBusy",
    "DatabaseError",
    "DocumentInfo",
    "ErrorCode",
    "ErrorType",
    "ExtractionError",
    "ExtractionResult",
    "ExtractionWorker",
    "Failure",
    "Job",
    "JobStatus",
    "NotADatabase",
    "Page",
    "Progress",
    "QueueManager",
    "ResearchDatabase",
    "ReslibError",
    "SchemaTooNew",
    "SearchHit",
    "TablesNotRead",
    "TextStatus",
    "UnsafeFilesystem",
    "WorkerStatus",
    "available_extractors",
    "register_extractor",
    "register_signal_handlers",
    "unregister_extractor",
]
__version__ = "0.1.0"

# Silent unless the program that uses reslib sets up logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())
