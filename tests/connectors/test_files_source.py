"""Folders, file names, options, cursors, and what single cells become."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files import open_file, source
from connectors.files.cells import day_of, exact, is_date_format, unescaped
from connectors.files.header import normal_name
from hub.intake.conformance import Pulled, pull
from hub.intake.port import DATE, ERROR, NUMBER, TEXT, Frame, Kind, SourceContext, YibiaoError
from tests.connectors.files_contracts import contract_of
from tests.connectors.workbooks import people_sheet, sheet_xml, text_cell, write_workbook

PEOPLE = contract_of("suite.people", ["编号", "姓名"], ("编号",))
HEADER = "编号,姓名\n"


def _folder(folder: Path, **options: Any) -> Any:
    return source(PEOPLE, {"folder": "in", "format": "csv", **options}, SourceContext(folder, date(2024, 4, 1)))


def _pulled(path: Path, content: str, **options: Any) -> Pulled:
    path.write_text(content, "utf-8")
    return pull(open_file(path, PEOPLE, options, date(2024, 3, 31)))


class TestFolder:
    def test_offers_are_the_matching_files_in_order_of_their_dates(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        for name in ("b_20240229.csv", "a_20240131.csv", "c_20240331.csv", "c_20240331.csv.part", "readme.txt"):
            (tmp_path / "in" / name).write_text(HEADER + "1,王\n", "utf-8")
        files = _folder(tmp_path, pattern=r"\w_(?P<as_of>\d{8})\.csv")
        assert [offer.name for offer in files.offers(None, None)] == ["a_20240131.csv", "b_20240229.csv", "c_20240331.csv"]
        assert [offer.as_of for offer in files.offers(date(2024, 2, 29), None)] == [date(2024, 3, 31)]

    def test_a_name_with_no_such_day(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a_20240230.csv").write_text(HEADER, "utf-8")
        with pytest.raises(YibiaoError) as caught:
            _folder(tmp_path).offers(None, None)
        assert caught.value.code == "source_file_date"
        assert "a_20240230.csv" in caught.value.text("zh")
        assert "请把文件改成正确的日期" in caught.value.text("zh")

    def test_a_file_that_changed_between_two_readings_is_not_resumed(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        path = tmp_path / "in" / "a_20240131.csv"
        path.write_text(HEADER + "1,王\n2,李\n", "utf-8")
        files = _folder(tmp_path, limits={"frame_rows": 1})
        offer = files.offers(None, None)[0]
        first = next(files.read(offer))
        assert isinstance(first, Frame)
        path.write_text(HEADER + "0,张\n1,王\n2,李\n", "utf-8")
        with pytest.raises(YibiaoError) as caught:
            list(files.read(offer, first.cursor))
        assert caught.value.code == "refused_source_changed"

    def test_a_file_that_is_gone_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        path = tmp_path / "in" / "a_20240131.csv"
        path.write_text(HEADER + "1,王\n", "utf-8")
        files = _folder(tmp_path)
        offer = files.offers(None, None)[0]
        path.unlink()
        with pytest.raises(YibiaoError) as caught:
            list(files.read(offer))
        assert caught.value.kind is Kind.UNAVAILABLE


@pytest.mark.parametrize(
    "options",
    [
        {"formt": "csv"},
        {"format": "dbf"},
        {"encoding": "latin-1"},
        {"delimiter": "::"},
        {"pattern": "("},
        {"pattern": "no group"},
        {"footer": ["("]},
        {"footer": ["(?=lookahead)"]},
        {"limits": {"rows": 1}},
        {"limits": {"columns": 0}},
        {"folder": 1},
        {"folder": None},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(YibiaoError) as caught:
        source(PEOPLE, {"folder": "in", **options}, SourceContext(tmp_path, date(2024, 4, 1)))
    assert caught.value.code == "source_options"


class TestDelimited:
    def test_quotes_of_every_kind(self, tmp_path: Path) -> None:
        content = '"编号","姓名"\r\n"1","王"\r\n2,李\r\n3,"他说""好"""\r\n"4","甲,乙"\r\n5,他说"好"\r\n6,"x"y\r\n7,"甲\r\n乙"\r\n8,\r\n'
        pulled = _pulled(tmp_path / "a.csv", content)
        names = [row["姓名"] for row in pulled.rows]
        assert names == ["王", "李", '他说"好"', "甲,乙", '他说"好"', None, "甲\n乙", None]
        places = pulled.frames[0].places
        assert places["fault"].to_list() == [None] * 5 + ["row_shape"] + [None] * 2
        assert places["raw"][5] == '6,"x"y'
        assert places["line"].to_list() == [2, 3, 4, 5, 6, 7, 8, 10]

    def test_a_stray_quote_harms_its_own_line_only(self, tmp_path: Path) -> None:
        pulled = _pulled(tmp_path / "a.csv", HEADER + '1,王\n2,"李"x\n3,张\n')
        assert [row["编号"] for row in pulled.rows] == ["1", None, "3"]

    def test_header_names_as_people_type_them(self, tmp_path: Path) -> None:
        pulled = _pulled(tmp_path / "a.csv", "\u200b编 号,姓名\u00a0\n1,王\n")
        assert pulled.rows == [{"编号": "1", "姓名": "王"}]
        assert {warning.kind for warning in pulled.end.warnings} == {"header_normalised"}

    def test_a_surplus_delimiter_must_be_in_every_record(self, tmp_path: Path) -> None:
        pulled = _pulled(tmp_path / "a.csv", HEADER + "1,王,\n2,李\n3,张,\n4,赵,x\n")
        assert pulled.frames[0].places["fault"].to_list() == [None, "row_shape", None, "row_shape"]

    def test_a_footer_pattern_of_the_contract(self, tmp_path: Path) -> None:
        pulled = _pulled(tmp_path / "a.csv", HEADER + "1,王\n以上共1人,\n", footer=["^以上"])
        assert (pulled.end.records, pulled.end.footer) == (1, ("以上共1人",))

    def test_one_column(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text('编号\n1\n\n"2"\n3,4\n', "utf-8")
        one = contract_of("suite.one", ["编号"], ("编号",))
        pulled = pull(open_file(path, one, {}, date(2024, 3, 31)))
        assert [row["编号"] for row in pulled.rows] == ["1", "2", None]


class TestNdjson:
    def test_numbers_keep_their_text(self, tmp_path: Path) -> None:
        values = ["1E3", "123456789012345678901234567890", "0.10", "true", "null", '["a", 1.0, {"b": false}]', '"007"']
        content = "".join(f'{{"编号": "{n}", "姓名": {value}}}\n' for n, value in enumerate(values))
        pulled = _pulled(tmp_path / "a.ndjson", content)
        shown = ["1E3", "123456789012345678901234567890", "0.10", "true", None, '["a",1.0,{"b":false}]', "007"]
        assert [row["姓名"] for row in pulled.rows] == shown
        assert pulled.kinds("姓名") == [NUMBER, NUMBER, NUMBER, TEXT, TEXT, TEXT, TEXT]

    def test_what_is_no_object_is_a_fault_of_its_line(self, tmp_path: Path) -> None:
        lines = ['{"编号": "1"}', '{"编号": NaN}', '["2"]', '{"编号": "\\ud83d"}', "[" * 100_000, '{"编号": "\\ud83d\\ude00"}']
        pulled = _pulled(tmp_path / "a.ndjson", "\n".join(lines) + "\n\n")
        assert pulled.frames[0].places["fault"].to_list() == [None, "row_shape", "row_shape", "encoding", "row_shape", None]
        assert pulled.rows[5]["编号"] == "😀"

    def test_json_over_several_lines_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ndjson"
        path.write_text(json.dumps({"编号": "1"}, indent=1), "utf-8")
        with pytest.raises(YibiaoError) as caught:
            pull(open_file(path, PEOPLE, {}, date(2024, 3, 31)))
        assert caught.value.values["place"] == "JSON over several lines"


def test_parquet_types_are_exact(tmp_path: Path) -> None:
    columns = {
        "整数": pa.array([9007199254740993, None]),
        "小数": pa.array([Decimal("123.4500"), Decimal("-0.0100")]),
        "浮点": pa.array([0.1, float("nan")]),
        "真假": pa.array([True, None]),
        "日": pa.array([date(9999, 12, 31), date(1600, 1, 1)]),
        "时刻": pa.array([datetime(2024, 2, 15, 8, 30), datetime(2024, 2, 15)], pa.timestamp("ms")),
        "世界时": pa.array([datetime(2024, 2, 15, 8, 30, tzinfo=UTC), None], pa.timestamp("us", "Asia/Shanghai")),
        "列表": pa.array([["a", "b"], []]),
        "字节": pa.array([b"\xe7\x8e\x8b", b"ok"], pa.binary()),
        "词典": pa.array(["甲", "乙"]).dictionary_encode(),
    }
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    pulled = pull(open_file(path, contract_of("suite.types", list(columns), ()), {}, date(2024, 3, 31)))
    assert pulled.rows == [
        {
            "整数": "9007199254740993", "小数": "123.45", "浮点": "0.1", "真假": "true", "日": "9999-12-31", "时刻": "2024-02-15T08:30:00",
            "世界时": "2024-02-15T16:30:00.000000+0800", "列表": '["a","b"]', "字节": "王", "词典": "甲",
        },
        {
            "整数": None, "小数": "-0.01", "浮点": "nan", "真假": None, "日": "1600-01-01", "时刻": "2024-02-15", "世界时": None,
            "列表": "[]", "字节": "ok", "词典": "乙",
        },
    ]  # fmt: skip
    assert pulled.kinds("浮点") == [NUMBER, ERROR]
    assert pulled.kinds("日") == [DATE, DATE]
    assert pulled.kinds("列表") == [TEXT, TEXT]


def test_bytes_that_are_no_text_are_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"编号": ["1", "2"], "姓名": pa.array([b"\xcd\xf5", b"ok"], pa.binary())}), path)
    pulled = pull(open_file(path, PEOPLE, {}, date(2024, 3, 31)))
    assert pulled.frames[0].places["fault"].to_list() == ["encoding", None]
    assert pulled.rows == [{"编号": None, "姓名": None}, {"编号": "2", "姓名": "ok"}]


def test_a_merged_cell_fills_down_and_not_across(tmp_path: Path) -> None:
    rows = (
        f'<row r="2">{text_cell("A2", "1")}{text_cell("B2", "王")}{text_cell("C2", "户")}</row>'
        f'<row r="3">{text_cell("B3", "李")}</row><row r="4"></row>'
    )
    header = f'<row r="1">{text_cell("A1", "编号")}{text_cell("B1", "姓名")}{text_cell("C1", "甲")}{text_cell("D1", "乙")}</row>'
    merged = '<mergeCells><mergeCell ref="A2:A4"/><mergeCell ref="C2:D3"/></mergeCells>'
    path = write_workbook(tmp_path / "a.xlsx", {"s": sheet_xml(header + rows, merged)})
    pulled = pull(open_file(path, contract_of("suite.merged", ["编号", "姓名", "甲", "乙"], ("编号",)), {}, date(2024, 3, 31)))
    assert [tuple(row.values()) for row in pulled.rows] == [("1", "王", "户", None), ("1", "李", "户", None)]


def test_formats_decide_what_is_a_date(tmp_path: Path) -> None:
    cells = "".join(f'<row r="{n + 2}"><c r="A{n + 2}"><v>{n}</v></c><c r="B{n + 2}" s="{n}"><v>45337.5</v></c></row>' for n in range(4))
    formats = ("yyyy&quot;年&quot;m&quot;月&quot;", "0.00&quot;m&quot;", "[$-804]e/m/d", "[Red]#,##0")
    path = write_workbook(tmp_path / "a.xlsx", {"s": people_sheet(cells)}, formats=formats)
    pulled = pull(open_file(path, PEOPLE, {}, date(2024, 3, 31)))
    assert [row["姓名"] for row in pulled.rows] == ["2024-02-15T12:00:00", "45337.5", "2024-02-15T12:00:00", "45337.5"]
    assert pulled.kinds("姓名") == [DATE, NUMBER, DATE, NUMBER]


class TestCells:
    @pytest.mark.parametrize(
        ("token", "text"),
        [
            ("620.50", "620.5"), ("0.1", "0.1"), ("1.1000000000000001", "1.1"), ("330802195106088035", "330802195106088035"),
            ("3.3080219510608803E17", "330802195106088000"), ("1E-3", "0.001"), ("-0", "-0"), ("1E3", "1000"),
        ],
    )  # fmt: skip
    def test_numbers_are_shortest_and_exact(self, token: str, text: str) -> None:
        assert exact(token) == text

    @pytest.mark.parametrize(
        ("serial", "system", "day"),
        [
            ("1", 1900, "1900-01-01"), ("59", 1900, "1900-02-28"), ("60", 1900, "1900-02-29"), ("61", 1900, "1900-03-01"),
            ("45337", 1900, "2024-02-15"), ("2958465", 1900, "9999-12-31"), ("2958466", 1900, None), ("-1", 1900, None),
            ("0.5", 1900, "12:00:00"), ("0", 1904, "1904-01-01"), ("43875", 1904, "2024-02-15"),
            ("45337.99999999", 1900, "2024-02-16"), ("45337.25", 1900, "2024-02-15T06:00:00"),
        ],
    )  # fmt: skip
    def test_serial_numbers(self, serial: str, system: int, day: str | None) -> None:
        assert day_of(serial, system) == day

    def test_formats(self) -> None:
        assert all(map(is_date_format, ("yyyy-mm-dd", "m月d日", "[h]:mm", 'yyyy"年"', "aaaa")))
        assert not any(map(is_date_format, ("General", "0.00", "@", '0"d"', "[Red]0", "0_d", r"\d0")))

    def test_escapes(self) -> None:
        assert unescaped("a_x000A_b_x005F_x_xD800_") == "a\nb_x_xD800_"

    def test_names(self) -> None:
        assert normal_name("\ufeff月保障金额（元）\n") == normal_name("月保障金额(元)")
