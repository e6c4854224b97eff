"""The lines of a roster: read them, judge every cell, open what is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.forms.context import Context
from hub.forms.display import text_of
from hub.forms.evidence import Evidence, evidence_for
from hub.forms.model import Cell, ReportLine, State
from hub.registry import nodes as n
from hub.registry.expressions import bind, bind_condition
from hub.registry.kinds import kind_of
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, FormField, Section
from hub.store.rosters import Candidate, Line, Read, open_conflicts, read_cells, roster_lines

_PLACE = "place_of_line"  # a column of ours beside the form's own; field names of forms are checked, this one is longer
NOBODY = Cell(None, "", State.MISSING)


def roster(context: Context, section: Section) -> tuple[ReportLine, ...]:
    """The lines of the section. Cells of formulas are still to be computed."""
    entity = str(section.of)
    catalog, parameters = context.catalog, context.parameters
    by = bind(catalog, entity, str(section.by))
    where = None if section.where is None else bind_condition(catalog, entity, section.where)
    order = [bind(catalog, entity, path) for path in section.order]
    found = roster_lines(context.connection, context.view, catalog, entity, by, where, order, context.villages, parameters)
    lines = in_order(context, order, found)
    columns = {_PLACE: by, **bound_fields(catalog, entity, section.fields)}
    reads = read_cells(context.connection, context.view, catalog, entity, columns, lines, parameters)
    cells = judged_columns(context, columns, reads)
    return tuple(
        ReportLine(
            position + 1,
            str(reads[position][_PLACE].value),
            tuple(cells[field.name][position] if field.name in cells else NOBODY for field in section.fields),
            line.subject,
        )
        for position, line in enumerate(lines)
    )


def in_order(context: Context, order: Sequence[n.Node], found: Sequence[Candidate]) -> list[Line]:
    """The lines as people expect them: sealed values order by their text, empty ones stand last, the key breaks ties."""
    keys: list[list[object]] = [[] for _ in found]
    for position, node in enumerate(order):
        element = kind_of(node).element
        values: Sequence[object] = [candidate.order[position] for candidate in found]
        if element is not None and element.sealed:
            values = context.open_sealed(element.name, [candidate.blobs[position] for candidate in found])
        for key, value in zip(keys, values, strict=True):
            key.append((value is None, value))
    for key, candidate in zip(keys, found, strict=True):
        key.append([(part is None, part) for part in candidate.tie])
    return [candidate.line for _, candidate in sorted(zip(keys, found, strict=True), key=lambda pair: pair[0])]


def bound_fields(catalog: Catalog, entity: str, fields: Sequence[FormField]) -> dict[str, n.Node]:
    """The fields that are read from the store, by name: elements, and entries bound to an element."""
    return {
        field.name: bind(catalog, entity, field.expression, field.place)
        for field in fields
        if field.kind is FieldKind.ELEMENT
        or (field.kind is FieldKind.ENTRY and field.expression and not field.expression.startswith(OBSERVATION))
    }


def judged_columns(context: Context, columns: Mapping[str, n.Node], reads: Sequence[Mapping[str, Read]]) -> dict[str, list[Cell]]:
    """Every column's cells, in the order of the lines."""
    conflicts = _conflicts(context, columns, reads)
    return {name: _column(context, node, [read[name] for read in reads], conflicts) for name, node in columns.items() if name != _PLACE}


def _column(context: Context, node: n.Node, reads: Sequence[Read], conflicts: set[tuple[int, str]]) -> list[Cell]:
    evidence = evidence_for(context.deliveries, node)
    element = kind_of(node).element
    opened: Sequence[object] = [None] * len(reads)
    if element is not None and element.sealed:
        opened = context.open_sealed(element.name, [read.blob for read in reads])
    cells: list[Cell] = []
    for read, clear in zip(reads, opened, strict=True):
        differs = element is not None and read.subject is not None and (read.subject, element.name) in conflicts
        cells.append(_cell(context, evidence, node, read, clear, differs))
    return cells


def _cell(context: Context, evidence: Evidence, node: n.Node, read: Read, clear: object, differs: bool) -> Cell:
    state, sources = evidence.judge(read, differs)
    element = kind_of(node).element
    value = read.value
    if element is not None and element.sealed:
        value = None if clear is None else str(clear)
    if state is State.MISSING:
        value = None
    return Cell(value, text_of(context.catalog, value, element), state, sources, context.deliveries.as_of(sources))


def _conflicts(context: Context, columns: Mapping[str, n.Node], reads: Sequence[Mapping[str, Read]]) -> set[tuple[int, str]]:
    """The open conflicts of everybody whose value is shown."""
    subjects: dict[str, set[int]] = {}
    for name, node in columns.items():
        element = kind_of(node).element
        if element is not None:
            found = {read[name].subject for read in reads} - {None}
            subjects.setdefault(element.entity, set()).update(subject for subject in found if subject is not None)
    conflicts: set[tuple[int, str]] = set()
    for entity, ids in subjects.items():
        if ids:
            conflicts |= open_conflicts(context.connection, context.view, entity, sorted(ids))
    return conflicts
