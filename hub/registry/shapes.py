"""The shape of each kind of document, by JSON Schemas that editors can use too (``hub/registry/json_schemas``).

Shape only: whether names exist and authorities fit is judged in ``hub.registry.build``.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.documents import Document

SCHEMAS = {
    "Elements": "elements.json",
    "Entity": "entity.json",
    "CodeLists": "code-lists.json",
    "DataContract": "data-contract.json",
    "Measures": "measures.json",
    "Rules": "rules.json",
    "Form": "form.json",
}
_SHOWN = 20  # mistakes shown per document


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of YAML document."""
    text = files("hub.registry").joinpath("json_schemas", SCHEMAS[kind]).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def check(document: Document) -> list[YibiaoError]:
    """The mistakes of shape in a document, with their lines; empty for one that is well shaped. CSV has no schema."""
    if document.kind in {"CodeList", "Crosswalk", "Successions"}:
        return []
    if document.kind not in SCHEMAS:
        return [m.NOT_A_DEFINITION.error(document.place("kind"))]
    found: list[YibiaoError] = []
    for error in _validator(document.kind).iter_errors(document.data):
        path = [step for step in error.instance_path if isinstance(step, (str, int))]
        zh, en = _problem(error)
        shown = ".".join(str(step) for step in path) or document.kind
        found.append(m.SHAPE.error(document.place(*path), path=shown, problem_zh=zh, problem_en=en))
        if len(found) == _SHOWN:
            break
    return found


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema(kind), retriever=_refuse_remote)


def _refuse_remote(uri: str) -> Any:
    raise ValueError(f"a schema refers to {uri}, which is not part of the product")


def _problem(error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    """What is wrong, in words. The value itself is not repeated: definitions may hold secrets by mistake."""
    kind = error.kind.as_dict()
    zh, en = _WORDS.get(error.kind.name, ("不合要求", "is not as agreed"))
    shown = kind.get("property") or kind.get("unexpected") or kind.get("options") or ""
    if isinstance(shown, list):
        shown = ", ".join(str(item) for item in shown)
    return (f"{zh}:{shown}", f"{en}: {shown}") if shown else (zh, en)


_WORDS = {
    "required": ("缺少", "lacks"),
    "additionalProperties": ("有不认识的键", "has an unknown key"),
    "type": ("类型不对", "is of the wrong type"),
    "enum": ("不在可选值之内", "is none of"),
    "pattern": ("写法不对", "is not written as agreed"),
    "const": ("值不对", "is not the value agreed"),
    "constant": ("值不对", "is not the value agreed"),
    "minItems": ("项数太少", "has too few items"),
    "minLength": ("不能为空", "is empty"),
    "contains": ("缺少必要的项(如 roles)", "lacks an item that is needed (such as roles)"),
}
