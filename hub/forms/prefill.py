"""A report filled in: pure, given what the view reads. The same view gives the same report for ever.

Rosters are in ``hub.forms.roster``, indicators in ``hub.forms.indicators``; formulas and the form's rules are run here, on
the finished cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from hub.core.clock import Period
from hub.forms.context import Context, View, make_context
from hub.forms.display import text_of
from hub.forms.formulas import Surroundings, evaluate, without_base
from hub.forms.indicators import indicator_lines
from hub.forms.model import BrokenRule, Cell, Report, ReportLine, SectionReport, State, Value
from hub.forms.roster import roster
from hub.forms.units import check_period, division, villages
from hub.registry.formulas import formula_uses, parse_formula
from hub.registry.model import Catalog, FieldKind, Form, FormField, Section, SectionKind
from hub.store.measures import Connection

__all__ = ["View", "report"]


def report(
    connection: Connection,
    view: View,
    catalog: Catalog,
    form: Form,
    unit: str,
    period: Period,
    at: date,
    open_sealed: Callable[[str, list[bytes | None]], list[str | None]],
) -> Report:
    """The form for ``unit`` (a 12-digit division code: a village, or a township with all its villages) and ``period``.

    ``view`` is what the hub knows at the cut-off, ``at`` the day of the cut-off (a value older than its department promised
    on that day is stale). ``open_sealed`` is the vault's ``open``. Raises
    NOT_FOUND for a unit that does not exist and for a period of another frequency.
    """
    error = check_period(period.frequency, form.frequency, period.text)
    if error is not None:
        raise error
    context = make_context(connection, view, catalog, villages(catalog, unit), period, at, open_sealed)
    sections: list[SectionReport] = []
    broken: list[BrokenRule] = []
    for section in form.sections:
        holds = [rule.holds for rule in form.rules if rule.section == section.name]
        filled, measured = _section(context, section, holds, unit)
        finished = tuple(_finished(context, section, line, measured) for line in filled.lines)
        sections.append(SectionReport(section, finished, filled.total_lines))
        broken += _broken(context, form, sections[-1], measured)
    return Report(form, unit, division(catalog, unit).title.zh, period, at, tuple(sections), tuple(broken))


Measured = Callable[[ReportLine, str], Cell]


def _section(context: Context, section: Section, holds: Sequence[str], unit: str) -> tuple[SectionReport, Measured]:
    """The section with every cell but the formulas, and the figures that formulas (and ``holds``, of the rules) may name."""
    if section.kind is SectionKind.ROSTER:
        lines = roster(context, section)
        return SectionReport(section, lines, len(lines)), lambda line, name: Cell(None, "", State.MISSING)
    lines, measured = indicator_lines(context, section, unit, holds)
    return SectionReport(section, lines, len(lines)), measured


def _finished(context: Context, section: Section, line: ReportLine, measured: Measured) -> ReportLine:
    """The line with its formulas computed, those first that others need, and cells that do not apply marked so."""
    cells = {field.name: cell for field, cell in zip(section.fields, line.cells, strict=True)}
    waiting = {field.name: field for field in section.fields if field.kind is FieldKind.FORMULA}

    def compute(field: FormField) -> None:
        del waiting[field.name]
        for name in formula_uses(parse_formula(field.expression, field.place)).fields:
            if name in waiting:
                compute(waiting[name])
        cells[field.name] = _formula(context, field.expression, line, cells, measured)

    while waiting:
        compute(next(iter(waiting.values())))
    for field in section.fields:
        if field.applies is not None and _value(context, field.applies, line, cells, measured) is False:
            cells[field.name] = Cell(None, "", State.NOT_APPLICABLE)
    return ReportLine(line.number, line.place, tuple(cells[field.name] for field in section.fields), line.subject, line.total)


def _formula(context: Context, text: str, line: ReportLine, cells: dict[str, Cell], measured: Measured) -> Cell:
    """A computed cell: its sources are those of what it is computed from; it is missing if one of these is, and a rate of
    nothing does not apply."""
    node = parse_formula(text)
    uses = formula_uses(node)
    operands = [cells[name] for name in sorted(uses.fields)] + [measured(line, name) for name in sorted(uses.measures)]
    sources = tuple(sorted({source for cell in operands for source in cell.sources}))
    as_of = min((cell.as_of for cell in operands if cell.as_of is not None), default=None)
    if any(cell.state is State.MISSING for cell in operands):
        return Cell(None, "", State.MISSING, sources, as_of)
    if text.replace(" ", "") == "place()":
        if line.total:
            return Cell(None, context.total_title, State.FORMULA)
        return Cell(line.place, division(context.catalog, line.place).title.zh, State.FORMULA)
    around = _around(context, line, cells, measured)
    if without_base(node, around):
        return Cell(None, "", State.NOT_APPLICABLE, sources, as_of)
    value = evaluate(node, around)
    shown = text_of(context.catalog, value, None)
    return Cell(value, shown, State.BLANK if value is None else State.FORMULA, sources, as_of)


def _value(context: Context, text: str, line: ReportLine, cells: dict[str, Cell], measured: Measured) -> Value:
    return evaluate(parse_formula(text), _around(context, line, cells, measured))


def _around(context: Context, line: ReportLine, cells: dict[str, Cell], measured: Measured) -> Surroundings:
    return Surroundings(
        lambda name: cells[name].value, lambda name: measured(line, name).value, context.parameters, line.number, line.place
    )


def _broken(context: Context, form: Form, section: SectionReport, measured: Measured) -> list[BrokenRule]:
    """The rules that lines break; where an operand is not known, a rule is not judged."""
    found: list[BrokenRule] = []
    for rule in form.rules:
        if rule.section != section.section.name:
            continue
        for line in section.lines:
            cells = dict(zip(section.names, line.cells, strict=True))
            if _value(context, rule.holds, line, cells, measured) is False:
                found.append(BrokenRule(rule, line.number))
    return found
