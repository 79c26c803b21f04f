"""The extractor: a function that reads one kind of document, and what it needs.

An extractor is a function that takes the path of a document and gives its text: a string, or
an iterable of pages (strings or :class:`~reslib.items.Page`), between which it may yield
the other items of :mod:`reslib.items`, :class:`~reslib.items.Progress` and
:class:`~reslib.items.DocumentInfo`. It runs in a process of its own, so it may be slow, leak or
crash.

A package that brings one has its code imported at the first call (:class:`ImportedAtCall`): a
process that only asks which documents it reads then does not hold what reads them.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from reslib.extractors.requirements import AnyRequirement, Requirement
from reslib.items import DocumentInfo, Item, Progress
from reslib.models import TEXT, ExtractionResult

__all__ = ["Extracted", "Extractor", "ImportedAtCall", "Member"]

Extracted: TypeAlias = "str | ExtractionResult | Iterable[str | Item | Progress | DocumentInfo]"
#: See :class:`Extractor`.
Member: TypeAlias = Callable[[Path, str, Sequence[str]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """A function that reads one kind of document, and what is known of it.

    Parameters
    ----------
    name
        What people call it by.
    function
        Takes a :class:`pathlib.Path`; see the module's docstring for what it gives. One with a
        parameter named ``options`` is given the options of the job as well.
    mime_types, suffixes
        What it reads. Suffixes are lower case with their dot (``".log"``).
    requires
        Packages, programs and files that it needs; checked before it runs.
    version
        Its own version, kept with every text it makes.
    recipe
        A number that is raised when it gives other texts than before. Documents whose texts were
        made with a lower one are offered to be read again.
    by_name_only
        Used only when somebody asks for it by name.
    network
        It uses the network; without this the system refuses it where it can.
    environment
        Names of environment variables that it needs and that are not passed anyway.
    writes
        It writes files outside the temporary directory, caches for instance; without this
        the system refuses that where it can.
    task
        What it does with a document: read its text, or something that has a name of its own.
    takes_options
        True when *function* is given the options of the job; found out when it is None.
    member
        Takes the path of a document, the name of one inside it and passwords to try, and gives that
        one's bytes in pieces. Without it the document is read anew until *function* yields that
        :class:`~reslib.items.Child`; for an archive of thousands that would take too long.
    """

    name: str
    function: Callable[..., Extracted]
    mime_types: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    requires: tuple[AnyRequirement, ...] = ()
    version: str = ""
    recipe: int = 0
    by_name_only: bool = False
    network: bool = False
    environment: tuple[str, ...] = ()
    writes: bool = True
    task: str = TEXT
    takes_options: bool | None = None
    member: Member | None = None

    def __post_init__(self) -> None:
        for kept in ("mime_types", "suffixes", "requires"):
            if isinstance(getattr(self, kept), str):
                raise TypeError(f"{kept} of the extractor {self.name!r} is a tuple, not a text")
        if self.takes_options is None:
            object.__setattr__(self, "takes_options", _takes_options(self.function))

    def extract(self, path: Path, options: Mapping[str, Any]) -> Extracted:
        """Call the function for a document, with the options of the job if it takes them."""
        if self.takes_options:
            return self.function(path, options=dict(options))
        return self.function(path)

    def full_version(self) -> str:
        """Return its version and those of the packages it stands on.

        Not of programs: they would have to be started, in the time that is a document's.
        """
        packages = [r for r in self.requires if isinstance(r, Requirement)]
        return ", ".join(
            filter(None, [self.version, *(f"{r.short} {r.version() or '?'}" for r in packages)])
        )

    def missing(self) -> tuple[AnyRequirement, ...]:
        """Return the requirements that are not installed."""
        return tuple(r for r in self.requires if not r.is_met())

    def accepts(self, mime_type: str, suffix: str) -> bool:
        """True when it reads documents of this type or with this suffix."""
        return mime_type in self.mime_types or suffix in self.suffixes


class ImportedAtCall:
    """A function by its name, imported when it is first called.

    Parameters
    ----------
    name
        ``"package.module:function"``. The function takes what it is called with, and options if it
        likes.

    Raises
    ------
    ValueError
        *name* is of another form.

    Examples
    --------
    >>> EXTRACTOR = Extractor(
    ...     name="survey",
    ...     function=ImportedAtCall("reslib_surveys.reader:read"),
    ...     suffixes=(".survey",),
    ... )
    """

    def __init__(self, name: str) -> None:
        self.module, colon, self.function = name.partition(":")
        if not (self.module and colon and self.function.isidentifier()):
            raise ValueError(f"a function is named 'package.module:function', not {name!r}")

    def __call__(self, *arguments: Any, options: Mapping[str, Any] | None = None) -> Any:
        """Call the function, with the options of the job if it takes them.

        Raises
        ------
        ImportError
            There is no such module.
        AttributeError
            It has no such function.
        BaseException
            Whatever the function raises.
        """
        function, takes_options = _imported(self.module, self.function)
        if takes_options:
            return function(*arguments, options=options or {})
        return function(*arguments)

    def __repr__(self) -> str:
        return f"ImportedAtCall('{self.module}:{self.function}')"


@cache  # asking a function for its parameters takes as long as reading a short text
def _imported(module: str, name: str) -> tuple[Callable[..., Any], bool]:
    """Return a function by its name, and True when it takes options."""
    function = getattr(importlib.import_module(module), name)
    return function, _takes_options(function)


def _takes_options(function: Callable[..., Any]) -> bool:
    try:
        parameter = inspect.signature(function).parameters.get("options")
    except (TypeError, ValueError):  # of some functions that are not written in Python
        return False
    return parameter is not None and parameter.kind in (
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )
