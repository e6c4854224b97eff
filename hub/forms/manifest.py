"""What a downloaded workbook carries with it, on a sheet that nobody sees: of which reports it is, in which columns, and the version and
text of every cell that people type. By it an upload is understood wherever its lines and columns have gone meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from hub.forms.entries import entries
from hub.forms.model import Report
from hub.forms.reader import Reader
from hub.forms.working import Worked
from hub.registry.model import Catalog

SHEET = "_yibiao"
PRODUCT = "yibiao-report"
CODE_TITLES = {"zh": "行码", "en": "line code"}
UNIT_TITLES = {"zh": "单位代码", "en": "unit code"}


@dataclass(frozen=True, slots=True)
class SheetOf:
    """A section's sheet: its name, and its columns with their titles, in order."""

    section: str
    sheet: str
    columns: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypedCell:
    """A cell that people type, as it was downloaded."""

    unit: str
    line: str
    column: str
    version: str
    text: str


@dataclass(frozen=True)
class Manifest:
    """``units``: each unit with the digest of what departments said then."""

    form: str
    version: str
    unit: str
    period: str
    language: str
    units: Mapping[str, str]
    sheets: tuple[SheetOf, ...]
    typed: tuple[TypedCell, ...]


def manifest_of(
    catalog: Catalog, report: Report, parts: Sequence[Worked], sheets: Sequence[SheetOf], language: str, today: date
) -> Manifest:  # fmt: skip
    return Manifest(
        report.form.id, report.form.version, report.unit, report.period.text, language, {part.unit: part.seen for part in parts},
        tuple(sheets), tuple(cell for part in parts for cell in _typed(catalog, part, language, today)),
    )  # fmt: skip


def _typed(catalog: Catalog, part: Worked, language: str, today: date) -> list[TypedCell]:
    found = []
    for base, section in zip(part.base.sections, part.report.sections, strict=True):
        names, reader = entries(catalog, base.section, today), Reader(catalog, base.section, language)
        for line, filled in zip(section.lines, base.lines, strict=True):
            for place, field in enumerate(base.section.fields):
                if field.name in names and not line.total:
                    version = part.typed.version(line.code, field.name, filled.cells[place])
                    found.append(TypedCell(part.unit, line.code, field.name, version, reader.text(field, line.cells[place])))
    return found


_PIECE = 30_000  # signs in one cell of a workbook


def written(manifest: Manifest) -> list[list[str]]:
    """The rows of the hidden sheet: the head as JSON in pieces, then a row for each typed cell."""
    head = {"product": PRODUCT, **asdict(manifest)}
    del head["typed"]
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    return [pieces, *([cell.unit, cell.line, cell.column, cell.version, cell.text] for cell in manifest.typed)]


def read_back(rows: Sequence[Sequence[str]]) -> Manifest | None:
    """The manifest that was ``written``; None for rows that are none of ours."""
    try:
        head = json.loads("".join(rows[0]))
        json.dumps(head, ensure_ascii=False).encode()  # half a sign, written as \\ud800, cannot be
        if head.pop("product") != PRODUCT:
            return None
        sheets = tuple(SheetOf(one["section"], one["sheet"], tuple(one["columns"]), tuple(one["titles"])) for one in head.pop("sheets"))
        typed = tuple(TypedCell(*(*row, "", "", "", "", "")[:5]) for row in rows[1:])
        found = Manifest(**head, sheets=sheets, typed=typed)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None
    return found if _sound(found) else None


def _sound(found: Manifest) -> bool:
    """Whether everything is of its kind: somebody may have written into the hidden sheet."""
    if not isinstance(found.units, dict):
        return False
    texts: list[object] = [found.form, found.version, found.unit, found.period, found.language, *found.units, *found.units.values()]
    for sheet in found.sheets:
        texts += [sheet.section, sheet.sheet, *sheet.columns, *sheet.titles]
    return all(isinstance(text, str) for text in texts) and all(len(sheet.columns) == len(sheet.titles) for sheet in found.sheets)
