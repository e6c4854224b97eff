"""Objections laid over a report: wherever the value stands, by the form's rule, and not over what was submitted before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hub.core.clock import parse_period
from hub.core.errors import YibiaoError
from hub.forms.canonical import cell_data, report_json
from hub.forms.combining import combined
from hub.forms.model import Cell, Objection, Report, ReportLine, SectionReport, State
from hub.forms.objection_notes import footnotes
from hub.forms.objections import carries, elements_of, objected, raised
from hub.forms.stored import packed, unpacked
from hub.registry.definitions import definition_roots
from hub.registry.documents import parse_yaml
from hub.registry.load import load
from hub.registry.load_forms import read_form
from hub.registry.model import Catalog, Form
from hub.store.objections import Objection as Kept
from hub.store.objections import Proposal, Subject
from hub.store.objections import State as Answered

DAY = date(2026, 9, 30)
DEADLINE = date(2026, 12, 9)
HERE, THERE = "330802005004", "330802005005"
TOWN = "330802005000"
ROSTER = """
kind: Form
id: money
version: 1.0.0
title: {zh: 低保金, en: Allowances}
asked_by: 民政
unit: village
frequency: quarterly
sections:
  - name: roster
    title: {zh: 名单, en: List}
    kind: roster
    of: allowance
    by: head.village
    fields:
      - {name: name, title: {zh: 户主, en: head}, element: head.name}
      - {name: supplement, title: {zh: 补差, en: supplement}, element: family_supplement, meanwhile: proposed}
      - {name: aid, title: {zh: 救助, en: aid}, element: priority_aid}
      - {name: amount, title: {zh: 合计, en: amount}, formula: supplement + aid}
rules:
  - {name: small, title: {zh: 不超过一千, en: a thousand at most}, section: roster, holds: amount <= 1000}
"""
FIGURES = """
kind: Form
id: figures
version: 1.0.0
title: {zh: 村情, en: Villages}
asked_by: 民政
unit: township
frequency: quarterly
sections:
  - name: facts
    title: {zh: 村情, en: Facts}
    kind: indicators
    of: place
    rows: villages
    fields:
      - {name: village, title: {zh: 村, en: village}, formula: place()}
      - {name: land, title: {zh: 耕地, en: land}, element: ELEMENT, meanwhile: proposed, unit: 亩}
      - {name: double, title: {zh: 两倍, en: double}, formula: land * 2}
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(definition_roots())


def form_of(catalog: Catalog, text: str) -> tuple[Catalog, Form]:
    errors: list[YibiaoError] = []
    form = read_form(parse_yaml(text, "form.yaml"), errors)
    assert not errors
    return replace(catalog, forms={**catalog.forms, form.id: form}), form


def the_report(form: Form) -> Report:
    def line(number: int, subject: int, head: int, name: str, supplement: str, aid: str) -> ReportLine:
        cells = (
            Cell(name, name, State.CONFIRMED, ("public-security.resident",), DAY, head),
            Cell(Decimal(supplement), supplement, State.FILLED, ("civil-affairs.minimum-living",), DAY, subject),
            Cell(Decimal(aid), aid, State.FILLED, ("civil-affairs.minimum-living",), DAY, subject),
            Cell(
                Decimal(supplement) + Decimal(aid),
                f"{Decimal(supplement) + Decimal(aid)}",
                State.FORMULA,
                ("civil-affairs.minimum-living",),
                DAY,
            ),
        )
        return ReportLine(number, HERE, cells, subject, code=f"LINE{number}")

    lines = (line(1, 10, 90, "王样", "500.00", "100.00"), line(2, 11, 91, "李样", "700.00", "100.00"))
    return Report(form, HERE, "某村", parse_period("2026Q3"), DAY, (SectionReport(form.sections[0], lines, 2),), ())


def kept(number: int, element: str, subject: int, proposed: object, text: str, state: Answered = Answered.OPEN, **more: object) -> Kept:
    kind = str(more.pop("kind", "value" if element else "died"))
    about = Subject(kind, element, subject, str(more.pop("section", "")), "civil-affairs.minimum-living", "civil-affairs", "")
    proposal = Proposal(proposed, "d", text) if text else None
    made = Kept(number, about, proposal, "500.00", state, 0, DEADLINE, 7, None, "", None, "", None, None)
    return replace(made, **more)  # type: ignore[arg-type]


SUPPLEMENT = "allowance.family_supplement"


def test_a_report_that_nobody_objects_to_is_the_same_object(catalog: Catalog) -> None:
    catalog, form = form_of(catalog, ROSTER)
    report = the_report(form)
    assert objected(catalog, report, raised([])) is report
    assert objected(catalog, report, raised([kept(1, SUPPLEMENT, 99, "1.00", "1.00")])) is report
    assert "objection" not in cell_data(report.sections[0].lines[0].cells[0])


def test_the_value_that_is_carried_goes_into_formulas_and_rules_and_both_are_told(catalog: Catalog) -> None:
    """F75: the column's rule says which value the report carries."""
    catalog, form = form_of(catalog, ROSTER)
    found = objected(catalog, the_report(form), raised([kept(1, SUPPLEMENT, 10, "950.00", "950.00")]))
    name, supplement, _, amount = found.sections[0].lines[0].cells
    assert (supplement.value, supplement.text, supplement.state) == (Decimal("950.00"), "950.00", State.OBJECTED)
    assert supplement.objection == Objection(1, "value", "950.00", "500.00", "open", DEADLINE)
    assert (amount.value, amount.state) == (Decimal("1050.00"), State.FORMULA)
    assert [broken.line for broken in found.broken] == [1]
    assert name.state is State.CONFIRMED
    assert found.sections[0].lines[1] == the_report(form).sections[0].lines[1], "another subject's line is as it was"
    (note,) = footnotes(found.sections[0], "zh")
    assert all(text in note for text in ("第 1 行", "补差", "500.00", "950.00", "2026-12-09"))


def test_by_default_the_report_carries_what_the_department_says(catalog: Catalog) -> None:
    catalog, form = form_of(catalog, ROSTER)
    before = the_report(form)
    found = objected(catalog, before, raised([kept(1, "allowance.priority_aid", 10, "300.00", "300.00")]))
    aid, amount = found.sections[0].lines[0].cells[2:]
    assert (aid.value, aid.state, aid.sources) == (Decimal("100.00"), State.OBJECTED, ("civil-affairs.minimum-living",))
    assert aid.objection is not None
    assert (aid.objection.source, aid.objection.proposed) == ("100.00", "300.00")
    assert amount == before.sections[0].lines[0].cells[3]
    assert not found.broken


def test_a_value_is_found_by_element_and_subject_whatever_the_path(catalog: Catalog) -> None:
    """F74: of ``head.name`` the subject is the head, not the line's."""
    catalog, form = form_of(catalog, ROSTER)
    one = kept(3, "person.name", 91, "李柏", "李柏")
    found = objected(catalog, the_report(form), raised([one]))
    assert [line.cells[0].state for line in found.sections[0].lines] == [State.CONFIRMED, State.OBJECTED]
    elements = {section.name: elements_of(catalog, section) for section in form.sections}
    assert carries(found, elements, one)
    assert not carries(found, elements, kept(3, "person.name", 11, "李柏", "李柏"))


def test_a_line_that_should_not_be_there_is_flagged_and_counted(catalog: Catalog) -> None:
    """F73: and only that list's, where it is about being on it."""
    catalog, form = form_of(catalog, ROSTER)
    before = the_report(form)
    found = objected(catalog, before, raised([kept(4, "", 10, None, "", kind="died")]))
    assert found.sections[0].lines[0].objection == Objection(4, "died", "", "500.00", "open", DEADLINE)
    assert found.sections[0].lines[0].cells == before.sections[0].lines[0].cells
    here = objected(catalog, before, raised([kept(5, "", 10, None, "", kind="not_eligible", section="money.roster")]))
    assert here.sections[0].lines[0].objection is not None
    assert objected(catalog, before, raised([kept(5, "", 10, None, "", kind="not_eligible", section="other.roster")])) is before


def test_an_answer_is_told_beside_the_cell_and_changes_nothing_in_it(catalog: Catalog) -> None:
    catalog, form = form_of(catalog, ROSTER)
    answered = {"answered_at": 1, "answered_after": 9, "answer": "与档案一致"}
    found = objected(catalog, the_report(form), raised([kept(1, SUPPLEMENT, 10, "950.00", "950.00", Answered.REJECTED, **answered)]))
    cell = found.sections[0].lines[0].cells[1]
    assert (cell.value, cell.state) == (Decimal("500.00"), State.FILLED)
    assert cell.objection is not None
    assert (cell.objection.state, cell.objection.answer) == ("rejected", "与档案一致")
    assert footnotes(found.sections[0], "zh") == []


@pytest.mark.parametrize(
    ("submitted", "shown"), [(7, None), (8, "open"), (9, "open"), (10, "accepted")], ids=["before", "after it", "before the answer", "after"]
)  # fmt: skip
def test_what_was_submitted_shows_what_it_had_seen(catalog: Catalog, submitted: int, shown: str | None) -> None:
    """Raised after step 7 and answered after step 9; a report that step 8 submitted goes on showing it as open."""
    catalog, form = form_of(catalog, ROSTER)
    one = kept(1, SUPPLEMENT, 10, "950.00", "950.00", Answered.ACCEPTED, answered_at=1, answered_after=9)
    cell = objected(catalog, the_report(form), raised([one], submitted)).sections[0].lines[0].cells[1]
    assert (None if cell.objection is None else cell.objection.state) == shown
    assert (cell.state is State.OBJECTED) == (shown == "open")


def test_the_newest_of_two_is_shown(catalog: Catalog) -> None:
    catalog, form = form_of(catalog, ROSTER)
    old = kept(1, SUPPLEMENT, 10, "950.00", "950.00", Answered.REJECTED, answered_at=1, answered_after=9)
    found = objected(catalog, the_report(form), raised([old, kept(2, SUPPLEMENT, 10, "600.00", "600.00")]))
    cell = found.sections[0].lines[0].cells[1]
    assert cell.objection is not None
    assert (cell.objection.id, cell.text) == (2, "600.00")


def test_totals_are_summed_anew_and_so_are_those_of_the_township(catalog: Catalog) -> None:
    element = next(e for e in catalog.stored_elements("place") if e.type.value in ("integer", "decimal"))
    catalog, form = form_of(catalog, FIGURES.replace("ELEMENT", element.short))
    village, there = (code for code in catalog.code_lists["division"].codes.values() if code.parent == TOWN and code.code in (HERE, THERE))

    def land(place: str, figure: int, subject: int) -> ReportLine:
        cells = (
            Cell(place, place, State.FORMULA),
            Cell(figure, str(figure), State.FILLED, (), DAY, subject),
            Cell(figure * 2, "", State.FORMULA),
        )
        return ReportLine(0, place, cells, code=place)

    lines = (land(village.code, 30, 1), land(there.code, 12, 2))
    parts = Report(form, TOWN, "某镇", parse_period("2026Q3"), DAY, (SectionReport(form.sections[0], lines, 2),), ())
    whole = combined(catalog, TOWN, [parts])
    assert [line.cells[1].value for line in whole.sections[0].lines] == [30, 12, 42]
    one = replace(kept(1, element.name, 2, 20, "20"), proposed=Proposal(20, "-", "20"))
    found = objected(catalog, whole, raised([one])).sections[0]
    assert [line.cells[1].value for line in found.lines] == [30, 20, 50]
    assert [line.cells[2].value for line in found.lines] == [60, 40, 100]
    assert [line.cells[1].state for line in found.lines] == [State.FILLED, State.OBJECTED, State.OBJECTED]
    assert [line.total for line in found.lines] == [False, False, True]


def test_a_report_with_objections_is_stored_whole(catalog: Catalog) -> None:
    catalog, form = form_of(catalog, ROSTER)
    some = [kept(1, SUPPLEMENT, 10, "950.00", "950.00"), kept(2, "", 11, None, "")]
    found = objected(catalog, the_report(form), raised(some))
    again = unpacked(packed(found), catalog)
    assert again == found
    assert report_json(again) == report_json(found)
    assert b'"proposed":"950.00"' in report_json(found)
