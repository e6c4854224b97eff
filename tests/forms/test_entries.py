"""What people type is read exactly, or refused in words: cells of a workbook with their kinds, codes, months, long numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hub.core.errors import YibiaoError
from hub.forms.entries import Entry, _reader
from hub.intake.port import NUMBER, TEXT
from hub.registry.model import Code, CodeList, Element, FieldKind, FormField, Title, ValueType
from tests.store.small_city import CATALOG

TODAY = date(2026, 11, 25)
T = Title("列", "column")


def entry(kind: ValueType, **more: object) -> Entry:
    element = Element("row.column", T, kind, **more)  # type: ignore[arg-type]
    return Entry(FormField("column", T, FieldKind.ENTRY, "", keep=True), element, None, _reader(CATALOG, element, TODAY))


def refused(one: Entry, text: str, kind: int = TEXT) -> YibiaoError:
    with pytest.raises(YibiaoError) as found:
        one.read(CATALOG, text, kind)
    assert found.value.code == "entry_wrong"
    return found.value


def test_f51_a_month_that_a_spreadsheet_took_for_a_number_is_ambiguous() -> None:
    """2023.10 becomes 2023.1: January, or October."""
    month = entry(ValueType.MONTH)
    assert "不止一种读法" in refused(month, "2023.1", NUMBER).text("zh")
    assert month.read(CATALOG, "2023.10") == (date(2023, 10, 1), "2023-10")
    assert month.read(CATALOG, "2023-01") == (date(2023, 1, 1), "2023-01")


def test_f52_a_code_that_lost_its_zero_is_told_and_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = CodeList("ethnic", T, {code: Code(code, T) for code in ("01", "02", "11")})
    monkeypatch.setitem(CATALOG.code_lists, "ethnic", listed)
    code = entry(ValueType.CODE, code_list="ethnic")
    assert code.read(CATALOG, "01")[0] == "01"
    assert "0" in refused(code, "1", NUMBER).text("zh")
    refused(code, "99")


def test_f53_a_long_number_in_a_number_cell_is_refused_with_its_place_kept() -> None:
    """A spreadsheet keeps fifteen digits: the last ones are zeros that nobody typed."""
    account = entry(ValueType.TEXT, format="bank_account", sealed=True, max_length=30)
    error = refused(account, "6228480022087338000", NUMBER)
    assert "位数" in error.text("zh")
    assert "6228480022087338000" not in error.text("zh"), "and it is not shown in clear"
    assert account.read(CATALOG, "6228480022087338640")[0] == "6228480022087338640"


def test_f10_figures_of_any_width_and_a_full_stop_for_the_point() -> None:
    figure = entry(ValueType.DECIMAL, scale=4)
    assert figure.read(CATALOG, "１，２３４")[0] == 1234
    assert figure.read(CATALOG, "12.50")[0] == Decimal("12.5")
    assert "12.5" in refused(figure, "12。5").text("zh")


def test_f76_eighty_plus_is_a_part_of_sixty_plus_and_not_added() -> None:
    """The shipped form's rule adds the four bands, and 80+ is judged as a part of 60+."""
    from hub.registry.definitions import definition_roots
    from hub.registry.documents import parse_yaml

    texts = [path for root in definition_roots() for path in sorted(root.rglob("village-basics.yaml"))]
    (form,) = (parse_yaml(path.read_text(encoding="utf-8"), path.name).data for path in texts)
    rules = {rule["name"]: rule["holds"] for rule in form["rules"]}
    assert "aged_80_plus" not in rules["by_age"]
    assert rules["eighty_within_sixty"] == "aged_80_plus <= aged_60_plus"
