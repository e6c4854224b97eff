"""Documents to one Catalog: read, checked against one another, and refused with every mistake at once."""

from __future__ import annotations

from collections.abc import Iterable

from hub.core.errors import YibiaoError
from hub.registry import load_forms, shapes
from hub.registry.cross_checks import problems
from hub.registry.documents import Document, merge_errors
from hub.registry.load_contracts import read_contracts
from hub.registry.load_dictionary import read_code_lists, read_crosswalks, read_elements, read_entities
from hub.registry.load_successions import read_successions
from hub.registry.model import Catalog


def build(documents: Iterable[Document]) -> Catalog:
    """The Catalog of these documents together.

    Raises ``YibiaoError`` (``registry_definitions``) whose ``details`` are all mistakes found, each with file, line,
    what is wrong and what to do.
    """
    catalog, errors = assemble(documents)
    if errors:
        raise merge_errors(errors)
    return catalog


def assemble(documents: Iterable[Document]) -> tuple[Catalog, list[YibiaoError]]:
    """The Catalog as far as it can be read, and what is wrong with it; badly shaped documents are left out of it."""
    errors: list[YibiaoError] = []
    sound: list[Document] = []
    for document in documents:
        found = shapes.check(document)
        errors.extend(found)
        if not found:
            sound.append(document)
    code_lists = read_code_lists(sound, errors)
    catalog = Catalog(
        elements=read_elements(sound, errors),
        entities=read_entities(sound, errors),
        code_lists=code_lists,
        crosswalks=read_crosswalks(sound, code_lists, errors),
        contracts=read_contracts(sound, errors),
        measures=load_forms.read_measures(sound, errors),
        rules=load_forms.read_rules(sound, errors),
        forms=load_forms.read_forms(sound, errors),
        successions=read_successions(sound, code_lists.get("division"), errors),
    )
    if not errors:  # what a missing or misread definition would make wrong elsewhere is not told a hundred times
        errors.extend(problems(catalog))
    return catalog, errors
