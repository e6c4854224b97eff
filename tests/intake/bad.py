"""Deliveries by hand, for the bad inputs that are no case of the manifest: small resident files and what is done with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from connectors.files import open_file
from hub.checks.batch import check_batch
from hub.intake.port import Source
from hub.pipeline import Travelled, travel
from hub.store.claims import Mend
from hub.store.hub import Hub
from tests.cases.hubs import AS_OF
from tests.cases.playing import CASES

RESIDENT = "public-security.resident"
HEADER = next(csv.reader((CASES / "MRG-07.csv").read_text("gb18030").splitlines()))
# Three made-up people of the cases: id, name, sex, birth date.
PEOPLE = (
    ("330802195106088035", "李样乙", "1", "19510608"),
    ("33080219521115804X", "张样丙", "2", "19521115"),
    ("330802195304228078", "刘样丁", "1", "19530422"),
)


def person(number: int, **changes: str) -> dict[str, str]:
    """A row of the resident register; ``changes`` by physical name."""
    key, name, sex, born = PEOPLE[number]
    row = dict.fromkeys(HEADER, "") | {
        "公民身份号码": key, "姓名": name, "性别": sex, "民族": "01", "出生日期": born, "户号": f"330802{number:04d}", "与户主关系": "02",
        "户主公民身份号码": key, "户籍地行政区划": "330802", "户籍村(居)委会代码": "330802005004", "实际居住地村(居)委会代码": "330802005004",
        "户籍地址": "新新街道1号", "人员状态": "1", "更新时间": "20240301083000",
    }  # fmt: skip
    return row | changes


def text_of(rows: Iterable[Mapping[str, str]], header: Iterable[str] = HEADER) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(header), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("gb18030"))
    return path


def upload(hub: Hub, path: Path, as_of: date = AS_OF, contract: str = RESIDENT) -> Source:
    return open_file(path, hub.catalog.contracts[contract], {"encoding": "GB18030"} if path.suffix == ".csv" else {}, as_of)


def deliver(hub: Hub, path: Path, as_of: date = AS_OF, contract: str = RESIDENT, parent: int | None = None) -> Travelled:
    """A file the whole way, as of a day."""
    source = upload(hub, path, as_of, contract)
    (offer,) = source.offers(None, None)
    return travel(hub, hub.catalog.contracts[contract], source, offer, check_batch, None if parent is None else Mend(parent))
