"""One function as the extractor of a document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox


def read_with(function: Callable[[Path], Any], path: Path, **limits: Any) -> Any:
    """Run one function as the extractor of its document's suffix."""
    registry = Registry()
    registry.add(Extractor(name="own", function=function, suffixes=(path.suffix,), version="7"))
    with Sandbox(registry=registry, **limits) as sandbox:
        return sandbox.run(ExtractionRequest(str(path), timeout=30.0))
