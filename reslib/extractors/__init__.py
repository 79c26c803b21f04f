"""Extractors: one file or package a format. They know errors and models, never the database."""

from reslib.extractors.base import Extractor, Requirement
from reslib.extractors.registry import (
    available_extractors,
    register_extractor,
    unregister_extractor,
)

__all__ = [
    "Extractor",
    "Requirement",
    "available_extractors",
    "register_extractor",
    "unregister_extractor",
]
