"""The import path of ExtractionWorker that the guide uses."""

from reslib.pool.pool import ExtractionWorker
from reslib.pool.signals import register_signal_handlers

__all__ = ["ExtractionWorker", "register_signal_handlers"]
