"""A pytest plugin: nbval compares figures too, and waits long enough for late output.

nbval 0.11 skips images, so a notebook whose figure has changed would pass. Two figures are equal
here when the root mean square of their pixels' difference is at most 2 of 255: the same figure
gives 0, one letter more in the title 4, another colour 12.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from nbval.plugin import IPyNbCell
from PIL import Image

TOLERANCE = 2.0
#: Seconds; nbval's own 5 are short on a busy machine.
OUTPUT_TIMEOUT = 30


def difference(one: str, other: str) -> float:
    """Return the root mean square of two base64 PNGs' difference, infinite for other sizes."""
    images = [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA") for png in (one, other)]
    if images[0].size != images[1].size:
        return float("inf")
    first, second = (np.asarray(image, dtype=float) for image in images)
    return float(np.sqrt(((first - second) ** 2).mean()))


def figures(outputs: list[Any]) -> list[str]:
    return [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]


_compare_text = IPyNbCell.compare_outputs


def _compare(self: Any, test: list[Any], ref: list[Any], skip_compare: Any = None) -> bool:
    if not _compare_text(self, test, ref, skip_compare):
        return False
    now, stored = figures(test), figures(ref)
    if len(now) != len(stored):
        self.comparison_traceback.append(f"{len(stored)} figures stored, {len(now)} made")
        return False
    for number, (one, other) in enumerate(zip(now, stored, strict=True), 1):
        found = difference(one, other)
        if found > TOLERANCE:
            self.comparison_traceback.append(f"figure {number} differs by {found:.1f} (RMS)")
            return False
    return True


IPyNbCell.compare_outputs = _compare


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, IPyNbCell):
            item.output_timeout = OUTPUT_TIMEOUT
