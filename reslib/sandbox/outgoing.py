"""The items of an attempt on their way out of the child: each is out as soon as it is made.

They are written behind the progress into the file that child and parent share: that costs a few
microseconds, wakes nobody, and what stands there is there however the child ends.
"""

from __future__ import annotations

import os
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.items import Item, Warning
from reslib.sandbox.itemranges import leave_out
from reslib.sandbox.itemwire import Tally, pack, unpack
from reslib.sandbox.note import PROGRESS
from reslib.sandbox.protocol import Kind, encode

__all__ = ["Outgoing"]


class Outgoing:
    """Writes the items of one attempt.

    Parameters
    ----------
    note
        The descriptor of the shared file.
    attempt
        The number of the attempt.
    """

    def __init__(self, note: int, attempt: int) -> None:
        self._note, self._attempt = note, attempt
        self._position = PROGRESS.size
        self._tally = Tally()
        #: Fields that were left out of an item, so that people are told once.
        self._left_out: set[tuple[str, str]] = set()

    def add(self, item: Item) -> None:
        """Write an item; what is out of its range is left out of it, with a warning.

        Raises
        ------
        ProtocolError
            One of its fields is not what it should be.
        ExtractionError
            There are too many.
        """
        header, body = pack(item)
        for name, words in leave_out(header):
            if (header["item"], name) not in self._left_out:
                self._left_out.add((header["item"], name))
                self._write(*pack(Warning("out_of_range", words)))
        self._write(header, body)

    def _write(self, header: dict[str, Any], body: bytes) -> None:
        header["attempt"] = self._attempt
        # As the parent will: here a mistake can still be put into words.
        excess = self._tally.add(unpack(header, body), header, body)
        if excess is not None:
            raise ExtractionError(
                f"it gives more than {excess}, which no search over it could serve. Split the "
                "document, or leave it out",
                ErrorCode.OUTPUT_LIMIT,
            )
        view = memoryview(encode(Kind.ITEM, header, body) + body)
        while view:
            written = os.pwrite(self._note, view, self._position)
            self._position += written
            view = view[written:]
