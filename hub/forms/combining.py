"""Reports of the parts of a unit as the unit's own: rosters one behind the other, figures added up, rates taken of the sums.

So a township's and a county's figures are always those of their villages: nobody types them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hub.core.clock import Period
from hub.forms.context import period_parameters
from hub.forms.finishing import NOT_ASKED, broken_rules, finished, renumbered
from hub.forms.indicators import summed, with_total
from hub.forms.model import Cell, Report, ReportLine, SectionReport
from hub.forms.units import current, division
from hub.registry.model import Catalog, SectionKind


def combined(catalog: Catalog, unit: str, parts: Sequence[Report]) -> Report:
    """The report of ``unit``, of which ``parts`` (one or more, of one form and period, in the order of their units) are all."""
    form, period = parts[0].form, parts[0].period
    sections = tuple(_section(catalog, unit, period, [part.sections[place] for part in parts]) for place in range(len(form.sections)))
    name = division(catalog, unit).title.zh
    return judged(catalog, Report(form, unit, name, period, min(part.at for part in parts), sections, ()))


def judged(catalog: Catalog, report: Report) -> Report:
    """The report with the rules that its lines break."""
    parameters = period_parameters(report.period)
    broken = tuple(rule for section in report.sections for rule in broken_rules(catalog, parameters, report.form, section))
    return replace(report, broken=broken)


def _section(catalog: Catalog, unit: str, period: Period, parts: Sequence[SectionReport]) -> SectionReport:
    section = parts[0].section
    lines = tuple(line for part in parts for line in part.lines if not line.total)
    if section.kind is SectionKind.ROSTER:
        return SectionReport(section, renumbered(section, lines), len(lines))
    kept = [[place for place, line in enumerate(part.lines) if not line.total] for part in parts]
    measured = {
        name: tuple(_measured(part, name, place) for part, places in zip(parts, kept, strict=True) for place in places)
        for name in dict.fromkeys(name for part in parts for name in part.measured)
    }
    whole = SectionReport(section, lines, len(lines), measured)
    if section.rows == "villages":
        return finished(catalog, period_parameters(period), with_total(catalog, unit, replace(whole, lines=_numbered(lines))))
    return finished(catalog, period_parameters(period), _one_line(catalog, unit, whole))


def _measured(part: SectionReport, name: str, place: int) -> Cell:
    """The figure of a measure; of a part whose version of the form had none, not asked."""
    return part.measured[name][place] if name in part.measured else NOT_ASKED


def under_successors(catalog: Catalog, report: Report, day: date) -> Report:
    """The report with the lines of villages that were merged or renamed by the day under those that stand for them, figures added up."""
    sections = tuple(_under_successors(catalog, report, section, day) for section in report.sections)
    return report if sections == report.sections else judged(catalog, replace(report, sections=sections))


def _under_successors(catalog: Catalog, report: Report, section: SectionReport, day: date) -> SectionReport:
    if section.section.rows != "villages":
        return section
    groups: dict[str, list[int]] = {}
    for place, line in enumerate(section.lines):
        if not line.total:
            groups.setdefault(current(catalog, line.code, day), []).append(place)
    if all(section.lines[place].code == code for code, places in groups.items() for place in places):
        return section
    return _section(
        catalog, report.unit, report.period, [_as_one(catalog, code, section, places) for code, places in sorted(groups.items())]
    )


def _as_one(catalog: Catalog, code: str, section: SectionReport, places: Sequence[int]) -> SectionReport:
    """Some lines of the section as the one line of a place."""
    lines = tuple(section.lines[place] for place in places)
    measured = {name: tuple(cells[place] for place in places) for name, cells in section.measured.items()}
    part = SectionReport(section.section, lines, len(lines), measured)
    return part if [line.code for line in lines] == [code] else _one_line(catalog, code, part)


def summed_anew(catalog: Catalog, unit: str, section: SectionReport) -> SectionReport:
    """The section with its total line worked out again, where it has one: some of the others have changed."""
    kept = [place for place, line in enumerate(section.lines) if not line.total]
    if len(kept) == len(section.lines):
        return section
    lines = tuple(section.lines[place] for place in kept)
    measured = {name: tuple(cells[place] for place in kept) for name, cells in section.measured.items()}
    return with_total(catalog, unit, SectionReport(section.section, lines, len(lines), measured))


def _one_line(catalog: Catalog, unit: str, section: SectionReport) -> SectionReport:
    total = with_total(catalog, unit, section)
    line = replace(summed(catalog, section, unit, 1), total=False)
    return SectionReport(section.section, (line,), 1, {name: cells[-1:] for name, cells in total.measured.items()})


def _numbered(lines: Sequence[ReportLine]) -> tuple[ReportLine, ...]:
    return tuple(replace(line, number=number) for number, line in enumerate(lines, 1))


def side_by_side(whole: Report, parts: Sequence[Report]) -> Report:
    """``whole``, the report of all the parts, with a line for each part where the form has one line of figures a unit, and their sum
    below: what a township works on."""
    if len(parts) == 1:
        return whole
    sections = []
    for place, section in enumerate(whole.sections):
        if section.section.kind is SectionKind.ROSTER or section.section.rows == "villages":
            sections.append(section)
            continue
        lines = [line for part in parts for line in part.sections[place].lines]
        sections.append(SectionReport(section.section, _numbered((*lines, replace(section.lines[0], total=True))), len(lines) + 1))
    return replace(whole, sections=tuple(sections))
