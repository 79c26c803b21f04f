"""The guide's import path of :class:`reslib.pool.pool.ExtractionWorker`."""

from reslib.pool.pool import ExtractionWorker
from reslib.pool.signals import register_signal_handlers

__all__ = ["ExtractionWorker", "register_signal_handlers"]
