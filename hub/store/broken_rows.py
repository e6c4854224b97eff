"""The rows of a staged batch that break a quality rule: pure selects, the same on both engines.

Great Expectations says yes or no (``hub.checks.batch``), this counts and names the rows; a test holds the two to one answer.
Nothing of a row but its number leaves here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, case, func, not_, or_, select, tuple_

from hub.checks.suite import Check, earliest

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}


def broken_rows(check: Check, table: Table) -> Select[int]:
    """The ``record`` numbers of the rows that break the rule; all of the group for one that wants them to differ.

    ``ValueError`` for a rule that judges the whole batch (``check.whole_batch``): there are no rows to name.
    """
    return select(table.c.record).where(_breaks(check, table))


def broken_count(check: Check, table: Table, as_of: date) -> Select[int]:
    """One number: how many rows break the rule. One that judges the whole batch is broken by all rows or none, a share of
    nulls by the rows without a value; 0 if it holds."""
    if not check.whole_batch:
        return select(func.count()).select_from(table).where(_breaks(check, table))
    rows = func.count()
    column = table.c[check.columns[0]] if check.columns else None
    low, high = check.arguments.get("min"), check.arguments.get("max")
    if check.rule == "row_count":
        bounds = [rows < low] if low is not None else []
        bounds += [rows > high] if high is not None else []
        return select(case((or_(*bounds), rows), else_=0)).select_from(table)
    if column is None:
        raise ValueError(f"the rule {check.rule} needs a column")
    if check.rule == "null_share":
        share = Decimal(check.arguments["max"])
        units = 10 ** max(0, -int(share.as_tuple().exponent))  # whole numbers on both sides: no engine rounds
        nulls = rows - func.count(column)
        return select(case((nulls * units > rows * int(share * units), nulls), else_=0)).select_from(table)
    latest = func.max(column)
    return select(case((latest >= earliest(check, as_of), 0), else_=rows)).select_from(table)  # no date at all is not fresh


def _breaks(check: Check, table: Table) -> ColumnElement[bool]:
    """True for a row that breaks the rule; null counts as not broken, as everywhere in SQL."""
    columns = [table.c[name] for name in check.columns]
    first, arguments = columns[0], check.arguments
    match check.rule:
        case "not_null":
            return first.is_(None)
        case "unique":
            return first.in_(select(first).group_by(first).having(func.count() > 1))
        case "unique_together":
            return tuple_(*columns).in_(select(*columns).group_by(*columns).having(func.count() > 1))
        case "in_set":
            return first.not_in(arguments["values"])
        case "regex":
            return not_(first.regexp_match(arguments["pattern"]))
        case "between":
            bounds = [first < arguments["min"]] if "min" in arguments else []
            bounds += [first > arguments["max"]] if "max" in arguments else []
            return or_(*bounds)
        case "compare":
            holds: ColumnElement[bool] = _OPERATORS[arguments["operator"]](first, columns[1])
            return not_(holds)
    raise ValueError(f"the rule {check.rule} judges the whole batch or is unknown")
