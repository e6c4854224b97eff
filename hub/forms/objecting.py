"""Objecting: what somebody says against a value or a line of a report becomes a correction asked of the department whose data it is.

Only those who fill in reports of the area may. A second objection to the same thing joins the first. To a value that is put together
from records (an aggregate, a condition) no value can be proposed: it is objected to by its line, naming the column, and the reason
says what is wrong; so too for what a record is known by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.core.clock import Period
from hub.core.errors import invalid, not_found, refused
from hub.core.principals import Principal, may_see_places
from hub.forms import attachments
from hub.forms import lifecycle_messages as lm
from hub.forms import objection_messages as m
from hub.forms.canonical import plain
from hub.forms.edits import line_of
from hub.forms.entries import Entry, proposal
from hub.forms.filling import asked_for
from hub.forms.indicators import PLACE_ENTITY
from hub.forms.model import Cell, ReportLine, SectionReport
from hub.forms.objections import OF_LINES, OF_ONE_LIST, ObjectionKind, list_name
from hub.forms.stored import kind_of_value
from hub.forms.units import reporting_units, villages
from hub.forms.working import check_area, check_filler, look
from hub.registry.expressions import bind, bind_condition, uses
from hub.registry.form_checks import TOWNSHIP
from hub.registry.model import Catalog, FieldKind, Form, FormField, Section, SectionKind
from hub.store import objections as ledger
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.objections import Objection, Objector, Proposal, State, Subject, value_key

_NEED_A_REASON = frozenset({ObjectionKind.VALUE, ObjectionKind.NOT_ELIGIBLE, ObjectionKind.OTHER_VILLAGE, ObjectionKind.MISSING})


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says is wrong. ``line``: the code of the line, none for who is missing; ``field``: the column, of a whole line the
    one whose department shall answer; ``proposed``: what it should be, where the line belongs, who is missing."""

    kind: ObjectionKind
    line: str = ""
    field: str = ""
    proposed: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """``joined``: it was open already."""

    objection: Objection
    joined: bool


@dataclass(frozen=True, slots=True)
class _Target:
    """What the claim is about, and in which report it was seen."""

    about: Subject
    proposed: Proposal | None
    stood: str
    unit: str
    place: str


def object_to(hub: Hub, principal: Principal, form: str, unit: str, period: str, claim: Claim) -> Opened:
    """Raises FORBIDDEN outside the area or for who fills nothing in, NOT_FOUND, INVALID and REFUSED in the words of what stands in the way."""
    check_filler(principal)
    found, asked = asked_for(hub, form, period)
    check_area(hub.catalog, principal, unit)
    if claim.kind in _NEED_A_REASON and not claim.reason.strip():
        raise invalid(m.NO_REASON)
    if claim.kind is ObjectionKind.MISSING:
        target = _missing(hub, found, unit, claim)
    else:
        part, section, line = _line(hub, found, unit, asked, claim.line)
        target = (
            _value(hub, part, section, line, claim) if claim.kind is ObjectionKind.VALUE else _whole(hub, found, part, section, line, claim)
        )
    one = Objector(
        form, asked.text, target.unit, target.place, claim.line, claim.field, claim.proposed.strip(), claim.reason.strip(), hub.micros(),
        principal.name, principal.organisation,
    )  # fmt: skip
    with writing(hub.engine) as connection:
        days = hub.settings.deadlines.correction
        number, new = ledger.open_objection(
            connection, hub.vault, target.about, target.proposed, target.stood, days, hub.micros(), hub.today()
        )
        ledger.add_objector(connection, hub.vault, number, one)
        return Opened(ledger.find_objections(connection, hub.vault, [number])[number], not new)


def _line(hub: Hub, form: Form, unit: str, period: Period, code: str) -> tuple[str, SectionReport, ReportLine]:
    """The line of that code, and the unit in whose report it stands: that of the unit or of one of its parts."""
    for part, worked in look(hub, form.id, period.text, reporting_units(hub.catalog, form, unit, period.end)).items():
        found = line_of(worked.report, code) if code else None
        if found is not None:
            if found[1].total:
                raise refused(lm.TOTAL_LINE)
            return part, *found
    raise not_found(lm.NO_SUCH_LINE, line=code[:20])


def _value(hub: Hub, unit: str, section: SectionReport, line: ReportLine, claim: Claim) -> _Target:
    field, cell = _field(section, line, claim.field)
    entry = _open_to_proposals(hub, section.section, field, cell)
    if not claim.proposed.strip():
        raise invalid(m.NO_PROPOSAL)
    value, text = entry.read(hub.catalog, claim.proposed)
    standing = cell.objection.source if cell.objection is not None and cell.objection.is_open else cell.text
    if text == standing:
        raise refused(m.SAME_VALUE, value=text, **_titles(field))
    assert cell.subject is not None
    element = entry.element.name
    contract, department = _addressee(hub.catalog, cell.sources, [element])
    about = Subject(claim.kind, element, cell.subject, "", contract, department, value_key(element, cell.subject))
    return _Target(about, Proposal(plain(value), kind_of_value(value), text), standing, unit, line.place or unit)


def _open_to_proposals(hub: Hub, section: Section, field: FormField, cell: Cell) -> Entry:
    """How a value is proposed for the cell. Raises REFUSED with what to do instead."""
    if field.kind is FieldKind.ENTRY:
        raise refused(m.TYPE_IT, **_titles(field))
    if field.kind is not FieldKind.ELEMENT:
        raise refused(m.COUNTED, **_titles(field))
    entry = proposal(hub.catalog, section.of or PLACE_ENTITY, field, hub.today())
    if entry is None or cell.subject is None:
        raise refused(m.COMPOSED, **_titles(field))
    if entry.element.short == hub.catalog.entities[entry.element.entity].key:
        raise refused(m.KEY_FIELD, **_titles(field))
    if next(iter(hub.catalog.authority(entry.element.name).order), "").startswith(TOWNSHIP):
        raise refused(m.TYPE_IT, **_titles(field))
    return entry


def _whole(hub: Hub, form: Form, unit: str, section: SectionReport, line: ReportLine, claim: Claim) -> _Target:
    assert claim.kind in OF_LINES
    if line.subject is None:
        raise refused(m.NO_SUBJECT)
    if claim.kind is ObjectionKind.OTHER_VILLAGE and not claim.proposed.strip():
        raise invalid(m.NO_PROPOSAL)
    where = list_name(form.id, section.section) if claim.kind in OF_ONE_LIST else ""
    contract, department = _answers(hub.catalog, section.section)
    if claim.field:
        _, cell = _field(section, line, claim.field)
        contract, department = _addressee(hub.catalog, cell.sources, ()) if cell.sources else (contract, department)
    column = f"/{claim.field}" if claim.kind is ObjectionKind.CONTENT else ""
    about = Subject(claim.kind, "", line.subject, where, contract, department, f"{claim.kind}/{where}/{line.subject}{column}")
    return _Target(about, _words(claim.proposed), "", unit, line.place or unit)


def _missing(hub: Hub, form: Form, unit: str, claim: Claim) -> _Target:
    section = next((one for one in form.sections if one.kind is SectionKind.ROSTER), None)
    if section is None:
        raise refused(m.NO_ROSTER)
    if not claim.proposed.strip():
        raise invalid(m.NO_NAME)
    contract, department = _answers(hub.catalog, section)
    where = list_name(form.id, section)
    (who,) = hub.vault.hash("objection-missing", ["".join(claim.proposed.split())])
    about = Subject(claim.kind, "", None, where, contract, department, f"{claim.kind}/{where}/{who}")
    return _Target(about, _words(claim.proposed), "", unit, unit)


def _words(text: str) -> Proposal | None:
    """What is proposed in words, for a person to read."""
    return Proposal(text.strip(), "-", text.strip()) if text.strip() else None


def _field(section: SectionReport, line: ReportLine, name: str) -> tuple[FormField, Cell]:
    if name not in section.names:
        raise not_found(lm.NO_SUCH_FIELD, field=name[:60])
    return section.section.fields[section.names.index(name)], section.cell(line, name)


def _addressee(catalog: Catalog, sources: Sequence[str], elements: Sequence[str]) -> tuple[str, str]:
    """(contract, department) that answers: whose data stands there, else the first authority of what is read. A township is asked
    for nothing that it says itself. Raises REFUSED where nobody is left."""
    named = [source for source in sources if source in catalog.contracts]
    named += [contract for element in elements for contract in catalog.authority(element).order if contract in catalog.contracts]
    for contract in named:
        if not contract.startswith(TOWNSHIP):
            return contract, catalog.contracts[contract].department
    raise refused(m.NO_DEPARTMENT)


def _answers(catalog: Catalog, section: Section) -> tuple[str, str]:
    """Who answers for who is on a list: the department that the section names, else whose data chooses its lines."""
    if section.answers:
        return "", section.answers
    entity = str(section.of)
    chosen = [bind(catalog, entity, str(section.by))]
    if section.where is not None:
        chosen.insert(0, bind_condition(catalog, entity, section.where))
    return _addressee(catalog, (), [element for node in chosen for element in sorted(uses(node))])


def _titles(field: FormField) -> dict[str, str]:
    return {"field_zh": field.title.zh, "field_en": field.title.en}


# Evidence ---------------------------------------------------------------------------------------------------------------


def add_evidence(hub: Hub, principal: Principal, number: int, name: str, content: bytes) -> ledger.Evidence:
    """Keep a file with an open objection that was raised in the area. Raises FORBIDDEN, NOT_FOUND, INVALID, REFUSED."""
    check_filler(principal)
    found = objection_of(hub, number)
    with hub.engine.connect() as connection:
        raised = ledger.objectors_of(connection, hub.vault, [number])[number]
        earlier = ledger.evidence_of(connection, hub.vault, [number])[number]
    if not any(may_see_places(principal, villages(hub.catalog, one.unit)) for one in raised):
        raise not_found(m.UNKNOWN, id=number)
    if found.state is not State.OPEN:
        raise refused(m.ANSWERED, id=number, state_zh=m.STATES[found.state].zh, state_en=m.STATES[found.state].en)
    file = attachments.sniffed(name, content)
    same = next((one for one in earlier if one.digest == file.digest), None)
    if same is not None:
        return same
    if len(earlier) >= attachments.MOST:
        raise refused(m.EVIDENCE_MANY, limit=attachments.MOST)
    place = attachments.keep(hub.settings.home, hub.vault, file)
    try:
        with writing(hub.engine) as connection:
            ledger.add_evidence(
                connection, hub.vault, number, file.name, file.type, len(content), file.digest, place, hub.micros(), principal.name
            )
            return ledger.evidence_of(connection, hub.vault, [number])[number][-1]
    except BaseException:
        attachments.drop(hub.settings.home, place)
        raise


def objection_of(hub: Hub, number: int) -> Objection:
    """Raises NOT_FOUND ``correction_not_found``."""
    with hub.engine.connect() as connection:
        found = ledger.find_objections(connection, hub.vault, [number]).get(number)
    if found is None:
        raise not_found(m.UNKNOWN, id=number)
    return found
