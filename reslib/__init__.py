"""reslib turns a folder of research documents into searchable, analysable text."""

from reslib.errors import ExtractionError

__all__ = ["ExtractionError"]
__version__ = "0.1.0"
