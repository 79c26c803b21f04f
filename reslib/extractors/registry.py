"""The registry of extractors: those of packages, and those registered in this process.

Extractors come from the entry-point group ``reslib.extractors`` (reslib's own come in by the
same door) and from :func:`register_extractor`. Which one reads a document is decided in
:mod:`reslib.extractors.choice`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, overload

from reslib.extractors.base import Extractor
from reslib.extractors.installed import load_installed
from reslib.extractors.requirements import AnyRequirement
from reslib.given import whole
from reslib.models import TEXT

__all__ = [
    "Registry",
    "available_extractors",
    "register_extractor",
    "registry",
    "unregister_extractor",
]

F = TypeVar("F", bound=Callable[..., Any])


class Registry:
    """All extractors of a process. People use the functions below; tests make their own.

    Of two that read the same document, one registered in this process takes precedence over one
    that a plug-in (the entry point of another package) brings, and that one over reslib's own. Of
    those registered, the last one; of plug-ins, the one whose package comes first in alphabetical
    order, and a warning says so. The same holds for two of the same name. Which one was asked for
    by name, or accepted the document when it was added, comes before all this: see
    :mod:`reslib.extractors.choice`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._installed: dict[str, Extractor] | None = None
        self._own: frozenset[str] = frozenset()
        self._registered: dict[str, Extractor] = {}
        #: Grows whenever :meth:`registered` changes, so that sandboxes know to follow.
        self.generation = 0
        #: The generation of :meth:`tasks`, and these.
        self._tasks: tuple[int, tuple[str, ...]] | None = None

    def installed(self) -> dict[str, Extractor]:
        """Return what the entry points bring, by name, those that take precedence first."""
        with self._lock:
            if self._installed is None:
                self._installed, self._own = load_installed()
            return dict(self._installed)

    def registered(self) -> dict[str, Extractor]:
        """Return what :func:`register_extractor` added, by name, the newest last."""
        with self._lock:
            return dict(self._registered)

    def custom(self) -> frozenset[str]:
        """Return the names of those that are not reslib's own: registered, or of a plug-in."""
        installed, registered = self.installed(), self.registered()
        return frozenset(registered) | (frozenset(installed) - self._own)

    def add(self, extractor: Extractor) -> None:
        """Add *extractor*; one of the same name is replaced."""
        with self._lock:
            self._registered.pop(extractor.name, None)
            self._registered[extractor.name] = extractor
            self.generation += 1

    def remove(self, name: str) -> None:
        """Take back what :meth:`add` added.

        Raises
        ------
        KeyError
            Nothing of that name was registered.
        """
        with self._lock:
            del self._registered[name]
            self.generation += 1

    def tasks(self) -> tuple[str, ...]:
        """Return what some extractor does: ``text``, which is done first, and the others."""
        generation = self.generation
        if self._tasks is None or self._tasks[0] != generation:
            others = {extractor.task for extractor in self.all()} - {TEXT}
            self._tasks = generation, (TEXT, *sorted(others))
        return self._tasks[1]

    def all(self) -> list[Extractor]:
        """Return every extractor, those that take precedence first."""
        registered = self.registered()
        rest = [e for name, e in self.installed().items() if name not in registered]
        return [*reversed(registered.values()), *rest]


#: The registry of this process.
registry = Registry()


@overload
def register_extractor(
    name: str,
    function: None = None,
    *,
    mime_types: Iterable[str] = (),
    suffixes: Iterable[str] = (),
    version: str = "",
    recipe: int = 0,
    requires: Iterable[AnyRequirement] = (),
    network: bool = False,
    environment: Iterable[str] = (),
    task: str = TEXT,
) -> Callable[[F], F]: ...


@overload
def register_extractor(
    name: str,
    function: F,
    *,
    mime_types: Iterable[str] = (),
    suffixes: Iterable[str] = (),
    version: str = "",
    recipe: int = 0,
    requires: Iterable[AnyRequirement] = (),
    network: bool = False,
    environment: Iterable[str] = (),
    task: str = TEXT,
) -> F: ...


def register_extractor(
    name: str,
    function: Callable[..., Any] | None = None,
    *,
    mime_types: Iterable[str] = (),
    suffixes: Iterable[str] = (),
    version: str = "",
    recipe: int = 0,
    requires: Iterable[AnyRequirement] = (),
    network: bool = False,
    environment: Iterable[str] = (),
    task: str = TEXT,
) -> Any:
    """Teach reslib to read another kind of document, or an old kind another way.

    Takes precedence over what was there before for the same types; running the cell again
    replaces it. Pools that are already running use it from their next document on. Documents that
    are added from now on remember that it is the one to read them: in a process that has none of
    this name they wait for one that has, or fail as ``extractor_missing``.

    Parameters
    ----------
    name
        What to call it; stored with every text it makes.
    function
        Takes the document's :class:`pathlib.Path` and returns its text: a string, or an
        iterable of pages. It may be written in a notebook cell and runs in another process:
        what it uses is copied there, what it changes is not seen here. Left out, the call is
        a decorator.
    mime_types, suffixes
        What it reads, e.g. ``suffixes=[".log"]``; at least one of the two.
    version
        Stored with every text it makes.
    recipe
        Raise it when *function* gives other texts than before: documents whose texts were made
        with a lower one are offered by :meth:`ResearchDatabase.stale`, to be read again.
    requires
        What has to be installed, each with the command that does so, e.g.
        ``[Program("tesseract", "apt install tesseract-ocr")]``; also
        :class:`~reslib.extractors.Requirement` for a package,
        :class:`~reslib.extractors.OneOf` for one of several programs, and
        :class:`~reslib.extractors.DataFile`. Looked at before it runs, and by ``reslib doctor``.
    network
        True for an extractor that asks a server (GROBID) or downloads a model, or that starts a
        program which gains rights of its own (snap, sudo). Others run without a network where
        the system allows it. Its documents are read in a process of their own; a folder where
        they alternate with others makes that process start again and again.
    environment
        Names of environment variables that it needs, e.g. ``["GROBID_TOKEN"]``. ``PATH``,
        ``HOME``, locale, and settings of Python and of numeric libraries come anyway; other
        variables, and all that look like a secret, do not.
    task
        What it does: reads the text of documents, or something else that has a name of its own,
        such as ``"tables"``. It is chosen only for jobs of that task
        (``worker.enqueue(id, task="tables", options={...})``); when its function has a parameter
        ``options`` it is given those of the job.

    Returns
    -------
    callable
        *function* itself.

    Raises
    ------
    ValueError
        The name or the task is empty, neither types nor suffixes are given, a suffix has no dot,
        an installed extractor has the name of this one, which is for another task, or *recipe* is
        negative.
    TypeError
        *environment* is a string, *recipe* no whole number, *requires* not of requirements,
        *function* is not callable, or it cannot be sent to another process (it holds an open
        file, a lock or a database).

    Examples
    --------
    >>> @register_extractor("log", suffixes=[".log"])
    ... def read_log(path):
    ...     return path.read_text()
    """
    if function is None:

        def decorate(function: F) -> F:
            return register_extractor(
                name,
                function,
                mime_types=mime_types,
                suffixes=suffixes,
                version=version,
                recipe=recipe,
                requires=requires,
                network=network,
                environment=environment,
                task=task,
            )

        return decorate
    if not name:
        raise ValueError("an extractor needs a name")
    if not isinstance(task, str) or not task.strip():
        raise ValueError(f"a task is a name, such as 'text' or 'tables', not {task!r}")
    if task != TEXT and name in registry.installed():
        # It would take the place of that one, which does something else.
        raise ValueError(f"an extractor {name!r} is there already; give this one another name")
    if not callable(function):
        raise TypeError(f"an extractor is a function of a path, not {function!r}")
    if isinstance(environment, str):
        raise TypeError(f"environment is a list of names: [{environment!r}]")
    needed = tuple(requires)
    for each in needed:
        if not isinstance(each, AnyRequirement):
            raise TypeError(
                f"a requirement is a Requirement, Program, OneOf or DataFile, not {each!r}"
            )
    types, endings = tuple(mime_types), tuple(s.lower() for s in suffixes)
    if not types and not endings:
        raise ValueError(f"say what {name!r} reads: mime_types=[...] or suffixes=[...]")
    for suffix in endings:
        if not suffix.startswith("."):
            raise ValueError(f"a suffix starts with a dot: {suffix!r} should be '.{suffix}'")
    extractor = Extractor(
        name=name,
        function=function,
        mime_types=types,
        suffixes=endings,
        version=version,
        recipe=whole("recipe", recipe, 0),
        requires=needed,
        network=network,
        environment=tuple(environment),
        task=task,
    )
    _check_can_be_sent(extractor)
    registry.add(extractor)
    return function


def _check_can_be_sent(extractor: Extractor) -> None:
    import cloudpickle

    try:
        cloudpickle.dumps(extractor)
    except Exception as error:
        raise TypeError(
            f"the extractor {extractor.name!r} cannot be sent to another process: {error}. "
            "Open files, connections and locks inside the function, not outside"
        ) from error


def unregister_extractor(name: str) -> None:
    """Take back :func:`register_extractor`.

    Raises
    ------
    KeyError
        Nothing of that name was registered.
    """
    registry.remove(name)


def available_extractors() -> list[Extractor]:
    """Return every extractor there is, those that take precedence first."""
    return registry.all()
