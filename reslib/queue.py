"""The guide's import path of :class:`reslib.jobs.manager.QueueManager`."""

from reslib.jobs.manager import QueueManager

__all__ = ["QueueManager"]
