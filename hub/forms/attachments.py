"""Evidence for objections and signed scans: pictures and PDF files, told by their content and never by their name, sealed on disk in the hub's home."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath

from hub.core.errors import YibiaoError, invalid, not_found
from hub.core.vault import Vault
from hub.forms import objection_messages as m

FOLDER = "evidence"
LARGEST = 10 << 20  # bytes: a telephone's photograph, a scan of some pages
MOST = 10  # files for one objection, or scans of one report
_SEALED_AS = "evidence-file"
_SIGNS = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
KINDS = tuple(_SIGNS)  # media types that are taken


@dataclass(frozen=True, slots=True)
class File:
    """What came: its bare name, its type by its content, its bytes."""

    name: str
    type: str
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def too_large() -> YibiaoError:
    return invalid(m.EVIDENCE_TOO_LARGE, limit=LARGEST >> 20)


def sniffed(name: str, content: bytes) -> File:
    """Raises INVALID ``evidence_type`` for anything but PDF, JPEG and PNG, ``evidence_empty``, ``evidence_too_large``."""
    bare = PurePath(name.replace("\\", "/")).name
    clean = "".join(sign if sign.isprintable() else "_" for sign in bare)[-80:] or "-"
    if not content:
        raise invalid(m.EVIDENCE_EMPTY)
    if len(content) > LARGEST:
        raise too_large()
    kind = next((kind for kind, sign in _SIGNS.items() if content.startswith(sign)), None)
    if kind is None:
        raise invalid(m.BAD_EVIDENCE, name=clean)
    return File(clean, kind, content)


def keep(home: Path, vault: Vault, file: File) -> str:
    """Write it sealed; gives the name that it has on disk."""
    (sealed,) = vault.seal(_SEALED_AS, [base64.b64encode(file.content).decode("ascii")])
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(sealed or b"")
        target.flush()
        os.fsync(target.fileno())
    return name


def drop(home: Path, name: str) -> None:
    """Take away what was kept: its row did not come to be."""
    (home / FOLDER / name).unlink(missing_ok=True)


def read(home: Path, vault: Vault, name: str) -> bytes:
    """Raises NOT_FOUND ``evidence_not_found`` where the file has gone."""
    try:
        sealed = (home / FOLDER / name).read_bytes()
    except FileNotFoundError as error:
        raise not_found(m.NO_EVIDENCE) from error
    (text,) = vault.open(_SEALED_AS, [sealed])
    return base64.b64decode(text or "")
