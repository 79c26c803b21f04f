"""What a child is refused of the network, and whom it is not refused."""

from __future__ import annotations

import platform
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asked import Asked, needs_seccomp

from reslib.errors import ErrorCode
from reslib.models import ExtractionRequest


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine that says hello, and what it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    heard.append(b"somebody")
                    connection.sendall(b"hello")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


CONNECT = """
import socket
with socket.create_connection(("127.0.0.1", {port}), timeout=5) as connection:
    answer = connection.recv(100).decode()
"""


@needs_seccomp
@pytest.mark.parametrize("writes", [False, True], ids=["own", "registered"])
def test_an_extraction_has_no_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]], writes: bool
) -> None:
    port, heard = server
    failure = ask(CONNECT.format(port=port), writes=writes).failure()
    assert failure.exception_type == "PermissionError"
    assert heard == []


@needs_seccomp
@pytest.mark.parametrize(
    ("writes", "allowed"), [(False, "[]"), (True, "['AF_UNIX']")], ids=["own", "registered"]
)
def test_every_family_of_sockets_is_refused_but_the_local_one_to_registered_extractors(
    ask: Callable[..., Asked], writes: bool, allowed: str
) -> None:
    asked = ask(
        """
import errno, socket
families = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
answer = []
for name, family in sorted(families.items()):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
        except OSError as error:
            if error.errno == errno.EACCES:
                continue
        if name not in answer:
            answer.append(name)
socket.socketpair()
""",
        writes=writes,
    )
    assert asked.answer() == allowed


@needs_seccomp
def test_a_program_that_an_extractor_starts_has_no_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]]
) -> None:
    port, heard = server
    asked = ask(f"""
import subprocess, sys
code = "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
answer = done.stderr.strip().splitlines()[-1]
""")
    assert asked.answer() == "PermissionError: [Errno 13] Permission denied"
    assert heard == []


@needs_seccomp
def test_the_back_doors_to_a_socket_are_shut(ask: Callable[..., Asked]) -> None:
    # io_uring makes sockets without the system call; x32 numbers calls differently.
    x32 = ["0x40000000 | 41, 2, 1, 0"] if platform.machine() == "x86_64" else []
    for call in ["425, 1, ctypes.create_string_buffer(512)", *x32]:
        asked = ask(f"""
import ctypes, errno
syscall = ctypes.CDLL(None, use_errno=True).syscall
result = syscall({call})
answer = result, errno.errorcode[ctypes.get_errno()]
""")
        assert asked.answer() in ("(-1, 'EPERM')", "(-1, 'ENOSYS')")


@needs_seccomp
def test_every_thread_of_a_child_is_confined(ask: Callable[..., Asked]) -> None:
    asked = ask("""
import os, pathlib
threads = list(pathlib.Path("/proc/self/task").iterdir())
answer = len(threads) > 1, {"Seccomp:\\t2" in (t / "status").read_text() for t in threads}
""")
    assert asked.answer() == "(True, {True})"


def test_what_needs_no_network_works_as_ever(ask: Callable[..., Asked]) -> None:
    asked = ask("""
import asyncio, multiprocessing, socket, subprocess
from multiprocessing.connection import Client, Listener
left, right = socket.socketpair()
left.sendall(b"x")
assert right.recv(1) == b"x"
for _ in range(20):  # its workers have to die of SIGTERM; most did by luck
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]

async def later():
    process = await asyncio.create_subprocess_exec("true")
    return await process.wait()

assert asyncio.run(later()) == 0
with Listener(family="AF_UNIX") as listener, Client(listener.address):
    pass
answer = subprocess.run(["echo", "well"], capture_output=True, text=True).stdout.strip()
""")
    assert asked.answer() == "well"


def test_an_extractor_that_says_so_keeps_the_network(
    ask: Callable[..., Asked], server: tuple[int, list[bytes]]
) -> None:
    port, heard = server
    asked = ask(CONNECT.format(port=port), network=True)
    assert asked.answer() == "hello"
    assert heard == [b"somebody"]
    assert asked.sandbox.refused == frozenset()


@needs_seccomp
@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    ],
    ids=["connect", "name", "urlopen"],
)
def test_the_error_of_an_extractor_that_lacks_the_network_says_what_to_do(
    ask: Callable[..., Asked], code: str
) -> None:
    failure = ask(code).failure()
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "it asked for the network, which extractions do not have" in failure.message
    assert "register_extractor(..., network=True)" in failure.message


@needs_seccomp
def test_an_error_that_has_nothing_to_do_with_the_network_does_not_speak_of_it(
    ask: Callable[..., Asked],
) -> None:
    asked = ask("import socket; socket.socketpair(); raise ValueError('odd')")
    assert "network" not in asked.failure().message


@needs_seccomp
def test_only_the_documents_of_such_an_extractor_are_read_with_the_network(
    ask: Callable[..., Asked], tmp_path: Path
) -> None:
    asked = ask("answer = 'asked a server'", network=True)
    text = tmp_path / "notes.txt"
    text.write_text("My own words.")
    for _ in range(2):
        assert asked.answer() == "asked a server"
        assert asked.sandbox.refused == frozenset()
        outcome = asked.sandbox.run(ExtractionRequest(str(text)))
        assert outcome.result is not None
        assert outcome.result.text == "My own words."
        assert "network" in asked.sandbox.refused


@needs_seccomp
def test_a_child_does_not_get_the_network_by_asking_for_it(
    ask: Callable[..., Asked], tmp_path: Path
) -> None:
    ran = tmp_path / "ran-with-network"
    # What a document could do that has taken its child over: speak the protocol.
    asked = ask(f"""
import os, socket, sys
from reslib.sandbox.protocol import Kind, encode
try:
    socket.socket().close()
    open({str(ran)!r}, "w").close()
except OSError:
    pass
os.write(int(sys.argv[2]), encode(Kind.WRONG_CONFINEMENT, {{"attempt": 1, "extractor": "served"}}))
answer = ""
import time
time.sleep(60)
""")
    asked.add("served", "answer = ''", network=True)
    # The newest, so that the first child is confined as it needs.
    asked.registry.add(asked.registry.registered()["own"])
    outcome = asked.sandbox.run(ExtractionRequest(str(asked.path), timeout=30))
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.CRASHED
    assert not ran.exists()
