"""Documents to elements, entities, code lists and crosswalks: the city's dictionary. Names are not resolved here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.documents import CODE_LIST, CROSSWALK, Block, Document
from hub.registry.model import (
    Authority,
    Code,
    CodeList,
    Collection,
    Crosswalk,
    Element,
    Entity,
    EntityKind,
    Place,
    Policy,
    Title,
    ValueType,
)


def read_elements(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Element]:
    """The elements by full name. An element written twice is an error that names the first place."""
    found: dict[str, Element] = {}
    for document in documents:
        if document.kind != "Elements":
            continue
        for short, data in document.data["elements"].items():
            element = _element(document, short, data)
            if (first := found.setdefault(element.name, element)) is not element:
                errors.append(m.twice("数据元", "element", element.name, first.place, element.place))
    return found


def _element(document: Document, short: str, data: Block) -> Element:
    kind = ValueType(data["type"])
    return Element(
        name=f"{document.data['entity']}.{short}",
        title=title_of(data["title"]),
        type=kind,
        code_list="division" if kind is ValueType.DIVISION else data.get("code_list"),
        format=data.get("format"),
        scale=2 if kind is ValueType.MONEY else data.get("scale", 0),
        unit=data.get("unit", ""),
        max_length=data.get("max_length"),
        sealed=data.get("sealed", False),
        refers_to=data.get("refers_to"),
        authority=_authority(data.get("authority")),
        derived=data.get("derived"),
        standard=data.get("standard", ""),
        definition=data.get("definition", ""),
        place=document.place("elements", short),
    )


def _authority(data: Block | None) -> Authority | None:
    if data is None:
        return None
    return Authority(tuple(data["order"]), Policy(data.get("policy", "authority")), data.get("approval", ""))


def read_entities(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Entity]:
    """The entities by name."""
    found: dict[str, Entity] = {}
    for document in documents:
        if document.kind != "Entity":
            continue
        data = document.data
        entity = Entity(
            name=data["name"],
            title=title_of(data["title"]),
            kind=EntityKind(data["is"]),
            key=data.get("key"),
            owner=data.get("owner"),
            many=data.get("many", True),
            partition=data.get("partition"),
            collections={name: Collection(c["entity"], c.get("via")) for name, c in data.get("collections", {}).items()},
            display=data.get("display"),
            place=document.place("name"),
        )
        if (first := found.setdefault(entity.name, entity)) is not entity:
            errors.append(m.twice("实体", "entity", entity.name, first.place, entity.place))
    return found


def read_code_lists(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, CodeList]:
    """The code lists that some CodeLists document names, with the codes of the CSV of that name."""
    documents = list(documents)
    described: dict[str, tuple[Document, Block]] = {}
    for document in documents:
        if document.kind == "CodeLists":
            for name, data in document.data["lists"].items():
                if name in described:
                    errors.append(
                        m.twice("代码集", "code list", name, described[name][0].place("lists", name), document.place("lists", name))
                    )
                described[name] = document, data
    found: dict[str, CodeList] = {}
    codes: dict[str, Document] = {}
    for document in documents:
        if document.kind != CODE_LIST:
            continue
        name = document.data["name"]
        if name in found:
            errors.append(m.twice("代码集", "code list", name, codes[name].place(), document.place()))
        elif name not in described:
            errors.append(m.LIST_NOT_DESCRIBED.error(document.place(), name=name))
        else:
            codes[name], data = document, described[name][1]
            found[name] = CodeList(
                name, title_of(data["title"]), _codes(document, errors), data.get("working", False), data.get("standard", "")
            )
    for name, (document, _) in described.items():
        if name not in found:
            errors.append(m.LIST_WITHOUT_CODES.error(document.place("lists", name), name=name))
    return found


def _codes(document: Document, errors: list[YibiaoError]) -> dict[str, Code]:
    codes: dict[str, Code] = {}
    rows = document.data["rows"]
    for row in rows:
        code = row["code"]
        if not code or not row["name_zh"]:
            errors.append(m.CODE_EMPTY.error(_at(document, row)))
        elif code in codes:
            errors.append(m.CODE_TWICE.error(_at(document, row), code=code))
        else:
            first, last = (_date(document, row, column, errors) for column in ("valid_from", "valid_until"))
            title = Title(row["name_zh"], row["name_en"] or row["name_zh"])
            codes[code] = Code(code, title, row["parent"] or None, first, last, row["note"])
    for row in rows:
        if row["parent"] and row["parent"] not in codes:
            errors.append(m.PARENT_UNKNOWN.error(_at(document, row), code=row["code"], parent=row["parent"]))
    return codes


def _date(document: Document, row: Block, column: str, errors: list[YibiaoError]) -> date | None:
    if not row[column]:
        return None
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        errors.append(m.BAD_DATE.error(_at(document, row), column=column, found=row[column]))
        return None


def read_crosswalks(documents: Iterable[Document], lists: dict[str, CodeList], errors: list[YibiaoError]) -> dict[str, Crosswalk]:
    """The crosswalks by ``department.list``; every target must be a code of its list, and no local code stands twice."""
    targets: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    for document in documents:
        if document.kind != CROSSWALK:
            continue
        for row in document.data["rows"]:
            name = f"{row['department']}.{row['list']}"
            target = targets.setdefault(name, row["code_list"])
            if target != row["code_list"] or target not in lists or row["code"] not in lists[target].codes:
                errors.append(m.CROSSWALK_TARGET.error(_at(document, row), name=name, code=row["code"], code_list=row["code_list"]))
            elif codes.setdefault(name, {}).setdefault(row["local_code"], row["code"]) != row["code"]:
                errors.append(m.CODE_TWICE.error(_at(document, row), code=row["local_code"]))
    return {name: Crosswalk(name, targets[name], mapping) for name, mapping in codes.items()}


def _at(document: Document, row: Block) -> Place:
    return Place(document.file, row.line)


def title_of(data: Block) -> Title:
    return Title(data["zh"], data["en"])
