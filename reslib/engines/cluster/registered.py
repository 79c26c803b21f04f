"""The extractors that were registered by hand, on their way to the workers of a cluster."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.sandbox.pickled import Pickled

__all__ = ["Followed", "packed"]


def packed(extractors: Iterable[Extractor]) -> bytes:
    """Return extractors as bytes. What they run stays pickled until a child calls it."""
    import cloudpickle

    sent = []
    for extractor in extractors:
        code, problem = b"", None
        try:
            code = cloudpickle.dumps(extractor.function)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        function = Pickled(extractor.name, code, problem)
        sent.append(replace(extractor, function=function, member=None))
    return pickle.dumps(sent)


class Followed(Registry):
    """A registry that has what the registry of a coordinator has.

    Attributes
    ----------
    state
        The number of what it has by now; None before the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state: int | None = None

    def follow(self, state: int, data: bytes | None) -> bool:
        """Take over what is registered; return False when that is not known here.

        Parameters
        ----------
        state
            Its number.
        data
            What :func:`packed` gave; None when it is thought to be here.
        """
        if state == self.state:
            return True
        if data is None:
            return False
        for name in self.registered():
            self.remove(name)
        for extractor in pickle.loads(data):
            self.add(extractor)
        self.state = state
        return True
