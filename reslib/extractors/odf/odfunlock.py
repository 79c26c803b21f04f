"""The opening of OpenDocument files that a password protects (OpenDocument 1.3, part 2, §3.4).

Each part of such a file is packed, then encrypted, and its manifest says how: AES in files since
2011, Blowfish in those before. Since 2024 LibreOffice encrypts the whole package as one part
(its format's extension, with Argon2). A copy is written of what is read: the parts of XML.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.archive import AGAIN, MAX_UNPACKED, Archive

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["is_encrypted", "unlock"]

_MANIFEST, _WHOLE = "META-INF/manifest.xml", "encrypted-package"
_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
#: What is hashed of a part, to tell a right password from a wrong one.
_HASHED = 1024
#: What a document may ask for: rounds, and kibibytes of memory.
_MOST_ROUNDS, _MOST_MEMORY = 10_000_000, 1 << 20
_CBC, _GCM, _BLOWFISH = "aes256-cbc", "aes256-gcm", "blowfish cfb"
_GCM_BEGINS, _BLOCK = 12, 16


def is_encrypted(path: Path) -> bool:
    """True for an OpenDocument file of which parts are encrypted."""
    if not zipfile.is_zipfile(path):
        return False
    with Archive(path) as archive:
        return _MANIFEST in archive and b"encryption-data" in archive.content(_MANIFEST)


def unlock(path: Path, password: str, copy: Path) -> bool:
    """Write a copy of a document that needs no password, without its pictures.

    Parameters
    ----------
    path
        The document.
    password
        What to try.
    copy
        Where to write it.

    Returns
    -------
    bool
        False when it is not the password.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it is encrypted in a way that is not known here; ``malformed`` when what
        it says of that is damaged; ``missing_dependency`` when the package for it is too old.
    ImportError
        There is no such package.
    """
    with Archive(path) as archive:
        found = [_lock_of(entry) for entry in archive.xml(_MANIFEST)]
        locks = {lock.part: lock for lock in found if lock is not None}
        if _WHOLE in locks:
            package = locks[_WHOLE].opened(archive.content(_WHOLE), password)
            if package is not None:
                copy.write_bytes(package)
            return package is not None
        # What is read first tells whether it is the password.
        parts = [part for part in archive.names() if part.endswith(".xml") and part != _MANIFEST]
        parts.sort(key=lambda part: part != "content.xml")
        left = MAX_UNPACKED
        with zipfile.ZipFile(copy, "w") as opened:
            if "mimetype" in archive:
                opened.writestr("mimetype", archive.content("mimetype"))
            for part in parts:
                content: bytes | None = archive.content(part)
                if part in locks:
                    content = locks[part].opened(content or b"", password, left)
                if content is None:
                    return False
                left -= len(content)
                opened.writestr(part, content, zipfile.ZIP_DEFLATED)
    return True


@dataclass(frozen=True, slots=True)
class _Lock:
    """The encryption of one part, as the manifest says it."""

    part: str
    algorithm: str
    vector: bytes
    checksum_type: str
    checksum: bytes
    start_hash: str
    derivation: str
    key_size: int
    salt: bytes
    rounds: int
    #: Of Argon2: memory in kibibytes, and lanes.
    memory: int = 0
    lanes: int = 0

    def opened(self, data: bytes, password: str, most: int = MAX_UNPACKED) -> bytes | None:
        """Return the content of the part; None when it is not the password."""
        packed = _decrypted(self, data, self._key(password))
        if packed is None or not self._is_right(packed):
            return None
        if packed.startswith(b"PK") and self.part == _WHOLE:
            return packed
        unpacker = zlib.decompressobj(-15)
        try:
            content = unpacker.decompress(packed, most)
        except zlib.error as error:
            if not self.checksum:
                return None
            raise _damaged(self.part) from error
        if unpacker.unconsumed_tail:
            raise ExtractionError(
                f"it unpacks to more than {MAX_UNPACKED >> 20} MiB of XML, the most that is read. "
                "Split the document and add its parts",
                ErrorCode.OUTPUT_LIMIT,
            )
        return content

    def _is_right(self, packed: bytes) -> bool:
        if not self.checksum:
            return True
        kind = "sha256" if "sha256" in self.checksum_type else "sha1"
        start = packed[:_HASHED] if self.checksum_type.endswith("1k") else packed
        return hashlib.new(kind, start).digest() == self.checksum

    def _key(self, password: str) -> bytes:
        kind = "sha256" if "sha256" in self.start_hash else "sha1"
        start = hashlib.new(kind, password.encode()).digest()
        if "argon2id" in self.derivation:
            return _argon2(self, start)
        if not self.derivation.endswith("pbkdf2"):
            raise _unknown(self.derivation)
        if not 0 < self.rounds <= _MOST_ROUNDS or not 0 < self.key_size <= 64:
            raise _damaged(self.part)
        return hashlib.pbkdf2_hmac("sha1", start, self.salt, self.rounds, self.key_size)


def _lock_of(entry: etree._Element) -> _Lock | None:
    """Return how a part is encrypted, None when it is not."""
    part = str(entry.get(f"{_NAMESPACE}full-path") or "")
    data = entry.find(f"{_NAMESPACE}encryption-data")
    if data is None:
        return None
    said: dict[str, str] = {}
    for element in (data, *data):
        for name, value in element.attrib.items():
            local = str(name).rpartition("}")[2]
            step = "start-" if str(element.tag).endswith("start-key-generation") else ""
            said[step + local if local == "key-size" else local] = str(value)
    try:
        return _Lock(
            part=part,
            algorithm=said["algorithm-name"].lower(),
            vector=base64.b64decode(said["initialisation-vector"]),
            checksum_type=said.get("checksum-type", "").lower(),
            checksum=base64.b64decode(said.get("checksum", "")),
            start_hash=said.get("start-key-generation-name", "").lower(),
            derivation=said["key-derivation-name"].lower(),
            key_size=int(said.get("key-size", 16)),
            salt=base64.b64decode(said["salt"]),
            rounds=int(said.get("iteration-count", said.get("argon2-iterations", 0))),
            memory=int(said.get("argon2-memory", 0)),
            lanes=int(said.get("argon2-lanes", 0)),
        )
    except (KeyError, ValueError, binascii.Error) as error:
        raise _damaged(part) from error


def _decrypted(lock: _Lock, data: bytes, key: bytes) -> bytes | None:
    """Return the bytes of a part, still packed; None when it is the wrong key."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    try:
        if lock.algorithm.endswith(_GCM):
            if data[:_GCM_BEGINS] != lock.vector:
                raise _damaged(lock.part)
            return AESGCM(key).decrypt(lock.vector, data[_GCM_BEGINS:], None)
        cipher: Cipher[Any]
        if lock.algorithm.endswith(_CBC):
            cipher = Cipher(AES(key), modes.CBC(lock.vector))
        elif lock.algorithm.endswith(_BLOWFISH):
            cipher = Cipher(Blowfish(key), _feedback(lock.vector))
        else:
            raise _unknown(lock.algorithm)
        step = cipher.decryptor()
        opened = step.update(data) + step.finalize()
    except InvalidTag:
        return None
    except ValueError as error:  # sizes that are none
        raise _damaged(lock.part) from error
    if not lock.algorithm.endswith(_CBC):
        return opened
    # The last byte is the number of those that fill the last block (XML Encryption, §5.2).
    filled = opened[-1] if opened else 0
    return opened[:-filled] if 0 < filled <= _BLOCK else None


def _feedback(vector: bytes) -> Any:
    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:  # of older versions
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return CFB(vector)


def _argon2(lock: _Lock, start: bytes) -> bytes:
    if not (0 < lock.memory <= _MOST_MEMORY and 0 < lock.rounds <= 100 and 0 < lock.lanes <= 64):
        raise _damaged(lock.part)
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    except ImportError as error:
        raise ExtractionError(
            "to open it with a password needs a newer version of the package cryptography. Update "
            "it with: pip install --upgrade cryptography",
            ErrorCode.MISSING_DEPENDENCY,
        ) from error
    try:
        made = Argon2id(
            salt=lock.salt,
            length=lock.key_size,
            iterations=lock.rounds,
            lanes=lock.lanes,
            memory_cost=lock.memory,
        )
        return bytes(made.derive(start))
    except UnsupportedAlgorithm as error:
        raise _unknown(lock.derivation) from error
    except ValueError as error:
        raise _damaged(lock.part) from error


def _unknown(name: str) -> ExtractionError:
    return ExtractionError(
        f"it is encrypted in a way that is not known here ({printable(name[-80:])}). Save a copy "
        "without the password and add that",
        ErrorCode.ENCRYPTED,
    )


def _damaged(part: str) -> ExtractionError:
    return ExtractionError(
        f"what it says of the encryption of its part {printable(part[:80])} is damaged. {AGAIN}",
        ErrorCode.MALFORMED,
    )
