"""Extractors: one file or package a format. They know errors and models, never the database."""

from reslib.extractors.base import Extractor, ImportedAtCall
from reslib.extractors.registry import (
    available_extractors,
    register_extractor,
    unregister_extractor,
)
from reslib.extractors.requirements import DataFile, OneOf, Program, Requirement

__all__ = [
    "DataFile",
    "Extractor",
    "ImportedAtCall",
    "OneOf",
    "Program",
    "Requirement",
    "available_extractors",
    "register_extractor",
    "unregister_extractor",
]
