"""Times as the database keeps them: UTC text, milliseconds, text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["utc_text"]


def utc_text(offset: float = 0.0) -> str:
    """Return the time *offset* seconds from now as ``YYYY-MM-DD HH:MM:SS.SSS``."""
    moment = datetime.now(UTC)
    if offset:
        moment += timedelta(seconds=offset)
    return moment.isoformat(" ", "milliseconds")[:23]  # without the zone
