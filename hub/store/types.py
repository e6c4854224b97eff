"""How a value type becomes a column."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Text
from sqlalchemy.types import TypeEngine

from hub.registry.model import ValueType

HASH = Text  # a keyed hash, 22 characters

_COLUMN_TYPES: dict[ValueType, type[TypeEngine[Any]]] = {
    ValueType.TEXT: Text,
    ValueType.CODE: Text,
    ValueType.CODES: Text,
    ValueType.DIVISION: Text,
    ValueType.DATE: Date,
    ValueType.MONTH: Date,
    ValueType.DATETIME: BigInteger,
    ValueType.INTEGER: BigInteger,
    ValueType.DECIMAL: BigInteger,
    ValueType.MONEY: BigInteger,
    ValueType.BOOLEAN: Boolean,
    ValueType.REFERENCE: BigInteger,
}


def column_type(value_type: ValueType) -> TypeEngine[Any]:
    return _COLUMN_TYPES[value_type]()
