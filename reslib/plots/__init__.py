"""Figures of an extraction, one call each, on matplotlib.

Every function takes the database first and draws into *ax*, or into a new figure when there is
none, and returns the Axes, so that a title or a limit can be changed afterwards. Own figures have a
transparent ground and grey letters, which are legible in a light and in a dark notebook. When there
is nothing to draw the Axes says so instead of raising.
"""

try:
    import matplotlib as _matplotlib  # noqa: F401 - only to see whether it is there
    import pandas as _pandas  # noqa: F401
except ImportError as _error:  # pragma: no cover - the tests have it
    raise ImportError(
        "reslib.plots needs matplotlib and pandas. From a clone of reslib: "
        "pip install '.[notebook]'"
    ) from _error

from reslib.plots.figures import (
    confidence,
    durations,
    failures,
    queue_depth,
    throughput,
    worker_timeline,
)

__all__ = [
    "confidence",
    "durations",
    "failures",
    "queue_depth",
    "throughput",
    "worker_timeline",
]


def __dir__() -> list[str]:
    """Complete to the figures, and not to what they are made with."""
    return __all__
