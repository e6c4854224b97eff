"""Definition files to a Catalog: the only place of the registry that reads files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hub.core.errors import YibiaoError
from hub.registry.build import build
from hub.registry.documents import Document, files_below, merge_errors, read_file
from hub.registry.model import Catalog


def load(paths: Sequence[Path]) -> Catalog:
    """The Catalog of all definition files (YAML, CSV) at or below ``paths``; raises as ``build`` does."""
    return build(read_documents(paths))


def read_documents(paths: Sequence[Path]) -> list[Document]:
    """All files as documents. Raises one ``YibiaoError`` with a detail for every file that cannot be read."""
    documents: list[Document] = []
    errors: list[YibiaoError] = []
    for path in files_below(paths):
        try:
            documents.append(read_file(path))
        except YibiaoError as error:
            errors.append(error)
    if errors:
        raise merge_errors(errors)
    return documents
