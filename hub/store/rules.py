"""Consistency rules over golden records: which subjects break one, as a select, and whom a change may make break one."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from hub.registry import nodes as n
from hub.registry.expressions import bind_condition
from hub.registry.model import Catalog, Rule
from hub.store.expressions import Rows, query


def broken(rows: Rows, catalog: Catalog, rule: Rule, scope: Select[Any] | None, today: date) -> Select[Any]:
    """The subject ids, within ``scope`` (None: all), for which the rule's condition is true; ``:period_end`` is ``today``."""
    condition = bind_condition(catalog, rule.of, rule.broken, rule.place)
    parameters = {
        "period_start": today, "period_end": today, "year_start": date(today.year, 1, 1), "year_end": date(today.year, 12, 31),
    }  # fmt: skip
    level = query(rows, catalog, rule.of, parameters, [condition], scope)
    true = level.column(condition)
    anchor = level.trail.anchors[0]
    chosen = select(anchor.c.subject_id).select_from(level.from_).where(true)
    return chosen if level.trail.where is None else chosen.where(level.trail.where)


def looks_at(catalog: Catalog, rule: Rule) -> frozenset[str]:
    """The entities beside the subject itself and its own records whose change may break the rule for it.

    Where one of them changed, or where the rule asks what day it is, it has to be judged for everybody."""
    condition = bind_condition(catalog, rule.of, rule.broken, rule.place)
    found: set[str] = set()
    for node in n.walk(condition):
        match node:
            case n.Path():
                found.update(hop.entity for hop in node.hops)
            case n.Over():
                own = node.anchor == 0 and not node.chain[0].hops and node.chain[0].via is None
                found.update(hop.entity for step in node.chain for hop in step.hops)
                found.update(step.entity for step in node.chain[1 if own else 0 :])
            case n.Parameter():
                found.add(rule.of)
    return frozenset(found)
