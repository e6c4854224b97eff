"""A report as the bytes that are stored, and back: its canonical JSON, and in a second line what that does not say.

Canonical JSON writes decimals and dates as text, and holds nothing of the hub's own numbering nor figures that no column shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.core.clock import parse_period
from hub.forms.canonical import cell_data, report_json
from hub.forms.model import BrokenRule, Cell, Objection, Report, ReportLine, SectionReport, State, Value
from hub.registry.model import Catalog, Form

_KINDS: Mapping[type, str] = {Decimal: "d", date: "t", tuple: "l"}


def packed(report: Report) -> bytes:
    """The bytes to store."""
    beside = {
        "kinds": "".join(kind_of_value(cell.value) for _, cell in report.cells()),
        "sections": [_beside(one) for one in report.sections],
    }
    return report_json(report) + b"\n" + json.dumps(beside, separators=(",", ":")).encode()


def canonical_part(content: bytes) -> bytes:
    """The canonical JSON of stored bytes."""
    return content.partition(b"\n")[0]


def unpacked(content: bytes, catalog: Catalog) -> Report:
    """The report that was packed, in the version of its form that it was made by."""
    canonical, _, rest = content.partition(b"\n")
    data, beside = json.loads(canonical), json.loads(rest)
    form, kinds = catalog.form_at(data["form"]["id"], data["form"]["version"]), iter(beside["kinds"])
    sections = tuple(_section(form, one, kinds, extra) for one, extra in zip(data["sections"], beside["sections"], strict=True))
    rules = {rule.name: rule for rule in form.rules}
    broken = tuple(BrokenRule(rules[item["rule"]], item["line"]) for item in data["broken_rules"])
    period = parse_period(data["period"]["text"])
    return Report(form, data["unit"]["code"], data["unit"]["name"], period, date.fromisoformat(data["at"]), sections, broken)


def kind_of_value(value: Value) -> str:
    """One character that says what a plain value was before it was written as JSON."""
    return _KINDS.get(type(value), "-")


def value_of(data: Any, kind: str) -> Value:
    """The value that was written as JSON, of the kind that ``kind_of_value`` gave."""
    match kind:
        case "d":
            return Decimal(data)
        case "t":
            return date.fromisoformat(data)
        case "l":
            return tuple(data)
    value: Value = data
    return value


def _beside(section: SectionReport) -> dict[str, Any]:
    columns = {
        name: [line.cells[place].subject for line in section.lines]
        for place, name in enumerate(section.names)
        if any(line.cells[place].subject not in (None, line.subject) for line in section.lines)
    }
    own = [name for place, name in enumerate(section.names) if any(line.cells[place].subject is not None for line in section.lines)]
    return {
        "subjects": [line.subject for line in section.lines],
        "own": [name for name in own if name not in columns],
        "others": columns,
        "measured": {name: [[kind_of_value(cell.value), cell_data(cell)] for cell in cells] for name, cells in section.measured.items()},
    }


def _section(form: Form, data: Mapping[str, Any], kinds: Iterator[str], beside: Mapping[str, Any]) -> SectionReport:
    section = next(section for section in form.sections if section.name == data["name"])
    names, own, others = [field.name for field in section.fields], set(beside["own"]), beside["others"]
    lines = []
    for place, (line, subject) in enumerate(zip(data["lines"], beside["subjects"], strict=True)):
        subjects = [others[name][place] if name in others else subject if name in own else None for name in names]
        cells = tuple(_cell(line["cells"][name], next(kinds), of) for name, of in zip(names, subjects, strict=True))
        lines.append(
            ReportLine(line["number"], line["place"], cells, subject, line["total"], line["code"], line["confirmed"], _objection(line))
        )
    measured = {name: _cells(cells) for name, cells in beside["measured"].items()}
    return SectionReport(section, tuple(lines), data["total_lines"], measured)


def _cells(found: Sequence[Any]) -> tuple[Cell, ...]:
    return tuple(_cell(data, kind, None) for kind, data in found)


def _cell(data: Mapping[str, Any], kind: str, subject: int | None) -> Cell:
    as_of = None if data["as_of"] is None else date.fromisoformat(data["as_of"])
    return Cell(value_of(data["value"], kind), data["text"], State(data["state"]), tuple(data["sources"]), as_of, subject, _objection(data))


def _objection(data: Mapping[str, Any]) -> Objection | None:
    found = data.get("objection")
    return None if found is None else Objection(**found | {"deadline": date.fromisoformat(found["deadline"])})
