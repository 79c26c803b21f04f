"""The hello: what a worker of a cluster is asked before it gets work.

This file travels as its source and is run there: a worker on which reslib is missing, or another
Python runs, answers all the same. So it imports nothing but what every Python has.
"""

from __future__ import annotations

import importlib
import os
import platform
import socket
from typing import Any

__all__ = ["hello"]


def hello() -> dict[str, Any]:
    """Return what is known of this process: plain values, whatever is missing here."""
    said: dict[str, Any] = {
        "python": platform.python_version(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "reslib": None,
        "protocol": None,
        "extractors": {},
        "error": None,
    }
    try:
        said["reslib"] = importlib.import_module("reslib").__version__
        said["protocol"] = importlib.import_module("reslib.engines.cluster.wire").PROTOCOL
        registry = importlib.import_module("reslib.extractors.registry").registry
        said["extractors"] = {
            name: [each.recipe, each.full_version(), [str(need) for need in each.missing()]]
            for name, each in registry.installed().items()
        }
    except Exception as error:
        said["error"] = f"{type(error).__name__}: {error}"
    return said
