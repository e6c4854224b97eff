"""A report as a workbook in the layout of the official form: a sheet per section, what is text stays text.

Zero, nothing, missing, to be entered and not applicable look different; each cell's note says where its value comes from.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from hub.core.messages import word
from hub.forms import messages as m
from hub.forms.display import TO_ENTER, joined, state_of
from hub.forms.entries import Entry, entries
from hub.forms.manifest import CODE_TITLES, SHEET, UNIT_TITLES, Manifest, SheetOf, manifest_of, written
from hub.forms.model import Cell, Report, ReportLine, SectionReport, State
from hub.forms.objection_notes import footnotes, objection_note
from hub.forms.reader import Reader
from hub.forms.working import Worked
from hub.registry.model import Catalog, FormField, Title, ValueType

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# By the state that people are shown (``hub.forms.display.state_of``).
_FILLS: dict[str, str] = {
    State.MISSING: "#FCE4D6",
    State.CONFLICTING: "#FFE699",
    State.STALE: "#EDEDED",
    State.OBJECTED: "#FFE699",
    State.NOT_APPLICABLE: "#D9D9D9",
    TO_ENTER: "#DDEBF7",
}
_WORDS: set[str] = {State.BLANK, State.MISSING, State.NOT_APPLICABLE, TO_ENTER}  # shown by the state's own word, for there is no value
_WIDEST = 40


def report_workbook(
    report: Report, catalog: Catalog, language: str = "zh", parts: Sequence[Worked] = (), today: date | None = None
) -> bytes:  # fmt: skip
    """The .xlsx file; the same report gives the same bytes. Filled cells are tinted and not locked: sorting, filtering and columns of
    one's own work. ``parts``: the reports that it holds, by which what is typed into it is understood when it comes back."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": word(report.form.title, language), "created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    day = today or report.at
    lists = _Lists(book)
    sheets = [
        _Sheet(book, report, section, catalog, language, lists, entries(catalog, section.section, day)) for section in report.sections
    ]
    for sheet in sheets:
        sheet.write()
    if parts:
        _write_manifest(book, manifest_of(catalog, report, parts, [sheet.declared for sheet in sheets], language, day))
    book.close()
    return buffer.getvalue()


def _write_manifest(book: xlsxwriter.Workbook, manifest: Manifest) -> None:
    sheet = book.add_worksheet(SHEET)
    for row, cells in enumerate(written(manifest)):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text)
    sheet.very_hidden()


class _Lists:
    """Drop-down lists, kept on a hidden sheet: a list in the cell itself breaks the file above 255 signs."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book, self._places = book, {}  # type: ignore[var-annotated]
        self._sheet: Worksheet | None = None

    def source(self, choices: Sequence[str]) -> str:
        """The range that holds the choices."""
        key = tuple(choices)
        if key not in self._places:
            if self._sheet is None:
                self._sheet = self._book.add_worksheet("_lists")
                self._sheet.hide()
            column = len(self._places)
            for row, text in enumerate(key):
                self._sheet.write_string(row, column, text)
            letter = xl_col_to_name(column, col_abs=True)
            self._places[key] = f"=_lists!{letter}$1:{letter}${len(key)}"
        found: str = self._places[key]
        return found


@dataclass
class _Look:
    """The formats of a workbook, one per (state, number of decimals)."""

    book: xlsxwriter.Workbook
    made: dict[tuple[str, str], Format]

    def of(self, state: str, number: str) -> Format:
        if (state, number) not in self.made:
            wanted: dict[str, Any] = {"border": 1, "num_format": number, "valign": "vcenter", "text_wrap": True}
            if state in _FILLS:
                wanted["bg_color"] = _FILLS[state]
            if state in _WORDS:
                wanted.update(italic=True, font_color="#595959", align="center")
            self.made[state, number] = self.book.add_format(wanted)
        return self.made[state, number]


def _sheet_name(book: xlsxwriter.Workbook, title: str) -> str:
    """A title as Excel takes it for a sheet: no ``[]:*?/\\``, no apostrophe at an end, 31 characters, and no other sheet's."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", title).strip(" '")[:28].strip(" '") or "-"
    taken = {str(sheet.get_name()).lower() for sheet in book.worksheets()}
    return next(name for number in count(1) if (name := clean if number == 1 else f"{clean} {number}").lower() not in taken)


class _Sheet:
    """One section on its sheet."""

    def __init__(
        self, book: xlsxwriter.Workbook, report: Report, section: SectionReport, catalog: Catalog, language: str, lists: _Lists,
        typed: Mapping[str, Entry],
    ) -> None:  # fmt: skip
        self._lists, self._typed = lists, typed
        self._report, self._section, self._catalog, self._language = report, section, catalog, language
        self._fields = section.section.fields
        self._reader = Reader(catalog, section.section, language)
        self._sheet: Worksheet = book.add_worksheet(_sheet_name(book, word(section.section.title, language)))
        titles = tuple(word(field.title, language) for field in self._fields)
        self.declared = SheetOf(section.section.name, self._sheet.get_name(), tuple(section.names), titles)
        self._look = _Look(book, {})
        self._title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self._head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        self._small = book.add_format({"font_size": 9})

    def write(self) -> None:
        width = len(self._fields)
        self._merged(0, 0, 0, width - 1, word(self._report.form.title, self._language), self._title)
        self._sheet.set_row(0, 30)
        row = self._above(1)
        row = self._heads(row)
        self._sheet.freeze_panes(row, 0)
        first = row
        for line in self._section.lines:
            self._line(row, line)
            row += 1
        last = max(first, row - 1)
        self._sheet.autofilter(first - 1, 0, last, width + 1)
        self._choices(first, last)
        self._below(row + 1)
        for column, field in enumerate(self._fields):
            self._sheet.set_column(column, column, self._width(column, field))
        self._sheet.set_column(width, width + 1, 14)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)

    def _above(self, row: int) -> int:
        """What the law wants on a form (number, maker, approval, expiry), the unit and the period."""
        form, report = self._report.form, self._report
        expires = "" if form.expires is None else form.expires.isoformat()
        official = (
            (m.FORM_NUMBER, form.number), (m.FORM_MAKER, form.maker), (m.FORM_APPROVAL, form.approval), (m.FORM_EXPIRES, expires),
        )  # fmt: skip
        self._sheet.write_string(row, 0, "    ".join(w.text(self._language, {"value": v}) for w, v in official if v), self._small)
        unit = m.FORM_UNIT.text(self._language, {"value": f"{report.unit_name} {report.unit}"})
        period = m.FORM_PERIOD.text(self._language, {"value": f"{report.period.text} ({report.period.start} — {report.period.end})"})
        self._sheet.write_string(row + 1, 0, f"{unit}    {period}", self._small)
        return row + 2

    def _heads(self, row: int) -> int:
        """One row of titles, or two where columns stand under a common one."""
        grouped = any(field.group is not None for field in self._fields)
        for column, field in enumerate(self._fields):
            title = word(field.title, self._language)
            if not grouped:
                self._sheet.write_string(row, column, title, self._head)
            elif field.group is None:
                self._merged(row, column, row + 1, column, title, self._head)
            else:
                self._sheet.write_string(row + 1, column, title, self._head)
        for first, last, group in _runs(self._fields):
            self._merged(row, first, row, last, word(group, self._language), self._head)
        bottom = row + (1 if grouped else 0)
        for place, titles in enumerate((CODE_TITLES, UNIT_TITLES)):
            self._sheet.write_string(bottom, len(self._fields) + place, titles["en" if self._language == "en" else "zh"], self._head)
        return bottom + 1

    def _choices(self, first: int, last: int) -> None:
        """A drop-down in every column that is typed and knows what it may be; typing something else is told, not forbidden."""
        for column, field in enumerate(self._fields):
            entry = self._typed.get(field.name)
            if entry is None:
                continue
            choices = [word(title, self._language) for title in entry.choices(self._catalog).values()]
            if entry.element.type is ValueType.BOOLEAN:
                choices = [m.YES.text(self._language), m.NO.text(self._language)]
            if choices:
                rule = {"validate": "list", "source": self._lists.source(choices), "error_type": "warning"}
                self._sheet.data_validation(first, column, last, column, rule)

    def _line(self, row: int, line: ReportLine) -> None:
        for column, (field, cell) in enumerate(zip(self._fields, line.cells, strict=True)):
            state = state_of(field, cell)
            self._cell(row, column, cell, state, self._reader.text(field, cell))
            if cell.sources or cell.objection is not None:
                self._sheet.write_comment(row, column, self._note(cell, state), {"x_scale": 1.5, "font_size": 9})
        if not line.total:
            self._sheet.write_string(row, len(self._fields), line.code, self._look.of(State.FILLED, "@"))
            self._sheet.write_string(row, len(self._fields) + 1, line.place, self._look.of(State.FILLED, "@"))

    def _cell(self, row: int, column: int, cell: Cell, state: str, text: str) -> None:
        if state in _WORDS:
            self._sheet.write_string(row, column, m.STATES[state].text(self._language), self._look.of(state, "@"))
        elif isinstance(cell.value, Decimal):
            digits = max(0, -int(cell.value.as_tuple().exponent))
            self._sheet.write_number(row, column, float(cell.value), self._look.of(state, "0." + "0" * digits if digits else "0"))
        elif isinstance(cell.value, int) and not isinstance(cell.value, bool):
            self._sheet.write_number(row, column, cell.value, self._look.of(state, "0"))
        else:  # identifiers, codes and dates: text, so that no program rounds or shifts them
            self._sheet.write_string(row, column, text, self._look.of(state, "@"))

    def _note(self, cell: Cell, state: str) -> str:
        titles = [self._catalog.contracts[c].title for c in cell.sources if c in self._catalog.contracts]
        as_of: date | None = cell.as_of
        against = "" if cell.objection is None else f"\n{objection_note(cell.objection, self._language)}"
        said = m.SOURCE_NOTE.text(
            self._language,
            {
                "sources": joined([word(title, self._language) for title in titles], self._language),
                "as_of": "" if as_of is None else as_of.isoformat(),
                "state": m.STATES[state].text(self._language),
            },
        )
        return said + against

    def _below(self, row: int) -> None:
        for broken in self._report.broken:
            if broken.rule.section == self._section.section.name:
                text = m.BROKEN.text(self._language, {"line": broken.line, "rule": word(broken.rule.title, self._language)})
                self._sheet.write_string(row, 0, text, self._small)
                row += 1
        for note in footnotes(self._section, self._language):
            self._sheet.write_string(row, 0, note, self._small)
            row += 1
        self._sheet.write_string(row, 0, m.LEGEND.text(self._language), self._small)
        self._sheet.write_string(row + 1, 0, m.FOOTER.text(self._language), self._small)

    def _width(self, column: int, field: FormField) -> int:
        """Wide enough for the longest text; a Chinese character takes two places."""
        texts = [self._reader.text(field, line.cells[column]) for line in self._section.lines[:200]]
        longest = max((_places(text) for text in texts), default=0)
        return min(_WIDEST, max(8, longest + 2, _places(word(field.title, self._language)) // 2 + 2))

    def _merged(self, row: int, column: int, last_row: int, last_column: int, text: str, look: Format) -> None:
        """A merged range; a single cell cannot be merged."""
        if (row, column) == (last_row, last_column):
            self._sheet.write_string(row, column, text, look)
        else:
            self._sheet.merge_range(row, column, last_row, last_column, text, look)


def _runs(fields: tuple[FormField, ...]) -> list[tuple[int, int, Title]]:
    """Neighbouring columns under one group: (first, last, group)."""
    runs: list[tuple[int, int, Title]] = []
    for column, field in enumerate(fields):
        if field.group is None:
            continue
        if runs and runs[-1][1] == column - 1 and runs[-1][2] == field.group:
            runs[-1] = (runs[-1][0], column, field.group)
        else:
            runs.append((column, column, field.group))
    return runs


def _places(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
