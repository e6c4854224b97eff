"""Why a line joined a roster or left it, and why a figure is another: what of the conditions for being counted turned between two days.

Read from history: the same subjects on the last day of the period before and of this one, both as is known now. Born, moved in or
out, an age reached, a benefit begun or ended; or nothing turned: then it was recorded, or mended, only since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from hub.core.clock import Period
from hub.core.messages import Message
from hub.forms import messages as m
from hub.forms.context import period_parameters
from hub.forms.display import text_of
from hub.registry import nodes as n
from hub.registry.expressions import bind, bind_condition
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, Title, ValueType
from hub.store.rosters import Line, Read, read_known
from hub.store.view import View

_PLACE, _BORN = "place_of_line", "born_on"


@dataclass(frozen=True, slots=True)
class Reason:
    """``kind``: one word for grouping ("born"); the texts name what turned."""

    kind: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Asked:
    """What makes a subject of ``entity`` one of those counted: the place it belongs to, and the conditions, all of which must hold."""

    catalog: Catalog
    entity: str
    place: n.Node
    conditions: tuple[n.Node, ...]


def asked(catalog: Catalog, entity: str, by: str, where: str | None) -> Asked:
    conditions = () if where is None else tuple(_conjuncts(bind_condition(catalog, entity, where)))
    return Asked(catalog, entity, bind(catalog, entity, by), conditions)


def _conjuncts(node: n.Node) -> list[n.Node]:
    if isinstance(node, n.Logic) and node.operator == "and":
        return [part for term in node.terms for part in _conjuncts(term)]
    return [node]


@dataclass(frozen=True)
class Day:
    """The last day of a period, as it is known now: a view on a connection of its own, for views of two days do not share one."""

    connection: Connection
    view: View
    period: Period


def reasons(then: Day, now: Day, what: Asked, lines: Sequence[Line]) -> dict[Line, Reason]:
    """Why each of the lines is counted on one of the two days and not on the other."""
    earlier, later = _read(then, what, lines), _read(now, what, lines)
    return {line: _reason(what, earlier.get(line), later.get(line), then.period, now.period) for line in lines}


def _read(day: Day, what: Asked, lines: Sequence[Line]) -> dict[Line, dict[str, Read]]:
    return read_known(day.connection, day.view, what.catalog, what.entity, _columns(what), lines, period_parameters(day.period))


def _columns(what: Asked) -> dict[str, n.Node]:
    columns = {_PLACE: what.place} | {f"condition_{number}": node for number, node in enumerate(what.conditions)}
    for number, node in enumerate(what.conditions):
        if (path := _path(node)) is not None:
            columns[f"value_{number}"] = path
    if f"{what.entity}.birth_date" in what.catalog.elements:
        columns[_BORN] = bind(what.catalog, what.entity, "birth_date")
    return columns


def _reason(what: Asked, then: Mapping[str, Read] | None, now: Mapping[str, Read] | None, before: Period, period: Period) -> Reason:
    if then is None or (then[_PLACE].value is None and now is not None):
        born = None if now is None or _BORN not in now else now[_BORN].value
        if isinstance(born, date) and before.end < born <= period.end:
            return _said(m.WHY_BORN, "born", day=born.isoformat())
        return _said(m.WHY_NEW, "new")
    if now is None:
        return _said(m.WHY_GONE, "gone")
    if then[_PLACE].value != now[_PLACE].value:
        return _moved(what.catalog, str(then[_PLACE].value or ""), str(now[_PLACE].value or ""))
    for number, node in enumerate(what.conditions):
        was, is_now = then[f"condition_{number}"].value is True, now[f"condition_{number}"].value is True
        if was != is_now:
            return _turned(what.catalog, node, then.get(f"value_{number}"), now.get(f"value_{number}"), is_now)
    return _said(m.WHY_RECORDED, "recorded")


def _moved(catalog: Catalog, came_from: str, went_to: str) -> Reason:
    codes = catalog.code_lists["division"].codes
    names = {code: codes[code].title.zh if code in codes else code for code in (came_from, went_to)}
    return _said(m.WHY_MOVED, "moved", before=names[came_from] or "—", now=names[went_to] or "—")


def _turned(catalog: Catalog, node: n.Node, then: Read | None, now: Read | None, holds: bool) -> Reason:
    """A condition that turned: an age, a collection's first or last record, a value."""
    if isinstance(node, n.Compare) and (years := _years(node)) is not None:
        return _said(m.WHY_AGE, "age", years=years)
    over = next((part for part in n.walk(node) if isinstance(part, n.Over)), None)
    if over is not None:
        title = _collected(catalog, over)
        return _both(m.WHY_BEGAN if holds else m.WHY_ENDED, "began" if holds else "ended", title)
    path = _path(node)
    if path is not None and then is not None and now is not None and not path.element.sealed:
        texts = {
            name: {
                "before": text_of(catalog, then.value, path.element, name) or "—",
                "now": text_of(catalog, now.value, path.element, name) or "—",
            }
            for name in ("zh", "en")
        }
        title = path.element.title
        kind = "died" if _died(path, now) else "value"
        return Reason(
            kind, m.WHY_VALUE.text("zh", {"title": title.zh, **texts["zh"]}), m.WHY_VALUE.text("en", {"title": title.en, **texts["en"]})
        )
    return _said(m.WHY_MEETS if holds else m.WHY_NO_LONGER, "condition")


def _died(path: n.Path, now: Read) -> bool:
    """Life status 2 of the hub's code list: dead (schemas/codes/life-status.csv)."""
    return path.element.short == "life_status" and now.value == "2"


def _years(node: n.Compare) -> int | None:
    """N of a comparison with years_before(day, N)."""
    call = next((part for part in (node.left, node.right) if isinstance(part, n.Call) and part.function == "years_before"), None)
    if call is None or not isinstance(call.arguments[1], n.Literal):
        return None
    return int(str(call.arguments[1].value))


def _path(node: n.Node) -> n.Path | None:
    """The one element that a comparison, a list of values or a check for nothing asks about."""
    paths = [part for part in n.walk(node) if isinstance(part, n.Path)]
    if len(paths) != 1 or isinstance(node, n.Path) or any(isinstance(part, n.Over) for part in n.walk(node)):
        return None
    return paths[0] if kind_of(paths[0]).value_type is not ValueType.REFERENCE else None


def _collected(catalog: Catalog, over: n.Over) -> Title:
    """What the records are that an aggregate is over."""
    return catalog.entities[over.chain[-1].entity].title


def _said(message: Message, kind: str, **values: object) -> Reason:
    return Reason(kind, message.text("zh", values), message.text("en", values))


def _both(message: Message, kind: str, title: Title) -> Reason:
    return Reason(kind, message.text("zh", {"what": title.zh}), message.text("en", {"what": title.en}))
