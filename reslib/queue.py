"""The import path of QueueManager that the guide uses."""

from reslib.jobs.manager import QueueManager

__all__ = ["QueueManager"]
