"""Engines: where the documents of a pool are read, by default in processes of this machine."""

from reslib.engines.base import Engine, KeepingRunner, Runner
from reslib.engines.local import LocalEngine

__all__ = ["Engine", "KeepingRunner", "LocalEngine", "Runner"]
