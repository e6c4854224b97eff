"""What is worked out on the finished cells of a line: formulas, cells that do not apply, and the form's rules.

Pure, and run twice: on what departments supply, and again on what people typed over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from hub.forms import messages as m
from hub.forms.display import text_of
from hub.forms.formulas import Surroundings, evaluate, without_base
from hub.forms.model import BrokenRule, Cell, ReportLine, SectionReport, State, Value
from hub.forms.units import division
from hub.registry.formulas import FormulaUses, formula_uses, parse_formula
from hub.registry.model import Catalog, FieldKind, Form, FormField, Section
from hub.registry.nodes import Node

Parameters = Mapping[str, date]
NOT_ASKED = Cell(None, "", State.NOT_APPLICABLE)


def finished(catalog: Catalog, parameters: Parameters, section: SectionReport) -> SectionReport:
    """The section with its formulas computed, those first that others need, and cells that do not apply marked so."""
    lines = tuple(_Line(catalog, parameters, section, line, index).finished() for index, line in enumerate(section.lines))
    return replace(section, lines=lines)


def broken_rules(catalog: Catalog, parameters: Parameters, form: Form, section: SectionReport) -> tuple[BrokenRule, ...]:
    """The rules that lines break; where an operand is not known, a rule is not judged."""
    rules = [rule for rule in form.rules if rule.section == section.section.name]
    if not rules:
        return ()
    judges = [_Line(catalog, parameters, section, line, index) for index, line in enumerate(section.lines)]
    return tuple(BrokenRule(rule, judge.line.number) for rule in rules for judge in judges if judge.value(rule.holds) is False)


def renumbered(section: Section, lines: Sequence[ReportLine]) -> tuple[ReportLine, ...]:
    """The lines numbered from 1, in the cells that show a line's number too."""
    shown = [position for position, field in enumerate(section.fields) if _plain(field.expression) == "line()"]
    found = []
    for number, line in enumerate(lines, 1):
        cells = list(line.cells)
        for position in shown:
            cells[position] = replace(cells[position], value=number, text=str(number))
        found.append(replace(line, number=number, cells=tuple(cells)))
    return tuple(found)


class _Line:
    """One line while it is worked out. ``index``: its place among the lines, by which measured figures are found."""

    def __init__(self, catalog: Catalog, parameters: Parameters, section: SectionReport, line: ReportLine, index: int) -> None:
        self._catalog, self._section, self.line, self._index = catalog, section, line, index
        self._cells = dict(zip(section.names, line.cells, strict=True))
        self._around = Surroundings(
            lambda name: self._cells[name].value, lambda name: self._measured(name).value, parameters, line.number, line.place
        )

    def finished(self) -> ReportLine:
        fields = self._section.section.fields
        waiting = {field.name: field for field in fields if field.kind is FieldKind.FORMULA}

        def compute(field: FormField) -> None:
            del waiting[field.name]
            for name in read_formula(field.expression)[1].fields:
                if name in waiting:
                    compute(waiting[name])
            self._cells[field.name] = self._formula(field.expression)

        while waiting:
            compute(next(iter(waiting.values())))
        for field in fields:
            if field.applies is not None and self.value(field.applies) is False:
                self._cells[field.name] = NOT_ASKED
        return replace(self.line, cells=tuple(self._cells[field.name] for field in fields))

    def value(self, text: str) -> Value:
        return evaluate(read_formula(text)[0], self._around)

    def _formula(self, text: str) -> Cell:
        """A computed cell: its sources are those of what it is computed from; it is missing if one of these is, and a rate of
        nothing does not apply."""
        node, uses = read_formula(text)
        operands = [self._cells[name] for name in sorted(uses.fields)] + [self._measured(name) for name in sorted(uses.measures)]
        sources = tuple(sorted({source for cell in operands for source in cell.sources}))
        as_of = min((cell.as_of for cell in operands if cell.as_of is not None), default=None)
        if any(cell.state is State.MISSING for cell in operands):
            return Cell(None, "", State.MISSING, sources, as_of)
        if _plain(text) == "place()":
            if self.line.total:
                return Cell(None, m.TOTAL.text("zh"), State.FORMULA)
            return Cell(self.line.place, division(self._catalog, self.line.place).title.zh, State.FORMULA)
        if without_base(node, self._around):
            return Cell(None, "", State.NOT_APPLICABLE, sources, as_of)
        value = evaluate(node, self._around)
        return Cell(value, text_of(self._catalog, value, None), State.BLANK if value is None else State.FORMULA, sources, as_of)

    def _measured(self, name: str) -> Cell:
        """The figure of a measure for this line: one of its cells', or one that no column shows."""
        return self._section.measured[name][self._index]


@lru_cache(maxsize=4096)
def read_formula(text: str) -> tuple[Node, FormulaUses]:
    """A formula of a form in force, which was read without an error before."""
    node = parse_formula(text)
    return node, formula_uses(node)


def _plain(text: str) -> str:
    return text.replace(" ", "")
