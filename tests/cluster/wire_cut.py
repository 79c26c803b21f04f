"""A wire between a coordinator and a scheduler that can be cut."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

__all__ = ["Wire"]


class Wire:
    """Passes bytes on between a port and another one, until it is cut.

    Parameters
    ----------
    port
        Where the other end is.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._is_silent = self._is_cut = self._is_over = False
        self._rate: int | None = None
        #: Until when nothing more is taken from a connection, on the monotonic clock.
        self._rests: dict[socket.socket, float] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self._is_cut = True
        with self._lock:
            for one in list(self._pairs):
                self._drop(one)

    def silence(self) -> None:
        """Pass nothing on, as when a cable is pulled: nobody is told."""
        self._is_silent = True

    def slow_down(self, bytes_a_second: int) -> None:
        """Pass so much on, on each connection in each direction."""
        self._rate = bytes_a_second

    def mend(self) -> None:
        """Pass everything on again."""
        self._is_cut = self._is_silent = False

    def close(self) -> None:
        self._is_over = True
        self._thread.join(5)
        self._server.close()
        with self._lock:
            for one in list(self._pairs):
                self._drop(one)

    def _run(self) -> None:
        while not self._is_over:
            with self._lock:
                now = time.monotonic()
                awake = [one for one in self._pairs if self._rests.get(one, 0.0) <= now]
                watched = [self._server, *([] if self._is_silent else awake)]
            try:
                ready, _, _ = select.select(watched, [], [], 0.02)
            except (OSError, ValueError):
                continue  # one was closed just now
            for one in ready:
                if one is self._server:
                    self._accept()
                else:
                    self._pass_on(one)

    def _accept(self) -> None:
        near, _ = self._server.accept()
        try:
            if self._is_cut:
                raise ConnectionRefusedError
            far = socket.create_connection(("127.0.0.1", self._port), timeout=2)
        except OSError:
            near.close()
            return
        for each in (near, far):  # as Dask does: small messages do not wait for others
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._pairs[near], self._pairs[far] = far, near

    def _pass_on(self, one: socket.socket) -> None:
        other = self._pairs.get(one)
        try:
            data = one.recv(1 << 16)
            if self._rate is not None:
                self._rests[one] = time.monotonic() + len(data) / self._rate
            if not data or other is None:
                raise ConnectionResetError
            other.settimeout(2)
            other.sendall(data)
        except OSError:
            with self._lock:
                self._drop(one)

    def _drop(self, one: socket.socket) -> None:
        self._rests.pop(one, None)
        other = self._pairs.pop(one, None)
        if other is not None:
            self._pairs.pop(other, None)
        for each in (one, other):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.close()
