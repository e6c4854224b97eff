"""What an objection says beside its cell or line, with both values: the same words in a cell's note, in print and in a workbook."""

from __future__ import annotations

from hub.forms import objection_messages as m
from hub.forms.model import Objection, ReportLine, SectionReport
from hub.forms.objections import ObjectionKind


def objection_note(objection: Objection, language: str) -> str:
    """One sentence."""
    values = {
        "id": objection.id, "source": objection.source, "proposed": objection.proposed, "deadline": objection.deadline.isoformat(),
        "answer": objection.answer, "kind_zh": m.KINDS[objection.kind].zh, "kind_en": m.KINDS[objection.kind].en,
    }  # fmt: skip
    match objection.state:
        case "accepted":
            return m.NOTE_ACCEPTED.text(language, values).strip()
        case "rejected":
            return m.NOTE_REJECTED.text(language, values)
    return (m.NOTE_OPEN if objection.kind == ObjectionKind.VALUE else m.NOTE_LINE).text(language, values)


def footnotes(section: SectionReport, language: str) -> list[str]:
    """The objections of a section that are open, each with its line."""
    return [note for line in section.lines for note in line_footnotes(section, line, language)]


def line_footnotes(section: SectionReport, line: ReportLine, language: str) -> list[str]:
    """Those of one line: to it as a whole, then to its values."""
    found: list[str] = []
    if line.objection is not None and line.objection.is_open:
        found.append(m.FOOTNOTE_LINE.text(language, {"line": line.number, "note": objection_note(line.objection, language)}))
    for field, cell in zip(section.section.fields, line.cells, strict=True):
        if cell.objection is not None and cell.objection.is_open:
            values = {"line": line.number, "column_zh": field.title.zh, "column_en": field.title.en}
            found.append(m.FOOTNOTE.text(language, {**values, "note": objection_note(cell.objection, language)}))
    return found
