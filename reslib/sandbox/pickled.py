"""A function that came from another process, loaded where it is first called."""

from __future__ import annotations

import pickle
from typing import Any

from reslib.errors import ExtractionError

__all__ = ["Pickled"]


class Pickled:
    """A function from another process, loaded when it is first needed: loading may import, fail,
    or never end, and then it is that attempt's matter.

    Parameters
    ----------
    name
        Of its extractor.
    code
        The pickled function.
    error
        Why it could not be pickled, or None.
    """

    def __init__(self, name: str, code: bytes, error: str | None) -> None:
        self._name, self._code, self._error = name, code, error
        self._function: Any = None

    def __getstate__(self) -> tuple[str, bytes, str | None]:
        return self._name, self._code, self._error

    def __setstate__(self, state: tuple[str, bytes, str | None]) -> None:
        self._name, self._code, self._error = state
        self._function = None

    def __call__(self, path: Any, **options: Any) -> Any:
        """Call the function.

        Raises
        ------
        ExtractionError
            It could not be sent.
        BaseException
            Whatever loading or calling it raises.
        """
        if self._error is not None:
            raise ExtractionError(
                f"the extractor {self._name!r} cannot be sent to another process: {self._error}"
            )
        if self._function is None:
            self._function = pickle.loads(self._code)
        return self._function(path, **options)
