"""The requirements of extractors: packages, programs and data files, and how each is installed."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

__all__ = [
    "AnyRequirement",
    "DataFile",
    "OneOf",
    "PackagedProgram",
    "Program",
    "Requirement",
    "named_in",
]

#: Seconds that a program may take to say its version.
_PATIENCE = 10.0
#: What an import failed over. Not a module inside a package: to look for one imports the package.
_IMPORTED = re.compile(r"needs the package (\w+), which is not installed")
_NUMBER = re.compile(r"\d+(\.\d+)+\S*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that an extractor needs.

    Parameters
    ----------
    module
        What is imported.
    install
        The command that installs it, for people.
    distribution
        Its name in the package index, where it differs from *module*; gives the version.
    """

    module: str
    install: str
    distribution: str = ""

    @property
    def short(self) -> str:
        """Its name, as it stands beside its version."""
        return self.distribution or self.module

    def __str__(self) -> str:
        return f"the package {self.module}"

    def version(self) -> str | None:
        """Return the installed version, None when it is not installed."""
        return _version_of_package(self.short)

    def is_met(self) -> bool:
        """True when the module can be found, without importing it."""
        try:
            return importlib.util.find_spec(self.module) is not None
        except (ImportError, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class Program:
    """A program that an extractor starts.

    Parameters
    ----------
    name
        As it is called: found on ``PATH``.
    install
        The command that installs it, for people.
    argument
        What makes it print its version.
    """

    name: str
    install: str
    argument: str = "--version"

    @property
    def short(self) -> str:
        """Its name, as it stands beside its version."""
        return self.name

    def __str__(self) -> str:
        return f"the program {self.name}"

    def version(self) -> str | None:
        """Return the version that it prints, None when it prints none or is not installed."""
        path = _path_of(self.name)
        return None if path is None else _version_of_program(path, self.argument)

    def is_met(self) -> bool:
        """True when it is on ``PATH``."""
        return _path_of(self.name) is not None


@dataclass(frozen=True, slots=True)
class PackagedProgram(Program):
    """A program that an extractor starts, and that a package may bring.

    Looked for in this order: where the setting says, on ``PATH``, in the package.

    Parameters
    ----------
    module
        The package.
    path
        Where the program is in it.
    setting
        The environment variable that names another one.
    """

    module: str = ""
    path: str = ""
    setting: str = ""

    def __str__(self) -> str:
        return f"the program {self.name}"

    def where(self) -> str | None:
        """Return where it is; None when it is nowhere."""
        named = os.environ.get(self.setting)
        if named:
            return _path_of(named)
        return _path_of(self.name) or self._in_package()

    def is_packaged(self) -> bool:
        """True when it is the one of the package."""
        there = self.where()
        return there is not None and there == self._in_package()

    def beside(self, path: str) -> str:
        """Return the path of something else in the folder of its package that holds it."""
        return str(Path(self._in_package() or "").parents[1] / path)

    def version(self) -> str | None:
        """Return the version that it prints, None when it prints none or is not installed."""
        path = self.where()
        return None if path is None else _version_of_program(path, self.argument)

    def is_met(self) -> bool:
        """True when it is there."""
        return self.where() is not None

    def _in_package(self) -> str | None:
        try:
            found = importlib.util.find_spec(self.module)
        except (ImportError, ValueError):
            return None
        for folder in (found and found.submodule_search_locations) or ():
            program = Path(folder, self.path)
            if program.is_file():
                return str(program)
        return None


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file or folder that an extractor reads, such as a model.

    Parameters
    ----------
    path
        Where it is; ``~`` is the home of the user.
    install
        The command that brings it, for people.
    """

    path: str
    install: str

    @property
    def short(self) -> str:
        """Its name, as it stands beside its version."""
        return Path(self.path).name

    def __str__(self) -> str:
        return f"the file {self.path}"

    def version(self) -> str | None:
        """Return its size in bytes, which changes with what it is; None for a folder."""
        try:
            place = Path(self.path).expanduser()
            return f"{place.stat().st_size} bytes" if place.is_file() else None
        except (OSError, RuntimeError):
            return None

    def is_met(self) -> bool:
        """True when it is there."""
        try:
            return Path(self.path).expanduser().exists()
        except (OSError, RuntimeError):  # there is no such user
            return False


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several programs of which an extractor needs one.

    Parameters
    ----------
    programs
        The programs, those that do it best first.
    install
        The command that installs one of them, for people.
    """

    programs: tuple[Program, ...]
    install: str

    def __post_init__(self) -> None:
        # From another process they come as what they are made of.
        made = tuple(
            each if isinstance(each, Program) else Program(*each) for each in self.programs
        )
        object.__setattr__(self, "programs", made)

    @property
    def short(self) -> str:
        """The name of the best one that is there, as it stands beside its version."""
        return next((each.name for each in self.installed()), self.programs[0].name)

    def __str__(self) -> str:
        *others, last = [each.name for each in self.programs]
        return f"the program {', '.join(others)} or {last}" if others else f"the program {last}"

    def installed(self) -> tuple[Program, ...]:
        """Return those that are there, the best first."""
        return tuple(each for each in self.programs if each.is_met())

    def version(self) -> str | None:
        """Return the version of the best one that is there."""
        return next((each.version() for each in self.installed()), None)

    def is_met(self) -> bool:
        """True when one of them is there."""
        return bool(self.installed())


AnyRequirement: TypeAlias = Requirement | Program | OneOf | DataFile


def named_in(message: str, declared: Iterable[AnyRequirement]) -> AnyRequirement | None:
    """Return the requirement that an error message says is missing; None when it names none.

    Parameters
    ----------
    message
        Of a failed job. A child may have made it up, so it decides nothing but which of *declared*,
        or which package that an import failed over, is looked for.
    declared
        What extractors of this process require.
    """
    for each in declared:
        if f"needs {each}, which is not installed" in message:
            return each
    found = _IMPORTED.search(message)
    return None if found is None else Requirement(found[1], "")


@cache  # reading a package's metadata takes longer than reading a short document
def _version_of_package(distribution: str) -> str | None:
    import importlib.metadata  # with all of email: not before it is needed

    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _path_of(program: str) -> str | None:
    import shutil  # not before it is needed: children that start no program are up sooner

    return shutil.which(program)


@cache
def _version_of_program(path: str, argument: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(
            [path, argument],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = _NUMBER.search(done.stdout.decode("utf-8", "replace"))
    return found[0] if found else None
