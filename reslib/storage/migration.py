"""The schema version of a database file, and the way from an older one."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from reslib.errors import NotADatabase, SchemaTooNew
from reslib.storage.diskspace import require_room

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "migrate", "run_script", "version_of"]

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 7
#: Marks a file as reslib's (``PRAGMA application_id``): "rslb" in ASCII.
APPLICATION_ID = 0x72736C62
#: Up to this version a step makes the search index anew.
_INDEX_MADE_ANEW = 3
#: Bytes of a file that are copied, and whose search index is made anew, in a second, about.
_COPIED_A_SECOND, _INDEXED_A_SECOND = 1e8, 5e6


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema version; 0 for a new file.

    Raises
    ------
    NotADatabase
        The file is another program's.
    SchemaTooNew
        The file was written by a newer reslib.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if empty and application == 0:
        return 0
    if application != APPLICATION_ID:
        raise NotADatabase(f"{path} is a SQLite database of another program; give another name")
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{path} was written by a newer reslib (schema {version}, this one knows "
            f"{SCHEMA_VERSION}). Update reslib, or use another database"
        )
    return version


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    version: int,
    target: int,
    scripts: Mapping[int, str],
) -> Path:
    """Bring a database from *version* to *target* in one transaction, after a backup.

    Parameters
    ----------
    connection
        In autocommit, with nobody else writing.
    path
        Of the database; the backup is put beside it.
    version, target
        Schema versions.
    scripts
        Migration scripts by the version they lead to.

    Returns
    -------
    pathlib.Path
        The backup.

    Raises
    ------
    DatabaseError
        There is no room for the backup.
    """
    backup = path.with_name(f"{path.name}.v{version}.backup")
    size = sum(part.stat().st_size for part in (path, Path(f"{path}-wal")) if part.exists())
    what = f"bringing {path} up to schema {target}, with a backup of it as it was,"
    require_room(path.parent, 2 * size, what)
    is_indexed = version < _INDEX_MADE_ANEW
    minutes = size / (_INDEXED_A_SECOND if is_indexed else _COPIED_A_SECOND) / 60
    logger.log(
        logging.WARNING if minutes > 0.1 else logging.INFO,
        "%s is brought up to schema %s%s. This takes about "
        "%.1f min, and %.0f MB of the disk. It can be broken off at any moment: then the file is "
        "as it was, and it begins again when it is opened. As it was, it is kept in %s",
        path,
        target,
        ", which makes its search index anew" if is_indexed else "",
        minutes,
        2 * size / 1024**2,
        backup,
    )
    copy = sqlite3.connect(backup)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    run_script(connection, "\n".join(scripts[n] for n in range(version + 1, target + 1)), target)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return backup


def run_script(connection: sqlite3.Connection, script: str, version: int) -> None:
    """Run a script and note *version*, in one transaction.

    :meth:`sqlite3.Connection.executescript` commits first, so statements are run one by one.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.execute(statement)
                statement = ""
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
