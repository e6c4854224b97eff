"""A report as JSON, always the same bytes for the same report, and its digest."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from hub.forms.model import Cell, Objection, Report, SectionReport, Value
from hub.registry.model import FormField, Title


def report_data(report: Report) -> dict[str, Any]:
    """Plain data: codes with their text, amounts as text with their digits ("123.45"), dates in ISO 8601, nothing of the hub's
    own numbering. Lines hold their cells under the fields' names."""
    form = report.form
    return {
        "form": {
            "id": form.id, "version": form.version, "title": _title(form.title), "asked_by": form.asked_by, "number": form.number,
            "maker": form.maker, "approval": form.approval, "expires": plain(form.expires),
        },
        "unit": {"code": report.unit, "name": report.unit_name},
        "period": {"text": report.period.text, "start": plain(report.period.start), "end": plain(report.period.end)},
        "at": plain(report.at),
        "sections": [_section(section) for section in report.sections],
        "broken_rules": [
            {"rule": broken.rule.name, "title": _title(broken.rule.title), "section": broken.rule.section, "line": broken.line,
             "severity": broken.rule.severity.value}
            for broken in report.broken
        ],
    }  # fmt: skip


def report_json(report: Report) -> bytes:
    """The canonical bytes: sorted keys, no spaces, UTF-8."""
    return json.dumps(report_data(report), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _section(section: SectionReport) -> dict[str, Any]:
    fields = section.section.fields
    return {
        "name": section.section.name,
        "title": _title(section.section.title),
        "kind": section.section.kind.value,
        "columns": [_column(field) for field in fields],
        "total_lines": section.total_lines,
        "lines": [
            {
                "number": line.number,
                "code": line.code,
                "place": line.place,
                "total": line.total,
                "confirmed": line.confirmed,
                "cells": {field.name: cell_data(cell) for field, cell in zip(fields, line.cells, strict=True)},
                **_objected(line.objection),
            }
            for line in section.lines
        ],
    }


def _column(field: FormField) -> dict[str, Any]:
    group = None if field.group is None else _title(field.group)
    return {"name": field.name, "title": _title(field.title), "kind": field.kind.value, "unit": field.unit, "group": group}


def cell_data(cell: Cell) -> dict[str, Any]:
    """One cell as plain data."""
    return {
        "value": plain(cell.value),
        "text": cell.text,
        "state": cell.state.value,
        "sources": list(cell.sources),
        "as_of": plain(cell.as_of),
        **_objected(cell.objection),
    }


def _objected(objection: Objection | None) -> dict[str, Any]:
    """Only where there is one: a report without objections is the same bytes as ever."""
    return {} if objection is None else {"objection": objection_data(objection)}


def objection_data(objection: Objection) -> dict[str, Any]:
    """An objection as plain data."""
    return {
        "id": objection.id, "kind": objection.kind, "proposed": objection.proposed, "source": objection.source, "state": objection.state,
        "deadline": objection.deadline.isoformat(), "answer": objection.answer,
    }  # fmt: skip


def plain(value: Value) -> Any:
    """A value as JSON has it."""
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
    return value


def _title(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}
