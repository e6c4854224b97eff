"""The log holds no personal value, whoever wrote the line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub.core.log import configure, logger, masked


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("INFO", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def read(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    content: dict[str, object] = json.loads(line)
    return content


def test_a_line_is_one_json_object(lines: io.StringIO) -> None:
    logger("hub.pipeline").info("batch_merged", batch=3, contract="civil-affairs.minimum-living", known=1_760_000_000_123_456)
    line = read(lines)
    assert (line["event"], line["batch"], line["level"], line["logger"]) == ("batch_merged", 3, "info", "hub.pipeline")
    assert line["known"] == 1_760_000_000_123_456, "a microsecond time is not an identifier"
    assert "timestamp" in line


@pytest.mark.parametrize(
    "value",
    [
        "41152119620304567X",
        "411521196203040012",
        "411521620304567",
        "6217003810012345678",
        "13800000000",
        "４１１５２１１９６２０３０４００１２",
    ],
)
def test_identifiers_are_masked_wherever_they_stand(lines: io.StringIO, value: str) -> None:
    logger("hub").warning(f"bad {value}!", place=f"行 3：{value}", deep={"list": [(value,)]})
    assert value not in lines.getvalue()
    assert read(lines)["event"] == "bad ***!"


def test_numbers_that_are_identifiers_are_masked_and_division_codes_are_not(lines: io.StringIO) -> None:
    assert masked([411521196203040012, 13800000000]) == ["***", "***"]
    assert masked(["411521001001", 4611686018427387905, 12, True, None]) == ["411521001001", 4611686018427387905, 12, True, None]
    assert not lines.getvalue()


def test_fields_that_hold_a_person_or_a_secret_are_dropped(lines: io.StringIO) -> None:
    logger("hub").info("seen", name="张三", address="人民路 1 号", inner={"token": "yb_1", "found": "张三"}, blob=b"abc")
    assert not any(word in lines.getvalue() for word in ("张三", "人民路", "yb_1"))
    assert read(lines)["blob"] == "3 bytes"


def test_an_exception_is_logged_by_type_and_place_only(lines: io.StringIO) -> None:
    try:
        raise ValueError("row (张三, 13800000000) violates a constraint")
    except ValueError:
        logger("hub").exception("load_failed")
    line = read(lines)
    assert line["error"] == "ValueError"
    assert "test_log.py" in str(line["at"])
    assert "张三" not in lines.getvalue()


def test_other_libraries_lines_go_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("driver").warning("row %s is bad", "41152119620304567X")
    assert read(lines)["event"] == "row *** is bad"
