"""A filled workbook beside the report that it is of, as plain data."""

from __future__ import annotations

from typing import Any

from hub.forms.round_trip import Preview, check_manifest, preview, read_manifest
from hub.forms.saving import Wish
from hub.web.context import Asked
from hub.web.shown.sending import Upload
from hub.web.shown.work import Looked, look_at


def compared_with(asked: Asked, upload: Upload, form: str, unit: str, period: str) -> tuple[Looked, Preview]:
    """Raises FORBIDDEN for who types nothing, INVALID for a workbook that is none of this report."""
    looked = look_at(asked, form, unit, period)
    manifest = read_manifest(upload.path)
    check_manifest(asked.hub.catalog, manifest, looked.form, unit, looked.report.period.text)
    return looked, preview(asked.hub, upload.path, manifest, {part.unit: part for part in looked.parts})


def edit_data(wish: Wish) -> dict[str, Any]:
    return {
        "key": wish.key, "unit": wish.unit, "kind": wish.kind.value, "line": wish.line, "field": wish.field, "text": wish.text,
        "version": wish.version,
    }  # fmt: skip


def preview_data(found: Preview, language: str) -> dict[str, Any]:
    def other(one: Any) -> dict[str, Any]:
        return {name: getattr(one, name) for name in ("unit", "line", "number", "column", "before", "after", "place")}

    return {
        "edits": [{**edit_data(change.wish), "number": change.number, "before": change.before} for change in found.changes],
        "conflicts": [other(one) for one in found.conflicts],
        "proposals": [other(one) for one in found.proposals],
        "problems": [{"place": one.place, "code": one.error.code, "detail": one.error.text(language)} for one in found.problems],
        "problem_count": found.problem_count,
        "missing": found.missing,
        "hidden": found.hidden,
    }
