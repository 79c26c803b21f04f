"""Watches from outside what a pool's child processes use, reach and touch. Linux only.

Four looks, each with what it can show:

- The memory of each child together with all it started, and open sockets, some twenty times a
  second from ``/proc``. A connection that is refused at once is too short for that.
- A listener at the addresses that hostile documents name. It sees every connection to them, by
  native libraries too; none to other addresses.
- An audit hook (PEP 578) in each child writes down the connections, programs and files that
  Python code opens. It does not see what native libraries do.
- The files of whole folders before and after.

What native libraries open is left to those who want to know more:
``strace -f --seccomp-bpf -e trace=%network,%file,%process python tests/endurance/hostile.py ...``
"""

from __future__ import annotations

import os
import select
import socket
import stat
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["Listener", "Watch", "audit_log", "install_audit", "snapshot"]

_INTERVAL = 0.02
_MB = 1 << 20

#: Runs at the start of every Python process that finds it on its path. The file is opened first,
#: and by number: what a sandbox forbids later does not matter.
_AUDIT = """
import os, sys
_seen = set()
_file = os.open({log!r} + str(os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg",
            "socket.getaddrinfo", "socket.gethostbyname")
_CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
            "os.truncate", "os.chmod", "os.chown", "os.utime", "shutil.")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn")

def _hook(event, arguments):
    if event == "open":
        what, mode, flags = arguments
        if isinstance(what, int):
            return
        write = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        kind = "write" if write else "read"
    elif event.startswith(_NETWORK):
        kind, what = "network", arguments
    elif event.startswith(_CHANGES):
        # What a link leads to is not changed. rmtree() removes names in a folder that it has open.
        kind, what = "change", arguments[event in ("os.symlink", "os.link")]
        if event in ("os.remove", "os.rmdir") and arguments[1] >= 0:
            what = os.path.join(os.readlink("/proc/self/fd/%d" % arguments[1]), os.fsdecode(what))
    elif event.startswith(_STARTS):
        kind, what = "start", arguments[0]
    else:
        return
    try:
        what = os.fsdecode(what)
    except TypeError:
        what = repr(what)
    line = kind + "\\t" + ascii(what) + "\\n"
    if line not in _seen:
        _seen.add(line)
        os.write(_file, line.encode("ascii"))

sys.addaudithook(_hook)
"""


def install_audit(folder: Path) -> None:
    """Have every Python process that this one starts write down what it opens.

    Parameters
    ----------
    folder
        For the hook and its logs.
    """
    folder.mkdir()
    code = _AUDIT.format(log=str(folder / "log-"))
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), before)))


def audit_log(folder: Path) -> set[tuple[str, str]]:
    """Return what the hooks wrote: pairs of kind and object, as :func:`ascii` writes it."""
    lines = [line for log in folder.glob("log-*") for line in log.read_text("ascii").splitlines()]
    return {(kind, what) for kind, _, what in (line.partition("\t") for line in lines)}


class Listener:
    """Counts what arrives at a port of the loopback address, by TCP and UDP.

    Parameters
    ----------
    port
        The port.

    Raises
    ------
    OSError
        It cannot be bound: below 1024 only root may, or who was given the capability.
    """

    def __init__(self, port: int) -> None:
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            for end in (self._tcp, self._udp):
                end.bind(("127.0.0.1", port))
            self._tcp.listen(64)
        except OSError:
            self.close()
            raise
        self.port = self._tcp.getsockname()[1]

    def count(self) -> int:
        """Return how many connections and datagrams have come since the last call."""
        number = 0
        while ready := select.select([self._tcp, self._udp], [], [], 0)[0]:
            for end in ready:
                if end is self._tcp:
                    end.accept()[0].close()
                else:
                    end.recvfrom(65536)
                number += 1
        return number

    def close(self) -> None:
        """Close both sockets."""
        self._tcp.close()
        self._udp.close()


class Watch:
    """Looks at the children of this process, again and again, in a thread.

    Parameters
    ----------
    label
        Gives what is going on at the moment, to remember with a finding.
    """

    def __init__(self, label: Callable[[], str]) -> None:
        self._label = label
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        #: Largest resident memory of one child with all it started, in MB, and the label then.
        self.peak_mb, self.peak_label = 0.0, ""
        #: The most processes in such a family.
        self.family = 0
        #: Sockets that were seen open in a child.
        self.sockets: set[str] = set()
        self.looks = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_INTERVAL):
            self.looks += 1
            for child in _children(os.getpid()):
                family = [child]
                for member in family:
                    family += _children(member)
                size = sum(_resident_mb(member) for member in family)
                if size > self.peak_mb:
                    self.peak_mb, self.peak_label = size, self._label()
                self.family = max(self.family, len(family))
                for member in family:
                    if not _is_copy_of(os.getpid(), member) and _has_socket(member):
                        self.sockets.add(self._label())


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            text = Path(f"/proc/{pid}/task/{thread}/children").read_text("ascii")
            found += [int(word) for word in text.split()]
    except OSError:
        pass  # it has just ended
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / _MB


def _is_copy_of(parent: int, pid: int) -> bool:
    """True for a process that has not begun its program yet: it still has its parent's files."""
    lines = []
    for each in (parent, pid):
        try:
            lines.append(Path(f"/proc/{each}/cmdline").read_bytes())
        except OSError:
            return True  # it has just ended
    return lines[0] == lines[1]


def _has_socket(pid: int) -> bool:
    """Whether a process has a socket open; a child that has not begun yet has those of this one."""
    folder = f"/proc/{pid}/fd"
    own = Path("/proc/self/cmdline").read_bytes()
    try:
        if Path(f"/proc/{pid}/cmdline").read_bytes() == own:
            return False
        for number in os.listdir(folder):  # noqa: PTH208
            if os.readlink(f"{folder}/{number}").startswith("socket:"):  # noqa: PTH115
                return True
    except OSError:
        pass
    return False


def snapshot(folders: Iterable[Path], leave_out: Iterable[Path]) -> dict[bytes, tuple[int, ...]]:
    """Return kind, size and times of all files in some folders. Links are not followed.

    Parameters
    ----------
    folders
        Where to look; a path that is not there is none.
    leave_out
        Files and folders to pass over.

    Returns
    -------
    dict
        By path. The times of folders are left out: a file that comes and goes changes them.
    """
    found: dict[bytes, tuple[int, ...]] = {}
    passed = {os.fsencode(path) for path in leave_out}
    waiting = [os.fsencode(folder) for folder in folders]
    while waiting:
        path = waiting.pop()
        if path in passed:
            continue
        try:
            info = os.lstat(path)
        except OSError:
            continue
        if not stat.S_ISDIR(info.st_mode):
            found[path] = (info.st_mode, info.st_size, info.st_mtime_ns, info.st_ino)
            continue
        found[path] = (info.st_mode,)
        try:
            waiting += [os.path.join(path, name) for name in os.listdir(path)]  # noqa: PTH118, PTH208
        except OSError:
            continue  # not even this user may look
    return found
