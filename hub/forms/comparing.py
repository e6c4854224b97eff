"""A report beside the last frozen one of its unit: what changed, why, and which lines one act may confirm.

The two days are read from history, in one pass for all the units asked for; what was found is remembered in the process, for the same
two reports compare the same for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.core.clock import Period, parse_period
from hub.core.remembering import Remembering
from hub.forms.changes import ChangeKind, LineChange, changes, unchanged
from hub.forms.combining import combined, under_successors
from hub.forms.context import period_parameters
from hub.forms.filling import report_digest
from hub.forms.layouts import in_one_layout
from hub.forms.model import Report
from hub.forms.reasons import Day, Reason, asked, reasons
from hub.forms.stored import unpacked
from hub.forms.units import places, predecessors
from hub.forms.working import Worked
from hub.registry.expressions import bind, bind_measure
from hub.registry.kinds import kind_of
from hub.registry.model import Form, SectionKind
from hub.store.frozen import Earlier, find_before, find_frozen
from hub.store.hub import Hub
from hub.store.positions import Moment
from hub.store.rosters import Line, read_known, roster_lines
from hub.store.view import open_view


@dataclass(frozen=True)
class Comparison:
    """``period``, ``digest``: of the frozen report compared with. ``why``: by line code, of lines that joined or left."""

    period: str
    digest: str
    changes: tuple[LineChange, ...]
    why: Mapping[str, Reason]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A group of those by whom a figure grew (``sign`` 1) or shrank (-1), for one reason."""

    sign: int
    reason: Reason
    lines: tuple[Line, ...]


_remembered: Remembering[Comparison] = Remembering(500)


def compare(hub: Hub, form: Form, parts: Sequence[Worked]) -> dict[str, Comparison]:
    """For each unit that has an earlier frozen report, what is different from it."""
    found: dict[str, Comparison] = {}
    fresh: dict[str, tuple[Worked, Comparison]] = {}
    marks: dict[str, tuple[str, str]] = {}
    with hub.engine.connect() as connection:
        for part, before in _befores(connection, hub, form, parts):
            mark = marks[part.unit] = ",".join(one.digest for one in before.values()), part.seen
            if (known := _remembered.find(mark)) is not None:
                found[part.unit] = known
                continue
            period, digest, report = _frozen_before(connection, hub, form, part.unit, before)
            different = changes(under_successors(hub.catalog, report, part.base.period.end), part.base)
            fresh[part.unit] = part, Comparison(period, digest, different, {}, unchanged(part.base, different))
    why = _reasons(hub, form, fresh.values())
    for unit, (_, made) in fresh.items():
        mine = {change.line.code for change in made.changes} & why.keys()
        found[unit] = _remembered.keep(marks[unit], replace(made, why={code: why[code] for code in mine}))
    return found


def _befores(connection: Connection, hub: Hub, form: Form, parts: Sequence[Worked]) -> Iterator[tuple[Worked, dict[str, Earlier]]]:
    """Those that have one, each with the last frozen reports before it: its own, or those of the units that it was made of."""
    if not parts:
        return
    period = parts[0].base.period
    was = {part.unit: (part.unit, *predecessors(hub.catalog, part.unit, period.end)) for part in parts}
    earlier = find_before(connection, form.id, period.text, [unit for units in was.values() for unit in units])
    for part in parts:
        if before := _last(earlier, was[part.unit]):
            yield part, before


def _frozen_before(connection: Connection, hub: Hub, form: Form, unit: str, before: Mapping[str, Earlier]) -> tuple[str, str, Report]:
    """(period, digest, report) of what was frozen before; of units that became this one, their reports together."""
    frozen = [find_frozen(connection, hub.vault, form.id, one.period, old, one.revision) for old, one in before.items()]
    then = [unpacked(one.content, hub.catalog) for one in frozen]
    if list(before) == [unit]:
        return frozen[0].period, frozen[0].digest, then[0]
    report = combined(hub.catalog, unit, in_one_layout(then, form))
    return frozen[0].period, report_digest(report), report


def _last(earlier: Mapping[str, Earlier], units: Sequence[str]) -> dict[str, Earlier]:
    """The last frozen reports of a unit, all of one period: its own, or those of the units that it was made of."""
    there = {unit: earlier[unit] for unit in units if unit in earlier}
    last = max((one.period for one in there.values()), default="")
    return {unit: one for unit, one in sorted(there.items()) if one.period == last}


def _reasons(hub: Hub, form: Form, found: Iterable[tuple[Worked, Comparison]]) -> dict[str, Reason]:
    why: dict[str, Reason] = {}
    rosters = [section for section in form.sections if section.kind is SectionKind.ROSTER]
    by_periods: dict[str, list[tuple[Worked, Comparison]]] = {}
    for pair in found:
        by_periods.setdefault(pair[1].period, []).append(pair)
    for before, pairs in by_periods.items():
        moved = [change for _, made in pairs for change in made.changes if change.kind is not ChangeKind.CHANGED and change.line.subject]
        if not moved:
            continue
        known, period = max(part.known for part, _ in pairs), pairs[0][0].base.period
        for section in rosters:
            mine = [change for change in moved if change.section == section.name]
            what = asked(hub.catalog, str(section.of), str(section.by), section.where)
            lines = {change.line.code: Line(int(change.line.subject or 0)) for change in mine}
            with _day(hub, parse_period(before), known) as then, _day(hub, period, known) as now:
                told = reasons(then, now, what, list(lines.values()))
            why |= {code: told[line] for code, line in lines.items()}
    return why


def figure_parts(hub: Hub, measure: str, unit: str, before: Period, period: Period, known: int) -> list[Part]:
    """By whom a counted figure of ``unit`` differs between two periods, grouped by reason, the larger groups first.

    Empty for a measure that sums amounts or counts distinct others: such a figure has no members to name.
    """
    defined = hub.catalog.measures[measure]
    bound = bind_measure(hub.catalog, defined)
    if defined.value.replace(" ", "") != "count(*)":
        return []
    what = asked(hub.catalog, defined.of, defined.by, defined.where)
    counted_in = tuple(places(hub.catalog, unit, period.end))

    def counted(day: Day) -> set[Line]:
        arguments = (bound.by, bound.where, (), counted_in, period_parameters(day.period))
        return {candidate.line for candidate in roster_lines(day.connection, day.view, hub.catalog, defined.of, *arguments)}

    groups: dict[tuple[int, Reason], list[Line]] = {}
    with _day(hub, before, known) as then, _day(hub, period, known) as now:
        was, is_now = counted(then), counted(now)
        moved = sorted(was ^ is_now, key=lambda line: (line.subject, line.record or ""))
        why = reasons(then, now, what, moved)
    for line in moved:
        groups.setdefault((1 if line in is_now else -1, why[line]), []).append(line)
    parts = [Part(sign, reason, tuple(lines)) for (sign, reason), lines in groups.items()]
    return sorted(parts, key=lambda part: (-part.sign, -len(part.lines), part.reason.kind))


@contextmanager
def _day(hub: Hub, period: Period, known: int) -> Iterator[Day]:
    with hub.engine.connect() as connection, open_view(connection, hub.tables, Moment(period.end, known)) as view:
        yield Day(connection, view, period)


def names_of(hub: Hub, entity: str, lines: Sequence[Line]) -> dict[Line, str]:
    """What people call those lines: by the display element of the subject, or of a record's owner, as it stands now."""
    found = hub.catalog.entities[entity]
    subject = found if found.owner is None else hub.catalog.entities[found.owner]
    path = str(subject.display or subject.key)
    node = bind(hub.catalog, entity, path if found.owner is None else f"owner.{path}")
    element = kind_of(node).element
    with hub.engine.connect() as connection, open_view(connection, hub.tables) as view:
        read = read_known(connection, view, hub.catalog, entity, {"name": node}, lines, {})
    if element is None or not element.sealed:
        return {line: str(one["name"].value or "") for line, one in read.items()}
    names = hub.vault.open(element.name, [one["name"].blob for one in read.values()])
    return {line: name or "" for line, name in zip(read, names, strict=True)}
