"""A report's cells in the reader's language. A stored report has Chinese text; any other is made when it is shown."""

from __future__ import annotations

from hub.forms import messages as m
from hub.forms.display import text_of
from hub.forms.indicators import PLACE_ENTITY
from hub.forms.model import Cell
from hub.forms.roster import bound_fields
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, FormField, Section


class Reader:
    """Reads the cells of one section."""

    def __init__(self, catalog: Catalog, section: Section, language: str) -> None:
        self._catalog, self._language = catalog, language
        nodes = {} if language == "zh" else bound_fields(catalog, section.of or PLACE_ENTITY, section.fields)
        self._elements = {name: kind_of(node).element for name, node in nodes.items()}

    def text(self, field: FormField, cell: Cell) -> str:
        if self._language == "zh" or not cell.text:
            return cell.text
        if cell.value is None:  # a text without a value: the title of a total line
            return m.TOTAL.text(self._language)
        element = self._elements.get(field.name)
        if element is None and isinstance(cell.value, str):  # the name of a place, by its code
            return cell.text
        return text_of(self._catalog, cell.value, element, self._language)
