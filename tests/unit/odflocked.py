"""OpenDocument files with a password, encrypted as LibreOffice does in each of its ways."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
import zlib

from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from odfparts import ODF, TEXT, p, root

from reslib.extractors.odf.odfunlock import _feedback

WAYS = ("blowfish", "aes-cbc", "argon2")
_ROUNDS = 1000
_XMLENC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
_SHA256 = "http://www.w3.org/2000/09/xmldsig#sha256"
_EXTENSION = "urn:org:documentfoundation:names:experimental:office:manifest"


def locked(words: str, password: str, way: str = "aes-cbc") -> bytes:
    """Return a text document that is encrypted in a way."""
    content = root(
        "document-content", f"<office:body><office:text>{p(words)}</office:text></office:body>"
    )
    parts = {"content.xml": content.encode(), "meta.xml": root("document-meta", "").encode()}
    if way == "argon2":  # the whole package is one part
        return _package({"encrypted-package": _package(parts, {})}, {}, password, way)
    return _package(parts, {"Pictures/a.png": b"noise"}, password, way)


def _package(
    parts: dict[str, bytes], plain: dict[str, bytes], password: str = "", way: str = ""
) -> bytes:
    made, entries = io.BytesIO(), []
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", TEXT)
        for name, data in {**parts, **plain}.items():
            said = ""
            if way and name in parts:
                data, said = _encrypted(data, password.encode(), way)
            archive.writestr(name, data)
            entries.append(f'<file-entry full-path="{name}">{said}</file-entry>')
        entries.insert(0, f'<file-entry full-path="/" media-type="{TEXT}"/>')
        text = "".join(entries).replace(" ", " m:").replace("<", "<m:").replace("<m:/", "</m:")
        archive.writestr(
            "META-INF/manifest.xml", f'<m:manifest xmlns:m="{ODF}:manifest:1.0">{text}</m:manifest>'
        )
    return made.getvalue()


def _encrypted(data: bytes, password: bytes, way: str) -> tuple[bytes, str]:
    salt, vector = os.urandom(16), os.urandom({"blowfish": 8, "aes-cbc": 16, "argon2": 12}[way])
    if way == "argon2":
        start = hashlib.sha256(password).digest()
        key = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=64).derive(start)
        derived = f"{_EXTENSION}:argon2id"
        numbers = 'argon2-iterations="1" argon2-memory="64" argon2-lanes="1"'
        locked = vector + AESGCM(key).encrypt(vector, data, None)
        return locked, _said(
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            vector,
            derived,
            salt,
            f'key-size="32" {numbers}',
        )
    pack = zlib.compressobj(wbits=-15)
    packed = pack.compress(data) + pack.flush()
    rounds = f'iteration-count="{_ROUNDS}"'
    if way == "blowfish":
        start = hashlib.sha1(password).digest()
        key = hashlib.pbkdf2_hmac("sha1", start, salt, _ROUNDS, 16)
        step = Cipher(Blowfish(key), _feedback(vector)).encryptor()
        check = base64.b64encode(hashlib.sha1(packed[:1024]).digest()).decode()
        said = _said(
            "Blowfish CFB",
            vector,
            "PBKDF2",
            salt,
            rounds,
            f'checksum-type="SHA1/1K" checksum="{check}"',
        )
        return step.update(packed) + step.finalize(), said
    key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(password).digest(), salt, _ROUNDS, 32)
    filled = 16 - len(packed) % 16
    padded = packed + os.urandom(filled - 1) + bytes([filled])
    blocks = Cipher(AES(key), modes.CBC(vector)).encryptor()
    check = base64.b64encode(hashlib.sha256(packed[:1024]).digest()).decode()
    kind = f"{ODF}:manifest:1.0#sha256-1k"
    said = _said(
        _XMLENC,
        vector,
        "PBKDF2",
        salt,
        f'key-size="32" {rounds}',
        f'checksum-type="{kind}" checksum="{check}"',
    )
    return blocks.update(padded) + blocks.finalize(), said


def _said(
    algorithm: str, vector: bytes, derived: str, salt: bytes, numbers: str, check: str = ""
) -> str:
    kind = ""
    if algorithm != "Blowfish CFB":
        kind = f'<start-key-generation start-key-generation-name="{_SHA256}" key-size="32"/>'
    begins, salted = (base64.b64encode(data).decode() for data in (vector, salt))
    name = algorithm.replace(" ", "&#32;")
    return (
        f"<encryption-data{check and f' {check}'}>"
        f'<algorithm algorithm-name="{name}" initialisation-vector="{begins}"/>{kind}'
        f'<key-derivation key-derivation-name="{derived}" salt="{salted}" {numbers}/>'
        "</encryption-data>"
    )
