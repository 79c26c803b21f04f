"""The client of a cluster, made so that one that cannot connect leaves nothing behind."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

__all__ = ["ClosedByOwner", "new_client"]

#: Seconds that a client may take to close that has not connected.
_PATIENCE = 2.0


class ClosedByOwner(ConnectionError):
    """The end of a client or cluster that was given: it does not come back by itself."""


def new_client(address: Any, settings: Mapping[str, Any]) -> Any:
    """Return a client of Dask that is connected.

    Dask leaves the thread of one that cannot connect running, with its open files. And it closes
    such a client when the garbage collector finds it, in whatever thread that happens: in the one
    that is just being started for the next client, both wait for each other for ever, and with
    them each client that is made afterwards. So it is closed here, while somebody knows of it.

    Parameters
    ----------
    address
        Of a scheduler, or a cluster object.
    settings
        More of what ``distributed.Client`` takes.

    Raises
    ------
    Exception
        Whatever Dask raises when it cannot connect.
    """
    from distributed import Client

    client: Any = Client.__new__(Client)
    try:
        client.__init__(address, **settings)
    except BaseException:
        with contextlib.suppress(Exception):
            client.close(timeout=_PATIENCE)
        runner = getattr(client, "_loop_runner", None)
        if runner is not None:  # it runs on when the client counts as closed already
            with contextlib.suppress(Exception):
                runner.stop()
        raise
    return client
