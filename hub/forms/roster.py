"""The lines of a roster: read them, judge every cell, open what is sealed."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from datetime import date

from hub.forms.context import Context, Sealing
from hub.forms.display import text_of
from hub.forms.evidence import Evidence, evidence_for
from hub.forms.model import Cell, ReportLine, State
from hub.registry import nodes as n
from hub.registry.expressions import bind, bind_condition
from hub.registry.kinds import kind_of
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, FormField, Section
from hub.store.rosters import Candidate, Line, Read, open_conflicts, passes_on, read_cells, roster_lines

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
    codes = line_codes(context.vault, entity, lines)
    return tuple(
        ReportLine(
            position + 1,
            context.places[str(reads[position][_PLACE].value)],
            tuple(cells[field.name][position] if field.name in cells else NOBODY for field in section.fields),
            line.subject,
            code=codes[position],
        )
        for position, line in enumerate(lines)
    )


_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's 32: none is taken for another
_CODE_SIGNS = 10


def line_codes(vault: Sealing, entity: str, lines: Sequence[Line]) -> list[str]:
    """Ten signs (50 bits) for each line, the same in every period: a keyed hash, which tells nothing of whom it stands for."""
    hashes = vault.hash(f"line:{entity}", ["/".join(str(part) for part in (line.subject, line.record, line.dataset)) for line in lines])
    numbers = [int.from_bytes(urlsafe_b64decode(f"{text}==")[:7], "big") for text in hashes]
    return ["".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_CODE_SIGNS))) for number in numbers]


def in_order(context: Context, order: Sequence[n.Node], found: Sequence[Candidate]) -> list[Line]:
    """The lines as people expect them: sealed values order by their text, empty ones stand last, the key breaks ties."""
    keys: list[list[object]] = [[] for _ in found]
    for position, node in enumerate(order):
        element = kind_of(node).element
        values: Sequence[object] = [candidate.order[position] for candidate in found]
        if element is not None and element.sealed:
            values = context.vault.open(element.name, [candidate.blobs[position] for candidate in found])
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
    conflicts, stated = _conflicts(context, columns, reads), _stated(context, columns, reads)
    return {
        name: _column(context, node, [read[name] for read in reads], conflicts, stated) for name, node in columns.items() if name != _PLACE
    }


Stated = Mapping[tuple[int, str], date]


def _stated(context: Context, columns: Mapping[str, n.Node], reads: Sequence[Mapping[str, Read]]) -> Stated:
    """When each contract last stated what it says of each subject whose value it is the source of: (subject, contract) -> day."""
    wanted: dict[int, set[int]] = {}
    for name, node in columns.items():
        for read in (line[name] for line in reads):
            if read.subject is not None and passes_on(node):
                for number in read.sources:
                    wanted.setdefault(number, set()).add(read.subject)
    names = context.deliveries.names
    return {
        (subject, names[number]): day
        for number, subjects in wanted.items()
        if number in names
        for subject, day in context.view.stated(number, subjects).items()
    }


def _column(context: Context, node: n.Node, reads: Sequence[Read], conflicts: set[tuple[int, str]], stated: Stated) -> list[Cell]:
    evidence = evidence_for(context.deliveries, node)
    element = kind_of(node).element
    opened: Sequence[object] = [None] * len(reads)
    if element is not None and element.sealed:
        opened = context.vault.open(element.name, [read.blob for read in reads])
    cells: list[Cell] = []
    for read, clear in zip(reads, opened, strict=True):
        differs = element is not None and read.subject is not None and (read.subject, element.name) in conflicts
        cells.append(_cell(context, evidence, node, read, clear, differs, stated))
    return cells


def _cell(context: Context, evidence: Evidence, node: n.Node, read: Read, clear: object, differs: bool, stated: Stated) -> Cell:
    """Its date is that of the batch that last stated its row; of what is counted over many rows, that of the oldest delivery."""
    state, sources = evidence.judge(read, differs)
    element = kind_of(node).element
    value = read.value
    if element is not None and element.sealed:
        value = None if clear is None else str(clear)
    if state is State.MISSING:
        value = None
    days = [stated.get((read.subject or 0, source)) or context.deliveries.as_of([source]) for source in sources]
    as_of = min((day for day in days if day is not None), default=None)
    return Cell(value, text_of(context.catalog, value, element), state, sources, as_of, read.subject)


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
