"""Old forms as they lie in offices: the tables of a Word document or a workbook, read for their heads. Nothing of them is taken over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import openpyxl

from connectors.files.package import open_package
from connectors.files.settings import Limits
from connectors.files.word import word_tables
from hub.core.errors import invalid, not_found
from hub.core.messages import Message
from hub.forms.old_forms import Cell, Table
from hub.registry.model import Catalog

_LIMITS = Limits(unpacked_bytes=64 * 2**20)  # an empty form, not a delivery
_ROWS = 40  # of a sheet: a head stands at its top
_COLUMNS = 400
NOT_A_FORM = Message(
    "old_form_type", "“{name}”不是 .docx 或 .xlsx 文件。旧的 .doc、.xls 请先另存为新格式。",
    "{name} is no .docx or .xlsx file. Save an old .doc or .xls in the new format first.",
)  # fmt: skip
NO_FILE = Message("old_form_missing", "没有文件“{name}”。", "There is no file {name}.")


def read_tables(path: Path) -> list[Table]:
    """The tables of a file. Raises NOT_FOUND ``old_form_missing``, INVALID ``old_form_type`` and those of packages that are broken or
    unpack to too much."""
    if not path.is_file():
        raise not_found(NO_FILE, name=path.name)
    match path.suffix.lower():
        case ".docx":
            found = enumerate(word_tables(path, _LIMITS), 1)
            return [
                Table(str(number), tuple(Cell(_flat(cell.text), cell.row, cell.column, cell.rows, cell.columns) for cell in cells))
                for number, cells in found
            ]
        case ".xlsx":
            open_package(path, _LIMITS).archive.close()  # bounded before anything is unpacked
            return _sheets(path)
    raise invalid(NOT_A_FORM, name=path.name)


def _sheets(path: Path) -> list[Table]:
    book = openpyxl.load_workbook(path, data_only=True)
    tables = []
    for sheet in book.worksheets:
        merged = {(one.min_row, one.min_col): one for one in sheet.merged_cells.ranges}
        hidden = {(row, column) for one in merged.values() for row, column in _inside(one.bounds)} - merged.keys()
        cells = []
        for row in sheet.iter_rows(max_row=min(sheet.max_row, _ROWS), max_col=min(sheet.max_column, _COLUMNS)):
            for cell in row:
                where = (cell.row, cell.column)
                if where in hidden or (cell.value is None and where not in merged):
                    continue
                one = merged.get(where)
                rows, columns = (1, 1) if one is None else (one.max_row - one.min_row + 1, one.max_col - one.min_col + 1)
                cells.append(Cell(_flat(str(cell.value or "")), cell.row - 1, cell.column - 1, rows, columns))
        if cells:
            tables.append(Table(sheet.title, tuple(cells)))
    return tables


def _inside(bounds: tuple[int, int, int, int]) -> Iterable[tuple[int, int]]:
    left, top, right, bottom = bounds
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _flat(text: str) -> str:
    """In one line, without the blanks by which people space a title out."""
    return "".join(text.split())


def elements_like(catalog: Catalog, column: str) -> list[str]:
    """The elements that are called as the end of a column's path, by themselves or in a form in force: what may be held already."""
    wanted = column.rpartition("/")[2].removeprefix("其中:").removeprefix("其中：")
    fields = [(section.of, field) for form in catalog.forms.values() for section in form.sections for field in section.fields]
    in_forms = {f"{of}.{field.expression}" for of, field in fields if field.title.zh == wanted}
    return sorted(name for name, element in catalog.elements.items() if wanted and (element.title.zh == wanted or name in in_forms))
