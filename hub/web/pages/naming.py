"""How a page names a line: by the person's name that stands in it, or by its place."""

from __future__ import annotations

from hub.forms.indicators import PLACE_ENTITY
from hub.forms.roster import bound_fields
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, FieldKind, Section


def name_column(catalog: Catalog, section: Section) -> str | None:
    """The first column that holds a person's name."""
    for name, node in bound_fields(catalog, section.of or PLACE_ENTITY, section.fields).items():
        element = kind_of(node).element
        if element is not None and element.format == "person_name":
            return name
    return None


def head_column(catalog: Catalog, section: Section) -> str | None:
    """The column that tells a reader which line it is: of the person's name, else of the place."""
    places = (field.name for field in section.fields if field.kind is FieldKind.FORMULA and field.expression.strip() == "place()")
    return name_column(catalog, section) or next(places, None)
