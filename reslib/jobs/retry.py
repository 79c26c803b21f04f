"""The time of the next try: a pure function of the attempt and the error."""

from __future__ import annotations

from reslib.errors import ErrorType

__all__ = [
    "DELAYS",
    "LONGEST_DELAY",
    "MAX_JITTER",
    "MIN_DELAY_EXTRACTOR_MISSING",
    "PERMANENT",
    "retry_delay",
]

#: Seconds to wait after the first, second, ... failed attempt; the last one from then on.
DELAYS = (0.5, 2.0, 10.0, 30.0, 60.0)
#: A package does not get installed within half a second.
MIN_DELAY_EXTRACTOR_MISSING = 30.0
#: Share of the delay that is added at most, so that a folder of failures does not come back
#: in one moment (the stampede that Oban 2.23's notes describe).
MAX_JITTER = 0.1
#: No retry is further away than this, in seconds, with a second for rounding.
LONGEST_DELAY = max(*DELAYS, MIN_DELAY_EXTRACTOR_MISSING) * (1 + MAX_JITTER) + 1
#: Trying again cannot help.
PERMANENT = frozenset({ErrorType.CORRUPTION, ErrorType.UNSUPPORTED})


def retry_delay(
    attempts: int,
    error_type: ErrorType,
    max_retries: int,
    jitter: float | None = None,
) -> float | None:
    """Return the seconds until the next attempt, or None to give up.

    Parameters
    ----------
    attempts
        How many attempts have failed by now, this one included; from 1.
    error_type
        What the last one failed of.
    max_retries
        How many attempts may follow the first.
    jitter
        Share of :data:`MAX_JITTER` to add, 0 to 1; random when None.
    """
    if error_type in PERMANENT or attempts > max_retries:
        return None
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    if error_type is ErrorType.EXTRACTOR_MISSING:
        delay = max(delay, MIN_DELAY_EXTRACTOR_MISSING)
    if jitter is None:
        import random  # here: few processes ever try again

        jitter = random.random()
    return delay * (1 + MAX_JITTER * jitter)
