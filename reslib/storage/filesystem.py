"""The file system under a path: its kind, its owner, whether SQLite can be trusted there.

SQLite's locks need working POSIX locks, and its write-ahead log needs shared memory between all
processes that use the file; network file systems give neither reliably
(sqlite.org/wal.html: "WAL does not work over a network filesystem"; sqlite.org/howtocorrupt.html
§2.1).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from reslib.errors import printable

__all__ = [
    "expanded",
    "filesystem_type",
    "is_view_of_the_kernel",
    "network_filesystem",
    "where_it_is_instead",
]

#: Types as ``/proc/mounts`` and ``mount`` name them. The last group is no network, but shares
#: a folder with another operating system that keeps its own locks.
_NETWORK = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "ncpfs"}
    | {"afs", "openafs", "auristorfs", "afpfs", "coda", "webdav", "davfs", "davfs2"}
    | {"lustre", "gpfs", "beegfs", "pvfs2", "orangefs", "ceph", "glusterfs", "panfs", "wekafs"}
    | {"gfs2", "ocfs2", "sshfs", "s3fs", "gcsfuse", "rclone", "juicefs", "blobfuse2"}
    | {"9p", "drvfs", "vboxsf", "prl_fs", "vmhgfs", "vmhgfs-fuse", "osxfs", "grpcfuse"}
)

#: Files there are not stored anywhere: some have no end, some wait for ever, some act when read.
_KERNEL = frozenset(
    {"proc", "sysfs", "devtmpfs", "devpts", "devfs", "debugfs", "tracefs", "securityfs", "configfs"}
    | {"cgroup", "cgroup2", "bpf", "pstore", "efivarfs", "mqueue", "fusectl", "binfmt_misc"}
    | {"selinuxfs", "smackfs", "nsfs", "rpc_pipefs", "procfs", "linprocfs", "fdescfs"}
)


def expanded(text: str) -> Path:
    """Return a path with ``~`` as somebody's home; as it is where nobody of that name is known.

    Names that begin with ``~`` are names of files as well, such as Word's ``~$paper.docx``.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def where_it_is_instead(text: str) -> str:
    """Return words about a relative path that does not exist, empty for an absolute one.

    A notebook stands in its own folder, so that a path that is right in one is wrong in another.

    Parameters
    ----------
    text
        The path as it was given.

    Returns
    -------
    str
        Where it was looked for, and whether it is in a folder above that one.
    """
    path, here = expanded(text), Path.cwd()
    if path.is_absolute():
        return ""
    words = f". A relative path begins in the current folder, {printable(str(here))}"
    for steps, above in enumerate(here.parents, 1):
        if os.path.exists(above / path):  # noqa: PTH110 - a Path raises over a name too long
            other = Path(*[".."] * steps, path)
            return f"{words}; from there it is {printable(str(other))!r}"
    return words


def network_filesystem(path: str | os.PathLike[str]) -> str | None:
    """Return the type of the file system of *path* when SQLite is unsafe there.

    Parameters
    ----------
    path
        A file or folder; it may not exist yet.

    Returns
    -------
    str or None
        For instance ``"nfs4"`` or ``"fuse.sshfs"``; None for local disks, and for what cannot
        be told.
    """
    kind = filesystem_type(path)
    if kind is None or kind.lower().removeprefix("fuse.") not in _NETWORK:
        return None
    return kind


def is_view_of_the_kernel(path: str | os.PathLike[str]) -> bool:
    """Return whether *path* is on a file system that shows the running system: ``/proc``, ``/sys``.

    False when it cannot be told.
    """
    return filesystem_type(path) in _KERNEL


def filesystem_type(path: str | os.PathLike[str]) -> str | None:
    """Return the type of the file system that *path* is on, None when it cannot be told."""
    import psutil  # here: it takes longer to import than most of reslib

    try:
        mounts = [(m.mountpoint, m.fstype) for m in psutil.disk_partitions(all=True)]
    except (OSError, RuntimeError, psutil.Error):
        return None  # a container may hide its mounts
    return type_among(expanded(os.fspath(path)).resolve(), mounts)


def type_among(path: PurePosixPath | Path, mounts: Iterable[tuple[str, str]]) -> str | None:
    """Return the type of the mount that holds *path*.

    Parameters
    ----------
    path
        Absolute, without symbolic links.
    mounts
        Mount points with their types, in the order in which they were mounted: of several
        on one folder (``autofs`` under ``nfs``) the last is the one that is seen.
    """
    best, depth = None, -1
    for point, kind in mounts:
        parts = len(PurePosixPath(point).parts)
        if parts >= depth and path.is_relative_to(point):
            best, depth = kind, parts
    return best
