"""Reports of several versions of one form side by side: what was frozen is in the columns of its own version, and stays so.

Pure. A report that is looked at alone is never laid out anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.forms.finishing import NOT_ASKED
from hub.forms.model import Report, ReportLine, SectionReport
from hub.registry.model import Form, Section


def in_one_layout(reports: Sequence[Report], form: Form) -> list[Report]:
    """Reports of one form as they are where all are of one version, else all in the columns of ``form``: one that a report had not was
    not asked, one that is gone is left out."""
    if len({report.form.version for report in reports}) <= 1:
        return list(reports)
    return [_laid_out(report, form) for report in reports]


def _laid_out(report: Report, form: Form) -> Report:
    if report.form.version == form.version:
        return report
    there = {section.section.name: section for section in report.sections}
    sections = tuple(_section(there.get(section.name), section) for section in form.sections)
    return replace(report, form=form, sections=sections, broken=())


def _section(was: SectionReport | None, section: Section) -> SectionReport:
    if was is None:
        return SectionReport(section, (), 0)
    return replace(was, section=section, lines=tuple(in_columns(line, was, section) for line in was.lines))


def in_columns(line: ReportLine, was: SectionReport, section: Section) -> ReportLine:
    """A line of ``was`` in the columns of a section: one that it has not was not asked."""
    cells = dict(zip(was.names, line.cells, strict=True))
    return replace(line, cells=tuple(cells.get(field.name, NOT_ASKED) for field in section.fields))
