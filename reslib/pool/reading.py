"""The reading of pictures by a pool: whether it does, in which languages, and for how long."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from reslib.extractors.registry import registry
from reslib.given import shown
from reslib.models import OCR, TEXT

__all__ = ["AUTO", "Reading"]

#: Read what needs it.
AUTO: Literal["auto"] = "auto"
#: Seconds for which it is believed that OCR is installed, or not.
_BELIEVED = 5.0
#: So many times the computing time of a page it may take on the clock: on a busy machine a page of
#: two seconds took over a minute.
_WAITING = 10
#: Seconds for what is done to a page besides reading it.
_BESIDE = 60.0


@dataclass(slots=True)
class Reading:
    """The settings of OCR of a pool; see :class:`~reslib.pool.pool.ExtractionWorker`.

    Raises
    ------
    ValueError
        One of them is out of its range.
    """

    ocr: bool | Literal["auto"] = AUTO
    languages: Sequence[str] | None = None
    page_timeout: float = 60.0
    _asked_at: float = field(default=float("-inf"), init=False)
    _can: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if self.ocr != AUTO and not isinstance(self.ocr, bool):
            raise ValueError(f"ocr is 'auto', True or False, not {shown(self.ocr)}")
        named = self.languages
        if named is not None and (
            isinstance(named, str)
            or not named
            or not all(isinstance(each, str) and each.isidentifier() for each in named)
        ):
            raise ValueError(
                "ocr_languages is a list of the names that tesseract has for languages, such as "
                f"['deu', 'ell'], not {shown(named)}"
            )
        seconds = self.page_timeout
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 1:
            raise ValueError(
                f"ocr_page_timeout must be a number of seconds, at least 1, not {shown(seconds)}"
            )

    def options(self, task: str) -> dict[str, Any]:
        """Return what the extractor of a job is told beside the job's own options."""
        if task == TEXT:
            return {} if self.ocr == AUTO else {"ocr": self.ocr}
        if task != OCR:
            return {}
        told: dict[str, Any] = {"ocr": self.ocr, "page_timeout": self.page_timeout}
        if self.languages is not None:
            told["languages"] = list(self.languages)
        return told

    def follow_ups(self, task: str) -> tuple[str, ...]:
        """Return the tasks that follow a job where pages want them."""
        if task != TEXT or self.ocr is False:
            return ()
        now = time.monotonic()
        if now - self._asked_at > _BELIEVED:
            doers = (e for e in registry.all() if e.task == OCR and not e.by_name_only)
            self._can = any(not each.missing() for each in doers)
            self._asked_at = now
        return (OCR,) if self._can else ()

    def longest_page(self) -> float:
        """Return the seconds after which nothing comes of a page any more."""
        return _WAITING * float(self.page_timeout) + _BESIDE
