"""Saving what people type and confirm: each edit under its own key, applied once, in order, or told why not.

Nobody's work is overwritten: an edit says which version of the cell its author saw, and one that saw an older version is a conflict,
which gives what stands there now. Of several edits in one call each has its own outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from enum import StrEnum

from sqlalchemy import Connection

from hub.core.clock import Period, from_microseconds
from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.principals import Principal
from hub.forms import lifecycle_messages as m
from hub.forms.edits import OF_CELLS, EditKind, Typed, entered, folded, line_of, marks, typed_cell, version_of, worked
from hub.forms.entries import Entry, entries
from hub.forms.filling import asked_for, report_at
from hub.forms.model import Cell, Report, ReportLine, SectionReport
from hub.forms.objections import Raised, objected
from hub.forms.raised import raised_in, raised_since
from hub.forms.working import check_area, check_filler, check_open, check_unit, not_opened
from hub.registry.model import FieldKind, Form
from hub.store import work as ledger
from hub.store.before_saving import find_now
from hub.store.edits import Edit, edit_before, find_edits, history_of, last_of_lines, write_edit
from hub.store.engine import asking, writing
from hub.store.hub import Hub


@dataclass(frozen=True, slots=True)
class Wish:
    """An edit that somebody sends. ``key``: the sender's own, for ever of this edit; ``version``: that of the cell as it was seen, or
    None to take whatever stands there; ``lines``: of a confirmation, line code -> the mark that was seen, and ``repeats``: the digest
    of the earlier report that they repeat, if they do."""

    key: str
    unit: str
    kind: EditKind
    line: str = ""
    field: str = ""
    text: str = ""
    version: str | None = None
    lines: Mapping[str, str] = with_default(default_factory=dict)
    repeats: str = ""


class Fate(StrEnum):
    SAVED = "saved"
    CONFLICT = "conflict"  # ask a person
    REFUSED = "refused"  # for good: it will not be taken as it is


@dataclass(frozen=True, slots=True)
class Outcome:
    """``version`` and ``cell``: of the cell as it stands now, where the edit was of a cell; ``cells``: those of its line that typing
    can change, by column, worked out again; ``missed``: of a confirmation, the lines that had changed."""

    key: str
    fate: Fate
    version: str = ""
    cell: Cell | None = None
    cells: Mapping[str, Cell] = with_default(default_factory=dict)
    missed: tuple[str, ...] = ()
    error: YibiaoError | None = None


def save(hub: Hub, principal: Principal, form: str, period: str, wishes: Sequence[Wish]) -> list[Outcome]:
    """Save the edits, those of each unit in one transaction, in the order given. Raises as ``filling.filled`` for form and period."""
    found, asked = asked_for(hub, form, period)
    outcomes: dict[str, Outcome] = {}
    for unit in dict.fromkeys(wish.unit for wish in wishes):
        of_unit = [wish for wish in wishes if wish.unit == unit]
        try:
            check_filler(principal)
            check_unit(hub.catalog, found, unit, asked.end)
            check_area(hub.catalog, principal, unit)
            outcomes |= _save_unit(hub, principal, found, asked, unit, of_unit)
        except YibiaoError as error:
            fate = Fate.CONFLICT if error.kind is Kind.CONFLICT else Fate.REFUSED
            outcomes |= {wish.key: Outcome(wish.key, fate, error=error) for wish in of_unit}
    return [outcomes[wish.key] for wish in wishes]


def _save_unit(hub: Hub, principal: Principal, form: Form, period: Period, unit: str, wishes: Sequence[Wish]) -> dict[str, Outcome]:
    """What is read is read before the transaction: that no two edits replace the same one is the database's to see to."""
    now = find_now(hub.engine, form.id, period.text, raised_since(period))
    if now is None:
        raise not_opened(form, period)
    base, against = report_at(hub, form.id, unit, period.text, now.known), Raised()
    if now.objected:
        with asking(hub.engine) as connection:
            against = raised_in(connection, hub, form, period, {}, {unit: base}).get(unit, against)
    typed, known = _before(hub, form, period, unit, wishes)
    with writing(hub.engine) as connection:
        work = ledger.touch(connection, form.id, period.text, unit, hub.micros(), principal.name)
        check_open(now.closes, work, hub.today())
        saver = _Saver(hub, connection, principal, base, typed, known, against)
        return {wish.key: saver.save(wish) for wish in wishes}


def _before(hub: Hub, form: Form, period: Period, unit: str, wishes: Sequence[Wish]) -> tuple[Typed, dict[str, tuple[str, str, Edit]]]:
    """What was typed into the lines before, and those of the edits that came before. Mostly it is one edit that comes."""
    if len(wishes) == 1:
        last, known = edit_before(hub.engine, hub.vault, form.id, period.text, unit, wishes[0].line, wishes[0].key)
        return folded(last), known
    lines = {wish.line for wish in wishes if wish.kind in OF_CELLS}
    with asking(hub.engine) as connection:
        last = last_of_lines(connection, hub.vault, form.id, period.text, unit, lines)
        return folded(last), find_edits(connection, hub.vault, [wish.key for wish in wishes])


class _Saver:
    """The edits of one call to one report, while they are saved. ``typed``: what was typed into their lines before; ``known``: those
    of them that came before."""

    def __init__(
        self, hub: Hub, connection: Connection, principal: Principal, base: Report, typed: Typed, known: dict[str, tuple[str, str, Edit]],
        against: Raised,
    ) -> None:  # fmt: skip
        self._hub, self._connection, self._principal, self._base, self._against = hub, connection, principal, base, against
        self._place = (base.form.id, base.period.text)
        self._entries = {section.section.name: entries(hub.catalog, section.section, hub.today()) for section in base.sections}
        self._typed, self._known = typed, known

    def save(self, wish: Wish) -> Outcome:
        try:
            return self._save_cell(wish) if wish.kind in OF_CELLS else self._save_lines(wish)
        except YibiaoError as error:
            return Outcome(wish.key, Fate.REFUSED, error=error)

    def _earlier(self, wish: Wish, content: Mapping[str, object]) -> Edit | None:
        """The edit that came under the key before. Raises REFUSED where that was another one: of another report or cell, or with other
        content."""
        if wish.key not in self._known:
            return None
        form, period, one = self._known[wish.key]
        same = (form, period, one.unit, one.line, one.field, one.kind) == (*self._place, wish.unit, wish.line, wish.field, wish.kind)
        if not same or not _holds(one.content, content):
            raise refused(m.KEY_TAKEN, key=wish.key)
        return one

    def _write(self, edit: Edit) -> bool:
        """Keep the edit; False where another was first, be it this one itself, sent twice at once."""
        if write_edit(self._connection, self._hub.vault, *self._place, edit):
            self._known[edit.key] = (*self._place, edit)
            return True
        self._known |= find_edits(self._connection, self._hub.vault, [edit.key])
        return False

    def _save_cell(self, wish: Wish) -> Outcome:
        section, line = self._line(wish.line)
        filled, entry = self._cell(section, line, wish.field)
        last = self._typed.cells.get((wish.line, wish.field))
        edit = self._edit(wish, entry, last)
        if self._earlier(wish, edit.content) is None:
            version = version_of(filled, last)
            if wish.version is not None and wish.version != version:
                return self._conflict(wish, filled, last)
            if not self._write(edit):
                newest = folded(history_of(self._connection, self._hub.vault, *self._place, wish.unit, wish.line, wish.field))
                last = newest.cells.get((wish.line, wish.field))
                if self._earlier(wish, edit.content) is None:
                    return self._conflict(wish, filled, last)
            else:
                self._typed.cells[wish.line, wish.field] = last = edit
        return Outcome(wish.key, Fate.SAVED, version_of(filled, last), self._shown(filled, last), self._worked_line(section, line))

    def _conflict(self, wish: Wish, filled: Cell, last: Edit | None) -> Outcome:
        cell = self._shown(filled, last)
        if last is None or (wish.version or "").partition(".")[0] == last.key:
            error = YibiaoError(Kind.CONFLICT, m.FILLED_CHANGED, value=cell.text)
        else:
            at = f"{from_microseconds(last.at):%m-%d %H:%M}"
            error = YibiaoError(Kind.CONFLICT, m.EDIT_CONFLICT, by=last.by, at=at, value=cell.text)
        return Outcome(wish.key, Fate.CONFLICT, version_of(filled, last), cell, error=error)

    def _edit(self, wish: Wish, entry: Entry, last: Edit | None) -> Edit:
        content: Mapping[str, object] = {}
        if wish.kind is EditKind.ENTER:
            if not wish.text.strip():
                raise invalid(m.EMPTY_ENTRY)
            content = entered(*entry.read(self._hub.catalog, wish.text))
        return Edit(
            wish.key, wish.unit, wish.line, wish.field, wish.kind, content, "" if last is None else last.key, self._hub.micros(),
            self._principal.name,
        )  # fmt: skip

    def _save_lines(self, wish: Wish) -> Outcome:
        """Confirm those lines whose mark is still the one that was seen; taking a confirmation back needs none. Sent again, those stay
        missed that were missed then."""
        now = marks(self._base)
        right: Mapping[str, str] = {
            code: mark for code, mark in wish.lines.items() if code in now and (wish.kind is EditKind.UNCONFIRM or now[code] == mark)
        }
        earlier = self._earlier(wish, {"lines": wish.lines})
        if earlier is None and right:
            content = {"lines": right} | ({"repeats": wish.repeats} if wish.repeats else {})
            edit = Edit(wish.key, wish.unit, "", "", wish.kind, content, wish.key, self._hub.micros(), self._principal.name)
            earlier = edit if self._write(edit) else self._earlier(wish, {"lines": wish.lines})
        if earlier is not None:
            right = _lines(earlier.content)
        missed = tuple(code for code in wish.lines if code not in right)
        if not missed:
            return Outcome(wish.key, Fate.SAVED)
        return Outcome(wish.key, Fate.CONFLICT, missed=missed, error=YibiaoError(Kind.CONFLICT, m.LINES_CHANGED, count=len(missed)))

    def _line(self, code: str) -> tuple[SectionReport, ReportLine]:
        found = line_of(self._base, code)
        if found is None:
            raise not_found(m.NO_SUCH_LINE, line=code[:20])
        if found[1].total:
            raise refused(m.TOTAL_LINE)
        return found

    def _cell(self, section: SectionReport, line: ReportLine, name: str) -> tuple[Cell, Entry]:
        """The computed cell, and how it is typed. Raises where it is not: a department's, a formula, none at all."""
        if name not in section.names:
            raise not_found(m.NO_SUCH_FIELD, field=name[:60])
        entry = self._entries[section.section.name].get(name)
        if entry is None:
            title = section.section.fields[section.names.index(name)].title
            raise refused(m.NOT_TYPED, field_zh=title.zh, field_en=title.en)
        return section.cell(line, name), entry

    def _shown(self, filled: Cell, edit: Edit | None) -> Cell:
        return filled if edit is None else typed_cell(filled, edit)

    def _worked_line(self, section: SectionReport, line: ReportLine) -> dict[str, Cell]:
        """What typing can change of the line, worked out again: what people type, and what is computed from it."""
        place = section.lines.index(line)
        measured = {name: cells[place : place + 1] for name, cells in section.measured.items()}
        alone = replace(self._base, sections=(SectionReport(section.section, (line,), 1, measured),))
        typed = worked(self._hub.catalog, alone, self._typed)
        (again,) = objected(self._hub.catalog, typed, self._against).sections[0].lines
        typed_names = self._entries[section.section.name]
        return {
            field.name: cell
            for field, cell in zip(section.section.fields, again.cells, strict=True)
            if field.kind is FieldKind.FORMULA or field.name in typed_names
        }


def _holds(kept: Mapping[str, object], sent: Mapping[str, object]) -> bool:
    """Whether what was kept is what is sent: of lines those that were right."""
    return _lines(kept).items() <= _lines(sent).items() if "lines" in sent else kept == sent


def _lines(content: Mapping[str, object]) -> Mapping[str, str]:
    lines = content.get("lines", {})
    assert isinstance(lines, Mapping)
    return lines
