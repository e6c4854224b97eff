"""New documents laid over the ones in force: what a file or a request defines replaces what had its name.

Publishing and linting both judge the whole that would be in force afterwards, never a document alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hub.registry.documents import CODE_LIST, CROSSWALK, SUCCESSIONS, Block, Document, Items

Identity = tuple[str, str]

_MANY = {"Elements": "elements", "CodeLists": "lists", "Measures": "measures", "Rules": "rules"}
_ONE = {"Entity": "name", "DataContract": "id", "Form": "id", CODE_LIST: "name", SUCCESSIONS: "name"}


def overlay(base: Iterable[Document], new: Iterable[Document]) -> list[Document]:
    """The documents in force with ``new`` among them: the base without every definition that ``new`` defines, then ``new``."""
    new = list(new)
    replaced = {identity for document in new for identity in identities(document)}
    kept = (_without(document, replaced) for document in base)
    return [document for document in kept if document is not None] + new


def by_age(base: Iterable[Document]) -> Callable[[Document], int]:
    """A key by which new documents are sorted: first what is in force as it is, then what changes something in force, then the
    wholly new. Of two that supply the same, the later one is the one that is told so."""
    base = list(base)
    known = {identity for document in base for identity in identities(document)}

    def age(document: Document) -> int:
        if any(document.kind == one.kind and document.data == one.data for one in base):
            return 0
        return 2 if known.isdisjoint(identities(document)) else 1

    return age


def identities(document: Document) -> Iterator[Identity]:
    """(kind, name) of every definition in a document; nothing for one that is too badly shaped to tell."""
    for name, _ in _definitions(document):
        yield document.kind, name


def _definitions(document: Document) -> Iterator[tuple[str, Any]]:
    data = document.data
    if document.kind in _ONE:
        yield str(data.get(_ONE[document.kind], "")), data
    elif document.kind == CROSSWALK:
        for row in data["rows"]:
            yield f"{row['department']}.{row['list']}", row
    elif isinstance(block := data.get(_MANY.get(document.kind, "")), Block):
        prefix = f"{data.get('entity')}." if document.kind == "Elements" else ""
        for name, value in block.items():
            yield prefix + name, value


def _without(document: Document, replaced: set[Identity]) -> Document | None:
    """The document without the replaced definitions, None if none is left; lines stay those of the file."""
    found = list(_definitions(document))
    kept = [value for name, value in found if (document.kind, name) not in replaced]
    if len(kept) == len(found):
        return document
    if not kept:
        return None
    data = Block(document.data.line)
    data.update(document.data)
    data.lines = document.data.lines
    if document.kind == CROSSWALK:
        rows = Items(1)
        rows.extend(kept)
        rows.lines = [row.line for row in kept]
        data["rows"] = rows
    else:
        key = _MANY[document.kind]
        block = Block(document.data[key].line)
        block.lines = document.data[key].lines
        block.update({name: value for name, value in document.data[key].items() if any(value is one for one in kept)})
        data[key] = block
    return replace(document, data=data)
