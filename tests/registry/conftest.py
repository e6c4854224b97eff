"""The shipped definitions, read once; tests lay their changes over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hub.core.errors import YibiaoError
from hub.registry.build import assemble, build
from hub.registry.definitions import definition_roots
from hub.registry.documents import Document, parse_yaml
from hub.registry.load import read_documents
from hub.registry.model import Catalog
from hub.registry.overlay import overlay

Rewrite = Callable[..., Document]


@pytest.fixture(scope="session")
def shipped() -> list[Document]:
    return read_documents(definition_roots())


@pytest.fixture(scope="session")
def catalog(shipped: list[Document]) -> Catalog:
    return build(shipped)


@pytest.fixture(scope="session")
def rewrite() -> Rewrite:
    """A shipped file with some of its text replaced: ``rewrite("contracts/health/maternity.yaml", (old, new), ...)``."""
    schemas, contracts = definition_roots()

    def rewritten(path: str, *changes: tuple[str, str]) -> Document:
        root, rest = path.split("/", 1)
        text = ((schemas if root == "schemas" else contracts) / rest).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{path} does not hold {old!r}"
            text = text.replace(old, new, 1)
        return parse_yaml(text, path)

    return rewritten


@pytest.fixture(scope="session")
def mistakes(shipped: list[Document]) -> Callable[..., list[YibiaoError]]:
    """The mistakes of the shipped definitions with these documents laid over them."""

    def found(*documents: Document) -> list[YibiaoError]:
        return assemble(overlay(shipped, documents))[1]

    return found


@pytest.fixture(scope="session")
def changed(shipped: list[Document]) -> Callable[..., Catalog]:
    """The Catalog of the shipped definitions with these documents laid over them."""

    def built(*documents: Document) -> Catalog:
        return build(overlay(shipped, documents))

    return built


def codes(errors: Sequence[YibiaoError]) -> list[str]:
    return [error.code.removeprefix("registry_") for error in errors]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
