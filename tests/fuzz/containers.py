"""Documents from bytes that hold others: archives, OpenDocument with a password, old Word files.

Of an archive also what lies in it is taken out, as a child does it.
"""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from docx_bytes import package
from properties import Finding, check_classed, check_document, scratch

from reslib.extractors.kept import only_of
from reslib.extractors.office.doc import check_is_readable
from reslib.extractors.office.recoded import font_encodings
from reslib.extractors.registry import Registry
from reslib.extractors.unlock import unlock
from reslib.items import Child
from reslib.sandbox.inner import take_out
from tests.unit import oleparts
from tests.unit.oleparts import ole

__all__ = [
    "LOCK_WORDS",
    "archive_seeds",
    "locked_seeds",
    "read_archive",
    "read_locked",
    "read_word",
    "word_seeds",
]

_registry = Registry()
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".bin", ".7z", ".rar", ".xz", ".bz2")
#: Of one archive, so many documents are taken out.
_MOST_TAKEN = 3
_MEMBERS = {"2024/paper.txt": b"The ebb." * 9, "a.tex": rb"\input{b}", "b.tex": b"more"}
_LOCKED = (
    '<m:encryption-data m:checksum-type="SHA1/1K" m:checksum="AAAA"><m:algorithm '
    'm:algorithm-name="Blowfish CFB" m:initialisation-vector="7KOzhEsnJsw="/><m:key-derivation '
    'm:key-derivation-name="PBKDF2" m:iteration-count="1" m:salt="z9Jj3/iX"/></m:encryption-data>'
)
_START = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
#: Words of a manifest that random bytes hardly ever hit on.
LOCK_WORDS = tuple(
    word.encode()
    for word in (
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc http://www.w3.org/2009/xmlenc11#aes256-gcm "
        'encrypted-package m:full-path="encrypted-package" m:key-size="32" m:argon2-memory="64" '
        'argon2id m:argon2-iterations="1" m:argon2-lanes="1" m:checksum="" sha256-1k content.xml'
    ).split(" ")
)


def read_archive(data: bytes) -> None:
    """Read an archive, and what it says lies in it."""
    kind, content = (data[0] if data else 0), data[1:]
    path = scratch("box" + _SUFFIXES[kind % len(_SUFFIXES)])
    path.write_bytes(content)
    only_of(path)
    result = check_document(path)
    only_of(Path())
    if result is None:
        return
    names = [item.name for item in result.items if isinstance(item, Child)]
    for name in itertools.islice(names, _MOST_TAKEN):
        with tempfile.TemporaryDirectory() as folder:

            def take(name: str = name, folder: str = folder) -> object:
                return take_out(path, [name], _registry, Path(folder), ["right"])

            file = check_classed(take)
            if isinstance(file, Path) and Path(folder) not in file.resolve().parents:
                raise Finding(f"{name!r} was taken out to {file}")
    only_of(Path())


def archive_seeds() -> list[bytes]:
    """Return archives of each kind, each after a byte that says its suffix."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, data in _MEMBERS.items():
            archive.writestr(name, data)
    taped = {}
    for mode in ("w", "w:gz", "w:xz", "w:bz2"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode) as archive_:
            for name, data in _MEMBERS.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive_.addfile(entry, io.BytesIO(data))
        taped[mode] = buffer.getvalue()
    seeds = [zipped.getvalue(), *taped.values()]
    return [bytes([number]) + seed for number, seed in enumerate(seeds)] + _foreign_seeds()


def _foreign_seeds() -> list[bytes]:
    if shutil.which("bsdtar") is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        for name, data in _MEMBERS.items():
            Path(folder, name).parent.mkdir(exist_ok=True)
            Path(folder, name).write_bytes(data)
        box = Path(folder, "box.7z")
        command = ["bsdtar", "-c", "-f", str(box), "--format", "7zip", "-C", folder, "2024"]
        subprocess.run(command, check=True, timeout=60)
        return [b"\4" + box.read_bytes(), b"\5Rar!\x1a\x07\0" + bytes(99)]


def read_locked(data: bytes) -> None:
    """Open a document with a password that says of its encryption what the bytes do."""
    path = scratch("locked.odt")
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text"}
    parts |= dict.fromkeys(("content.xml", "encrypted-package"), b"noise " * 50)
    path.write_bytes(package({**parts, "META-INF/manifest.xml": data}))
    check_classed(lambda: unlock(path, ["right", ""], scratch("opened.odt")))


def locked_seeds() -> list[bytes]:
    """Return manifests of documents with a password."""
    entry = f'<m:file-entry m:full-path="content.xml">{_LOCKED}</m:file-entry></m:manifest>'
    return [(_START + entry).encode()]


def read_word(data: bytes) -> None:
    """Look at an old Word document as it is looked at before a program reads it."""
    path = scratch("old.doc")
    stated, stream = data[:400], data[400:]
    path.write_bytes(
        ole({"WordDocument": stream or b"\0", "\x05SummaryInformation": stated or b"\0"})
    )
    check_classed(lambda: list(check_is_readable(path)))
    font_encodings(stream)


def word_seeds() -> list[bytes]:
    """Return summary information, and the main stream of a document."""
    summary = oleparts.summary(title=b"Tides", author=b"Ann; Bo", created=10**9)
    streams = oleparts.word("The ebb.\r" * 40)
    stream = next(value for value in streams.values() if isinstance(value, bytes))
    return [summary.ljust(400, b"\0") + stream]
