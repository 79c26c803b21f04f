"""The wishes of a reader, fulfilled one after the other in a thread that ends with the last."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

__all__ = ["InTurn"]


class InTurn:
    """Does in a thread of its own what handlers of clicks are asked for.

    Handlers run on whichever thread the kernel has for them, and must not keep it.

    Parameters
    ----------
    act
        Called with the name of each wish and its arguments; raises nothing.
    name
        Of the thread.
    """

    def __init__(self, act: Callable[[str, tuple[Any, ...]], None], name: str) -> None:
        self._act, self._name = act, name
        self._lock = threading.Lock()
        self._wishes: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._is_working = False

    def post(self, wish: str, *arguments: Any) -> None:
        """Have something done soon."""
        with self._lock:
            self._wishes.append((wish, arguments))
            if self._is_working:
                return
            self._is_working = True
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wishes:
                    self._is_working = False
                    return
                wish, arguments = self._wishes.popleft()
            self._act(wish, arguments)
