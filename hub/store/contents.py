"""The content of a report as it is stored: compressed and sealed, for it names people."""

from __future__ import annotations

import base64
import zlib

from hub.core.vault import Vault


def seal_content(vault: Vault, element: str, content: bytes) -> bytes:
    """``element``: what the content is kept as; it opens as that alone."""
    (sealed,) = vault.seal(element, [base64.b64encode(zlib.compress(content, 6)).decode()])
    assert sealed is not None
    return sealed


def open_content(vault: Vault, element: str, sealed: bytes) -> bytes:
    """The content that was sealed."""
    (text,) = vault.open(element, [sealed])
    return zlib.decompress(base64.b64decode(text or ""))
