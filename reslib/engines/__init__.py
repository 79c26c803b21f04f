"""Engines: where the documents of a pool are read, by default in processes of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reslib.engines.base import ClusterEngine, Engine, KeepingRunner, Runner
from reslib.engines.local import LocalEngine

if TYPE_CHECKING:
    from reslib.engines.cluster.engine import DaskEngine

__all__ = ["ClusterEngine", "DaskEngine", "Engine", "KeepingRunner", "LocalEngine", "Runner"]


def __getattr__(name: str) -> Any:
    if name == "DaskEngine":  # few have a cluster
        from reslib.engines.cluster.engine import DaskEngine

        return DaskEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
