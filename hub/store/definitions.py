"""Definitions as published: append-only, each document as it was written. What runs is the Catalog built from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection, select

from hub.registry.documents import Document, parse_csv, parse_yaml
from hub.registry.overlay import identities, overlay
from hub.store.ledger_tables import definition


@dataclass(frozen=True, slots=True)
class Written:
    """A definition file: its name (relative, with the folder that says what it is) and its text."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def document(self) -> Document:
        """Raises ``YibiaoError`` INVALID with file and line."""
        return _parsed(self.name, self.text)


@lru_cache(maxsize=1024)
def _parsed(name: str, text: str) -> Document:
    """Parsed once in a process: publishing and opening read the same documents several times."""
    if name.endswith(".csv"):
        return parse_csv(text, name, name.rsplit("/", 1)[-1].removesuffix(".csv"))
    return parse_yaml(text, name)


def in_force(connection: Connection) -> list[Written]:
    """The documents published so far, oldest first; a later one of the same name replaced the earlier."""
    rows = connection.execute(select(definition.c.name, definition.c.content).order_by(definition.c.id))
    latest: dict[str, str] = {}
    for row in rows:
        latest.pop(row.name, None)
        latest[row.name] = row.content
    return [Written(name, text) for name, text in latest.items()]


def forms_ever(connection: Connection) -> list[Document]:
    """Every form as it was published, in each of its versions, oldest first."""
    chosen = select(definition.c.name, definition.c.content).where(definition.c.kind == "Form").order_by(definition.c.id)
    return [Written(row.name, row.content).document() for row in connection.execute(chosen)]


def laid_over(base: Iterable[Written], new: Iterable[Written]) -> list[Document]:
    """What would be in force with ``new`` published over ``base``."""
    new = list(new)
    names = {written.name for written in new}
    return overlay(standing(written for written in base if written.name not in names), [written.document() for written in new])


def standing(base: Iterable[Written]) -> list[Document]:
    """Published documents, oldest first, without what later ones of another name define anew."""
    documents = [written.document() for written in base]
    times = Counter(identity for document in documents for identity in identities(document))
    if not times or max(times.values()) == 1:
        return documents
    folded: list[Document] = []
    for document in documents:
        folded = overlay(folded, [document])
    return folded


def known_as(base: Iterable[Written], documents: Iterable[Written]) -> list[Written]:
    """The documents under the names of those in force that define the same: a file may be published from another folder."""
    names = {frozenset(identities(written.document())): written.name for written in base}
    names.pop(frozenset(), None)
    return [replace(written, name=names.get(frozenset(identities(written.document())), written.name)) for written in documents]


def add(connection: Connection, new: Sequence[Written], known: int, now: int, by: str) -> None:
    """Write down that these documents hold from now on."""
    for written in new:
        document = written.document()
        connection.execute(
            definition.insert().values(
                kind=document.kind, name=written.name, version=str(document.data.get("version", "")), file=written.name,
                content=written.text, digest=written.digest, known=known, published_at=now, published_by=by,
            )
        )  # fmt: skip


def history(connection: Connection, name: str) -> list[dict[str, object]]:
    """The published versions of one document, oldest first, without their text."""
    columns = (definition.c.id, definition.c.version, definition.c.digest, definition.c.published_at, definition.c.published_by)
    chosen = select(*columns).where(definition.c.name == name).order_by(definition.c.id)
    return [dict(row) for row in connection.execute(chosen).mappings()]
