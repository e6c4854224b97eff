"""The vault: all cryptography of the hub but the slow hash of passwords (``hub.core.passwords``).

It seals direct identifiers, hashes what is compared (identifiers, rows, tokens) and signs digests of reports. It does not
know what an identifier looks like (``hub.core.identifiers``) or where a blob is kept (``hub.store``).

The keys are in one file outside the database, readable by its owner only; whoever has the database alone can neither read
nor guess an identifier. Three kinds of key, each under an id and the name of its suite:

* sealing keys: the newest seals, all of them open. A blob is ``key id (1 byte) | nonce (12) | ciphertext and tag``. Every
  element has a key of its own, derived from the sealing key, and its name as associated data: a phone number cannot be
  passed off as a bank account. Random 96-bit nonces are safe for 2**32 values per element and key (NIST SP 800-38D 8.3):
  rotate yearly.
* one hashing key: equal texts give equal hashes, for as long as the key table uses it. Rotating the sealing key leaves
  it alone, so that no source row changes.
* signing keys: the newest signs, all of them verify. Public keys may be given to anybody (``public_keys``).

Port to the national algorithms: a suite's name in the key file decides. SM4-GCM would stand in ``_SEALING`` beside
AES-256-GCM (16-byte keys), HMAC-SM3 where BLAKE2b is, SM2 in ``_SIGNING``; blobs carry their key's id, so old and new stand
side by side. SM2 is not in ``cryptography``, and GB/T 39786 expects a certified module behind this interface: software alone
claims no compliance. Only what runs is built.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message

KEY_FILE = "keys.json"
NONCE_BYTES = 12
_HEADER_BYTES = 1 + NONCE_BYTES

KEYS_MISSING = Message(
    "vault_keys_missing", "没有找到密钥文件 {place}。请先运行 yibiao init，或把密钥备份放回原处。",
    "There is no key file at {place}. Run yibiao init first, or put the backup of the keys back.",
)  # fmt: skip
KEYS_EXIST = Message(
    "vault_keys_exist", "密钥文件 {place} 已经存在，不会覆盖：丢失密钥即丢失数据。",
    "The key file {place} is already there and is never overwritten: without its keys the data is lost.",
)  # fmt: skip
KEYS_UNUSABLE = Message(
    "vault_keys_unusable", "密钥文件 {place} 不可用：{reason}。请从备份恢复。",
    "The key file {place} cannot be used: {reason}. Restore it from the backup.",
)  # fmt: skip
KEYS_EXPOSED = Message(
    "vault_keys_exposed", "密钥文件 {place} 可以被其他用户读取。请运行 chmod 600 {place}。",
    "Other users can read the key file {place}. Run chmod 600 {place}.",
)  # fmt: skip
CANNOT_OPEN = Message(
    "vault_cannot_open", "数据元 {element} 的密文（密钥 {key}）无法解开：密钥不对，或密文被改动。请运行 yibiao doctor。",
    "A sealed value of {element} (key {key}) does not open: the key is wrong or the value was tampered with. Run yibiao doctor.",
)  # fmt: skip


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


_SEALING: dict[str, Callable[[bytes], _Aead]] = {"AES-256-GCM": AESGCM}
_HASHING = ("BLAKE2b",)
_SIGNING = ("Ed25519",)


@dataclass(frozen=True, slots=True)
class Key:
    """One secret of 32 bytes under an id (1 to 255) and a suite. Its repr does not show the secret."""

    id: int
    suite: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the key file holds; the last of each list is the newest."""

    sealing: tuple[Key, ...]
    hashing: tuple[Key, ...]
    signing: tuple[Key, ...]


class Vault:
    """Seals, opens, hashes and signs. Made by ``open_folder`` or ``create``; safe to share between threads."""

    def __init__(self, keys: Keys, path: Path) -> None:
        self._path = path
        self._use(keys)

    def _use(self, keys: Keys) -> None:
        self._keys = keys
        self._sealers: dict[tuple[int, str], _Aead] = {}
        self._hash_keys: dict[str, bytes] = {}

    # Key file -----------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Path | str) -> Vault:
        """A vault with new keys in ``folder``; REFUSED where a key file already is (keys are never overwritten)."""
        path = Path(folder) / KEY_FILE
        keys = Keys(
            sealing=(Key(1, "AES-256-GCM", os.urandom(32)),),
            hashing=(Key(1, "BLAKE2b", os.urandom(32)),),
            signing=(Key(1, "Ed25519", os.urandom(32)),),
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        written = _write_beside(path, keys)
        try:
            os.link(written, path)  # unlike a rename, a link never replaces what another process made meanwhile
        except FileExistsError as error:
            raise YibiaoError(Kind.REFUSED, KEYS_EXIST, place=str(path)) from error
        finally:
            written.unlink()
        return cls(keys, path)

    @classmethod
    def open_folder(cls, folder: Path | str) -> Vault:
        """The vault whose keys are in ``folder``. NOT_FOUND without a key file, INVALID for one that is damaged, REFUSED for
        one that other users of the machine can read."""
        path = Path(folder) / KEY_FILE
        return cls(_read(path), path)

    def rotate(self) -> int:
        """Add a sealing key and a signing key and use them from now on; older ones keep opening and verifying. Gives the new
        key id. Other processes take the new keys up when they meet the first blob sealed with them."""
        keys = _read(self._path)
        number = keys.sealing[-1].id + 1
        if number > 255:
            raise YibiaoError(Kind.REFUSED, KEYS_UNUSABLE, place=str(self._path), reason="all 255 key ids are used")
        keys = replace(
            keys,
            sealing=(*keys.sealing, Key(number, "AES-256-GCM", os.urandom(32))),
            signing=(*keys.signing, Key(keys.signing[-1].id + 1, "Ed25519", os.urandom(32))),
        )
        os.replace(_write_beside(self._path, keys), self._path)
        self._use(keys)
        return number

    # Sealing ------------------------------------------------------------------------------------------------------

    def seal(self, element: str, texts: Sequence[str | None]) -> list[bytes | None]:
        """One blob per text, null for null. Equal texts give different blobs: compare by ``hash``, never by blob."""
        key = self._keys.sealing[-1]
        encrypt = self._sealer(key, element).encrypt
        bound = element.encode()
        head = bytes((key.id,))
        noise = os.urandom(NONCE_BYTES * len(texts))
        blobs: list[bytes | None] = []
        add = blobs.append
        start = 0
        for text in texts:
            if text is None:
                add(None)
                continue
            nonce = noise[start : start + NONCE_BYTES]
            start += NONCE_BYTES
            add(head + nonce + encrypt(nonce, text.encode(), bound))
        return blobs

    def open(self, element: str, blobs: Sequence[bytes | None]) -> list[str | None]:
        """The texts that ``seal`` was given for this element; raises INVALID ``vault_cannot_open`` for a blob of another
        element, of an unknown key, or that was changed."""
        bound = element.encode()
        openers: dict[int, Callable[[bytes, bytes, bytes | None], bytes]] = {}
        texts: list[str | None] = []
        add = texts.append
        for blob in blobs:
            if blob is None:
                add(None)
                continue
            number = blob[0] if blob else 0
            decrypt = openers.get(number)
            if decrypt is None:
                decrypt = openers[number] = self._sealer(self._sealing_key(number, element), element).decrypt
            try:
                add(decrypt(blob[1:_HEADER_BYTES], blob[_HEADER_BYTES:], bound).decode())
            except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
                raise YibiaoError(Kind.INVALID, CANNOT_OPEN, element=element, key=number) from error
        return texts

    def _sealing_key(self, number: int, element: str) -> Key:
        for key in self._keys.sealing:
            if key.id == number:
                return key
        newer = _read(self._path)  # another process may have rotated since this one started
        for key in newer.sealing:
            if key.id == number:
                self._use(newer)
                return key
        raise YibiaoError(Kind.INVALID, CANNOT_OPEN, element=element, key=number)

    def _sealer(self, key: Key, element: str) -> _Aead:
        sealer = self._sealers.get((key.id, element))
        if sealer is None:
            sealer = _SEALING[key.suite](_derive(key.secret, "seal", element))
            self._sealers[key.id, element] = sealer
        return sealer

    # Hashing ------------------------------------------------------------------------------------------------------

    def hash(self, space: str, texts: Sequence[str | None]) -> list[str | None]:
        """22 characters of base64url (128 bits) per text, null for null; the same text in another ``space`` gives another
        hash. Two subjects' keys are one subject exactly if their hashes in the entity's space are equal."""
        present = [text.encode() for text in texts if text is not None]
        hashes = self._digests("hash:" + space, present)
        if len(present) == len(texts):
            return list(hashes)
        following = iter(hashes)
        return [None if text is None else next(following) for text in texts]

    def fingerprint(self, rows: Sequence[str | bytes]) -> list[str]:
        """22 characters per row: two rows with the same fingerprint are equal. Keyed, for rows are taken before sealing."""
        return self._digests("fingerprint", [row.encode() if isinstance(row, str) else row for row in rows])

    def token_digest(self, token: str) -> str:
        """What is stored of a token. Tokens are random (``new_token``), so that no slow hash is needed."""
        return self._digests("token", [token.encode()])[0]

    def _digests(self, domain: str, texts: list[bytes]) -> list[str]:
        secret = self._hash_keys.get(domain)
        if secret is None:
            secret = self._hash_keys[domain] = _derive(self._keys.hashing[-1].secret, "hash", domain)
        start = blake2b(digest_size=16, key=secret).copy
        parts: list[bytes] = []
        add = parts.append
        for text in texts:
            state = start()
            state.update(text)
            add(state.digest())
        # 16 bytes and 2 of padding are exactly 24 characters, so that one call encodes them all.
        joined = urlsafe_b64encode(b"".join([digest + b"\0\0" for digest in parts])).decode("ascii")
        return [joined[at : at + 22] for at in range(0, len(joined), 24)]

    # Signing ------------------------------------------------------------------------------------------------------

    def sign(self, digest: bytes) -> str:
        """The signature of a digest (``digest_of``) as ``<key id>:<base64>``."""
        key = self._keys.signing[-1]
        return f"{key.id}:{b64encode(Ed25519PrivateKey.from_private_bytes(key.secret).sign(digest)).decode('ascii')}"

    def verify(self, digest: bytes, signature: str) -> bool:
        """Whether one of this hub's keys gave ``signature`` to exactly this digest."""
        number, _, encoded = signature.partition(":")
        public = self.public_keys().get(number)
        if public is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(b64decode(public)).verify(b64decode(encoded, validate=True), digest)
        except (InvalidSignature, ValueError):
            return False
        return True

    def public_keys(self) -> dict[str, str]:
        """Key id -> base64 of the raw public key, for whoever checks a signature elsewhere."""
        return {
            str(key.id): b64encode(Ed25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw()).decode("ascii")
            for key in self._keys.signing
        }


def digest_of(content: bytes) -> bytes:
    """SHA-256: the digest of a frozen report, which anybody can recompute."""
    return sha256(content).digest()


def new_token() -> str:
    """A token of 256 random bits, shown once; only its ``token_digest`` is stored."""
    return "yb_" + secrets.token_urlsafe(32)


def _derive(secret: bytes, purpose: str, name: str) -> bytes:
    """A key of 32 bytes for one purpose and name: keyed BLAKE2b as a key derivation function."""
    return blake2b(name.encode(), digest_size=32, key=secret, person=purpose.encode()).digest()


def _write_beside(path: Path, keys: Keys) -> Path:
    """A complete, synced key file beside ``path``; mkstemp gives it permission 0600 from the start."""
    text = json.dumps(
        {
            kind: [{"id": key.id, "suite": key.suite, "secret": b64encode(key.secret).decode("ascii")} for key in listed]
            for kind, listed in (("sealing", keys.sealing), ("hashing", keys.hashing), ("signing", keys.signing))
        },
        indent=2,
    )
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _read(path: Path) -> Keys:
    try:
        with path.open(encoding="ascii") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise YibiaoError(Kind.REFUSED, KEYS_EXPOSED, place=str(path))
            content: Any = json.load(file)
        keys = Keys(*(tuple(_key(entry, suites) for entry in content[kind]) for kind, suites in _SUITES.items()))
    except FileNotFoundError as error:
        raise YibiaoError(Kind.NOT_FOUND, KEYS_MISSING, place=str(path)) from error
    except OSError as error:
        raise YibiaoError(Kind.INVALID, KEYS_UNUSABLE, place=str(path), reason=error.strerror or "unreadable") from error
    except (ValueError, KeyError, TypeError) as error:  # the error's own text could show a part of a key
        raise YibiaoError(Kind.INVALID, KEYS_UNUSABLE, place=str(path), reason="its content is damaged") from error
    if not (keys.sealing and keys.hashing and keys.signing):
        raise YibiaoError(Kind.INVALID, KEYS_UNUSABLE, place=str(path), reason="a kind of key is missing")
    return keys


_SUITES: dict[str, tuple[str, ...]] = {"sealing": tuple(_SEALING), "hashing": _HASHING, "signing": _SIGNING}


def _key(entry: dict[str, Any], suites: tuple[str, ...]) -> Key:
    key = Key(int(entry["id"]), str(entry["suite"]), b64decode(entry["secret"], validate=True))
    if key.suite not in suites or len(key.secret) != 32 or not 1 <= key.id <= 255:
        raise ValueError
    return key
