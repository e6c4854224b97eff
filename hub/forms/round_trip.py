"""A workbook that comes back: what was changed in it, as the edits that would do the same, before anything is applied.

Lines are matched by their code wherever they now stand, columns by their titles. Only what differs from what was downloaded is a change;
a cell that somebody else changed meanwhile is a conflict; a changed cell of a department is no edit but a proposed objection. What
cannot be understood is a problem in the words of its rule, with its place; nothing is guessed and nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors.files.cells import Strings, date_styles
from connectors.files.package import Package, Sheet, open_package
from connectors.files.settings import XLSX, Limits
from connectors.files.sheet import Row, address, rows
from connectors.files.sniff import refuse_unlike
from hub.core.errors import YibiaoError, invalid
from hub.forms import round_trip_messages as m
from hub.forms.edits import EditKind
from hub.forms.entries import Entry, entries
from hub.forms.manifest import CODE_TITLES, SHEET, Manifest, SheetOf, TypedCell, read_back
from hub.forms.messages import NO, STATES, YES
from hub.forms.model import Cell, ReportLine, SectionReport
from hub.forms.reader import Reader
from hub.forms.saving import Wish
from hub.forms.working import Worked
from hub.intake.port import ERROR, FORMULA, TEXT, Title, refusals
from hub.registry.model import Catalog, FieldKind, Form, ValueType
from hub.store.hub import Hub

_LIMITS = Limits(unpacked_bytes=512 * 2**20, columns=500)
PROBLEMS_TOLD = 1_000
_HEADS_WITHIN = 200  # rows in which the heads are looked for
_STATE_WORDS = frozenset(text for one in STATES.values() for text in (one.zh, one.en))
_NOT_APPLICABLE = frozenset({STATES["not_applicable"].zh, STATES["not_applicable"].en, "N/A", "n/a"})


@dataclass(frozen=True, slots=True)
class Change:
    """A change that can be applied. ``wish``: the edit that does it, with the version that was downloaded."""

    unit: str
    line: str
    number: int
    column: str
    before: str
    after: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class Other:
    """What is no edit: of a conflict ``before`` is what stands now; of a proposal, what the department says; ``place``: in the file."""

    unit: str
    line: str
    number: int
    column: str
    before: str
    after: str
    place: str


@dataclass(frozen=True, slots=True)
class Problem:
    place: str
    error: YibiaoError


@dataclass(frozen=True)
class Preview:
    """``problems``: the first ``PROBLEMS_TOLD`` of them; ``problem_count``: how many there are (a workbook of another list has one a
    line, and nobody reads a hundred thousand); ``missing``: how many lines of the reports the workbook no longer has; ``hidden``: how many of its rows are hidden and were read."""

    changes: tuple[Change, ...]
    conflicts: tuple[Other, ...]
    proposals: tuple[Other, ...]
    problems: tuple[Problem, ...]
    problem_count: int
    missing: int
    hidden: int


def read_manifest(path: Path) -> Manifest:
    """Raises INVALID for a file that is no workbook of ours, or that cannot be read, in words that say what it is."""
    with _opened(path) as book:
        if any(name.lower().endswith("vbaproject.bin") for name in book.package.archive.namelist()):
            raise invalid(m.MACROS)
        sheet = book.sheet(SHEET)
        found = None if sheet is None else read_back([_texts(row) for row in book.rows(sheet)])
    if found is None:
        raise invalid(m.FOREIGN)
    return found


def check_manifest(catalog: Catalog, manifest: Manifest, form: Form, unit: str, period: str) -> None:
    """Raises INVALID for the workbook of another form, version, unit or period."""
    codes = catalog.code_lists["division"].codes
    names = {
        "form": {one.id: one.title for one in catalog.forms.values()} | {form.id: form.title},
        "unit": {one: codes[one].title for one in (unit, manifest.unit) if one in codes},
        "period": {},
    }
    for name, had, wanted in (("form", manifest.form, form.id), ("period", manifest.period, period), ("unit", manifest.unit, unit)):
        if had != wanted:
            raise invalid(m.OTHER_REPORT[name], had=names[name].get(had, had), wanted=names[name].get(wanted, wanted))
    if manifest.version != form.version:
        raise invalid(m.OTHER_VERSION, had=manifest.version, wanted=form.version)


def preview(hub: Hub, path: Path, manifest: Manifest, parts: Mapping[str, Worked]) -> Preview:
    """What the workbook would change in ``parts``, the reports of its units as they stand."""
    return _Comparing(hub, path, manifest, parts).preview()


@dataclass(frozen=True)
class _Book:
    """An open workbook, read row by row."""

    package: Package
    strings: Strings
    dates: list[bool]

    def sheet(self, name: str) -> Sheet | None:
        return next((one for one in self.package.sheets if one.name == name), None)

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        return rows(self.package, sheet, self.strings, self.dates, _LIMITS)


@contextmanager
def _opened(path: Path) -> Iterator[_Book]:
    try:
        refuse_unlike(path, XLSX)
        package = open_package(path, _LIMITS)
        try:
            with closing(Strings(package)) as strings:
                yield _Book(package, strings, date_styles(package))
        finally:
            package.archive.close()
    except YibiaoError as error:
        raise _of_an_upload(error) from None


def _of_an_upload(error: YibiaoError) -> YibiaoError:
    """What the reader of deliveries says, to whoever uploads a workbook; any other error as it is."""
    kind, unlike = refusals.kind_of(error.code), error.values.get("found")
    if kind is None:
        return error
    known = {"encrypted": m.ENCRYPTED, "limits": m.TOO_LARGE}
    return invalid(known.get(kind, m.NO_WORKBOOK if isinstance(unlike, Title) else m.DAMAGED), **error.values)


def _texts(row: Row) -> list[str]:
    return [text or "" for _, (text, _) in sorted(row.cells.items())]


@dataclass(frozen=True, slots=True)
class _Known:
    """A line of the reports as they stand."""

    part: Worked
    base: SectionReport
    filled: ReportLine
    shown: ReportLine


class _Comparing:
    """One workbook while it is compared."""

    def __init__(self, hub: Hub, path: Path, manifest: Manifest, parts: Mapping[str, Worked]) -> None:
        self._hub, self._catalog, self._path, self._manifest, self._parts = hub, hub.catalog, path, manifest, parts
        self._digest = sha256(path.read_bytes()).hexdigest()
        self._typed = {(cell.line, cell.column): cell for cell in manifest.typed}
        self._lines = {
            (base.section.name, line.code): _Known(part, base, line, shown)
            for part in parts.values()
            for base, section in zip(part.base.sections, part.report.sections, strict=True)
            for line, shown in zip(base.lines, section.lines, strict=True)
            if not line.total
        }
        self._changes: list[Change] = []
        self._conflicts: list[Other] = []
        self._proposals: list[Other] = []
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._hidden = 0

    def preview(self) -> Preview:
        seen: set[tuple[str, str]] = set()
        with _opened(self._path) as book:
            for declared in self._manifest.sheets:
                sheet = book.sheet(declared.sheet)
                if sheet is None:
                    self._problem(declared.sheet, invalid(m.NO_SHEET, sheet=declared.sheet))
                    continue
                seen |= self._sheet(declared, book.rows(sheet))
        return Preview(
            tuple(self._changes), tuple(self._conflicts), tuple(self._proposals), tuple(self._problems), self._problem_count,
            len(self._lines.keys() - seen), self._hidden,
        )  # fmt: skip

    def _problem(self, place: str, error: YibiaoError) -> None:
        self._problem_count += 1
        if len(self._problems) < PROBLEMS_TOLD:
            self._problems.append(Problem(place, error))

    def _sheet(self, declared: SheetOf, stream: Iterator[Row]) -> set[tuple[str, str]]:
        columns: dict[int, str] = {}
        code_at = -1
        seen: set[tuple[str, str]] = set()
        for row in stream:
            if not columns:
                code_at, columns = _heads(declared, row)
                if not columns and row.number > _HEADS_WITHIN:
                    break
                continue
            code = (row.cells.get(code_at, (None, TEXT))[0] or "").strip().upper()
            if not code:
                continue
            key = (declared.section, code)
            place = f"{declared.sheet}!{address(code_at, row.number)}"
            if key not in self._lines:
                self._problem(place, invalid(m.UNKNOWN_LINE, line=code[:20]))
            elif key in seen:
                self._problem(place, invalid(m.LINE_TWICE, line=code))
            else:
                self._hidden += row.hidden
                self._line(declared, row, self._lines[key], columns)
            seen.add(key)
        if not columns:
            self._problem(declared.sheet, invalid(m.NO_HEADS, sheet=declared.sheet, title=CODE_TITLES["zh"]))
        return seen

    def _line(self, declared: SheetOf, row: Row, known: _Known, columns: Mapping[int, str]) -> None:
        reader = Reader(self._catalog, known.base.section, self._manifest.language)
        typed = entries(self._catalog, known.base.section, self._hub.today())
        for column, name in columns.items():
            if name not in known.base.names:
                continue  # somebody has written into the hidden sheet
            text, kind = row.cells.get(column, (None, TEXT))
            place = f"{declared.sheet}!{address(column, row.number)}"
            field = known.base.section.fields[known.base.names.index(name)]
            if name in typed:
                cell = self._typed.get((known.filled.code, name))
                if cell is not None:
                    self._typed_cell(known, typed[name], cell, text, kind, place, reader.text(field, known.base.cell(known.shown, name)))
            elif field.kind is FieldKind.ELEMENT and self._manifest.units.get(known.part.unit) == known.part.seen:
                filled = known.base.cell(known.filled, name)
                before = reader.text(field, filled)
                if not _same(text, kind, before, filled):
                    self._proposals.append(Other(known.part.unit, known.filled.code, known.filled.number, name, before, text or "", place))

    def _typed_cell(self, known: _Known, entry: Entry, cell: TypedCell, text: str | None, kind: int, place: str, now: str) -> None:
        shown = (text or "").strip()
        untouched = shown == cell.text or (not cell.text and (not shown or shown in _STATE_WORDS - _NOT_APPLICABLE))
        if untouched and kind not in (FORMULA, ERROR):
            return
        line, number, name = known.filled.code, known.filled.number, cell.column
        try:
            wish = self._wish(known, entry, cell, shown, kind)
        except YibiaoError as error:
            self._problem(place, error)
            return
        current = known.part.typed.version(line, name, known.base.cell(known.filled, name))
        if wish.text == now and wish.kind is EditKind.ENTER:
            return  # somebody has typed the same meanwhile
        if current != cell.version:
            self._conflicts.append(Other(known.part.unit, line, number, name, now, shown, place))
            return
        self._changes.append(Change(known.part.unit, line, number, name, cell.text, wish.text, wish))

    def _wish(self, known: _Known, entry: Entry, cell: TypedCell, shown: str, kind: int) -> Wish:
        """The edit that does what was done in the file; its key is the file's and the cell's, so that it is applied once."""
        key = sha256(f"{self._digest}/{known.part.unit}/{cell.line}/{cell.column}".encode()).hexdigest()[:40]
        if kind == FORMULA:
            raise invalid(m.NOT_CALCULATED)
        if kind == ERROR:
            raise invalid(m.CELL_ERROR, found=shown)
        if not shown:
            return Wish(key, known.part.unit, EditKind.CLEAR, cell.line, cell.column, version=cell.version)
        if shown in _NOT_APPLICABLE:
            return Wish(key, known.part.unit, EditKind.NOT_APPLICABLE, cell.line, cell.column, version=cell.version)
        _, text = entry.read(self._catalog, _coded(self._catalog, entry, shown), kind)
        stored = _coded(self._catalog, entry, shown) if entry.choices(self._catalog) else text
        return Wish(key, known.part.unit, EditKind.ENTER, cell.line, cell.column, stored, cell.version)


def _heads(declared: SheetOf, row: Row) -> tuple[int, dict[int, str]]:
    """(the line code's column, column -> field name) where the row is the one of heads: the line code's title and half of the others."""
    by_title: dict[str, list[str]] = {}
    for name, title in zip(declared.columns, declared.titles, strict=True):
        by_title.setdefault(title.strip(), []).append(name)
    code_at, found = -1, {}
    for column, (text, _) in sorted(row.cells.items()):
        title = (text or "").strip()
        if title in CODE_TITLES.values():
            code_at = column
        elif by_title.get(title):
            found[column] = by_title[title].pop(0)
    return (code_at, found) if code_at >= 0 and len(found) * 2 >= len(declared.columns) else (-1, {})


def _coded(catalog: Catalog, entry: Entry, shown: str) -> str:
    """The code whose title was chosen; yes and no as they are read; anything else as it is."""
    if entry.element.type is ValueType.BOOLEAN:
        return {YES.zh: "是", YES.en: "是", NO.zh: "否", NO.en: "否"}.get(shown, shown)
    return next((code for code, title in entry.choices(catalog).items() if shown in (title.zh, title.en)), shown)


def _same(text: str | None, kind: int, before: str, cell: Cell) -> bool:
    """Whether a department's cell holds what was downloaded: a number is the same in any spelling, a state's word is no value."""
    shown = (text or "").strip()
    if shown == before or (not before and (not shown or shown in _STATE_WORDS)):
        return True
    if kind == TEXT or cell.value is None:
        return False
    try:
        return float(shown) == float(before)
    except ValueError:
        return False
