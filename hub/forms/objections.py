"""Objections laid over a filled report: every cell and line whose value somebody says is wrong shows it, wherever the value stands.

Pure. An objection is about one value of one subject, found by (element, subject), so that it shows in each form and village. While it is
open the column's ``meanwhile`` says which value the report carries; a line that should not be there stays and is counted, flagged.
Figures of measures are counted over the whole register and carry what departments say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from enum import StrEnum

from hub.forms.combining import judged, summed_anew
from hub.forms.context import period_parameters
from hub.forms.display import text_of
from hub.forms.finishing import finished
from hub.forms.indicators import PLACE_ENTITY
from hub.forms.model import Cell, Objection, Report, ReportLine, SectionReport, State
from hub.forms.stored import value_of
from hub.registry import nodes as n
from hub.registry.expressions import bind
from hub.registry.model import Catalog, Element, FieldKind, Meanwhile, Section
from hub.store.objections import Objection as Kept
from hub.store.objections import Proposal
from hub.store.objections import State as Answered


class ObjectionKind(StrEnum):
    VALUE = "value"
    DIED = "died"
    MOVED = "moved"
    NOT_ELIGIBLE = "not_eligible"
    OTHER_VILLAGE = "other_village"
    CONTENT = "content"  # what is put together from records, or known by a number: said in words
    MISSING = "missing"  # somebody is not on the list who should be


OF_LINES = frozenset(ObjectionKind) - {ObjectionKind.VALUE, ObjectionKind.MISSING}
OF_ONE_LIST = frozenset(
    {ObjectionKind.NOT_ELIGIBLE, ObjectionKind.CONTENT, ObjectionKind.MISSING}
)  # not true of whom they are about in every form


@dataclass
class Raised:
    """The objections that a report shows: to values by (element, subject), to lines by (list, subject), the list empty where it is about
    the subject in every form. ``proposals``: the values proposed, by objection."""

    values: dict[tuple[str, int], Objection] = with_default(default_factory=dict)
    lines: dict[tuple[str, int], Objection] = with_default(default_factory=dict)
    proposals: dict[int, Proposal] = with_default(default_factory=dict)


def raised(found: Iterable[Kept], seen: int | None = None) -> Raised:
    """``found``: oldest first. ``seen``: the step by which the report left its makers' hands: what came later is not in it."""
    made = Raised()
    for one in found:
        if seen is not None and one.opened_after >= seen:
            continue
        if one.about.subject is None:
            continue
        shown = _shown(one, answered=one.answered_after is not None and (seen is None or one.answered_after < seen))
        if one.about.kind == ObjectionKind.VALUE:
            made.values[one.about.element, one.about.subject] = shown
        else:
            made.lines[one.about.section, one.about.subject] = shown
        if one.proposed is not None:
            made.proposals[one.id] = one.proposed
    return made


_ANSWERS = {Answered.REJECTED: "rejected"}  # any other was accepted once


def _shown(one: Kept, *, answered: bool) -> Objection:
    state = _ANSWERS.get(one.state, "accepted") if answered else "open"
    proposed = "" if one.proposed is None else one.proposed.text
    return Objection(one.id, one.about.kind, proposed, one.stood, state, one.deadline, one.answer if answered else "")


def objected(catalog: Catalog, report: Report, found: Raised) -> Report:
    """The report with what is objected to. Formulas, sums and rules are worked out again where it carries a proposed value."""
    if not found.values and not found.lines:
        return report
    sections = tuple(_section(catalog, report, section, found) for section in report.sections)
    if all(new is old for new, old in zip(sections, report.sections, strict=True)):
        return report
    made = replace(report, sections=sections)
    return judged(catalog, made) if _values(made) != _values(report) else made


def _values(report: Report) -> list[object]:
    return [cell.value for _, cell in report.cells()]


def _section(catalog: Catalog, report: Report, section: SectionReport, found: Raised) -> SectionReport:
    elements = elements_of(catalog, section.section)
    name = list_name(report.form.id, section.section)
    lines = tuple(_line(catalog, section, line, elements, found, name) for line in section.lines)
    if all(new is old for new, old in zip(lines, section.lines, strict=True)):
        return section
    made = replace(section, lines=lines)
    summed = summed_anew(catalog, report.unit, made)
    same = all(
        new.value == old.value
        for one, other in zip(lines, section.lines, strict=True)
        for new, old in zip(one.cells, other.cells, strict=True)
    )
    return made if summed is made and same else finished(catalog, period_parameters(report.period), summed)


def _line(
    catalog: Catalog, section: SectionReport, line: ReportLine, elements: Mapping[str, Element], found: Raised, name: str
) -> ReportLine:
    cells = list(line.cells)
    for place, column in enumerate(section.section.fields):
        element, subject = elements.get(column.name), cells[place].subject
        objection = None if element is None or subject is None else found.values.get((element.name, subject))
        if element is not None and objection is not None:
            proposal = found.proposals.get(objection.id) if column.meanwhile is Meanwhile.PROPOSED else None
            cells[place] = _cell(catalog, cells[place], element, objection, proposal)
    whole = None if line.subject is None or line.total else _newest(found.lines.get((one, line.subject)) for one in ("", name))
    if whole is None and all(new is old for new, old in zip(cells, line.cells, strict=True)):
        return line
    return replace(line, cells=tuple(cells), objection=whole)


def _newest(some: Iterable[Objection | None]) -> Objection | None:
    return max((one for one in some if one is not None), key=lambda one: one.id, default=None)


def _cell(catalog: Catalog, cell: Cell, element: Element, objection: Objection, proposal: Proposal | None) -> Cell:
    """An answered objection leaves the cell as it is, and is told beside it."""
    if not objection.is_open:
        return replace(cell, objection=objection)
    objection = replace(objection, source=cell.text)
    if proposal is None:
        return replace(cell, state=State.OBJECTED, objection=objection)
    value = value_of(proposal.value, proposal.type)
    text = text_of(catalog, value, element)
    return replace(cell, value=value, text=text, state=State.OBJECTED, sources=(), as_of=None, objection=objection)


def elements_of(catalog: Catalog, section: Section) -> dict[str, Element]:
    """The columns that pass an element's stored value on unchanged, by name: to these a value can be proposed."""
    found: dict[str, Element] = {}
    for field in section.fields:
        if field.kind is FieldKind.ELEMENT:
            node = bind(catalog, section.of or PLACE_ENTITY, field.expression, field.place)
            if isinstance(node, n.Path):
                found[field.name] = node.element
    return found


def list_name(form: str, section: Section) -> str:
    """One list of one form, for objections that are about being on it."""
    return f"{form}.{section.name}"


def carries(report: Report, elements: Mapping[str, Mapping[str, Element]], one: Kept) -> bool:
    """Whether what the objection is about stands in the report. ``elements``: as ``elements_of`` gives them, by section."""
    for section in report.sections:
        if one.about.section and one.about.section != list_name(report.form.id, section.section):
            continue
        names = elements.get(section.section.name, {})
        for line in section.lines:
            if one.about.kind != ObjectionKind.VALUE:
                if line.subject is not None and line.subject == one.about.subject:
                    return True
                continue
            for column, cell in zip(section.names, line.cells, strict=True):
                if column in names and names[column].name == one.about.element and cell.subject == one.about.subject:
                    return True
    return False
