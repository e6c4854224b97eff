"""Takes the pictures of the README: ``make pictures``. A small city is built and served, and a browser opens its pages.

Needs what the tests need; nothing but this folder is written.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from hub.checks.batch import check_batch
from hub.core.clock import FixedClock, period_of
from hub.core.log import configure
from hub.core.settings import load
from hub.demo.departments import departments
from hub.demo.journey import travel_all
from hub.demo.office import largest_village, open_office, staff
from hub.forms.appointments import principal_for
from hub.forms.objecting import Claim, object_to
from hub.forms.objections import ObjectionKind
from hub.forms.working import look
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.sample.city import City, build
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub
from hub.store.tokens import create_token
from tests.moments import NOVEMBER
from tests.web.conftest import served

HERE = Path(__file__).resolve().parent
ROSTER = "low-income-roster"
DELIVERED = date(2026, 10, 31)


def main() -> None:
    configure("ERROR")
    with tempfile.TemporaryDirectory(prefix="yibiao-pictures-") as folder, _city(Path(folder)) as (hub, city), served(hub) as url:
        people = staff(hub, city)
        village, township = largest_village(city), people["township"].organisation
        period = period_of(DELIVERED, "monthly").text
        _object(hub, village, period)
        tokens = {role: _token(hub, role, who.organisation) for role, who in people.items()}
        tokens["civil-affairs"] = _token(hub, "department", "civil-affairs")
        with sync_playwright() as playwright:
            found = os.environ.get("YIBIAO_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            for name, role, path, width, height in (
                ("due", "township", "/reports", 1280, 560),
                ("township-report", "township", f"/reports/{ROSTER}/{township}/{period}", 1280, 1000),
                ("figures", "township", f"/reports/village-basics/{township}/2026Q3", 1280, 1000),
                ("print", "township", f"/reports/{ROSTER}/{township}/{period}/print", 1280, 860),
                ("corrections", "civil-affairs", "/corrections", 1280, 640),
                ("late", "county", "/late", 1280, 760),
                ("department-batch", "civil-affairs", "/contracts/civil-affairs.minimum-living", 1280, 900),
                ("phone", "village", f"/reports/{ROSTER}/{village}/{period}", 360, 780),
            ):
                _take(browser, f"{url}/sign-in?token={tokens[role]}&next={path}", name, width, height)
            browser.close()


@contextmanager
def _city(home: Path) -> Iterator[tuple[Hub, City]]:
    city = build(2_000, 7, DELIVERED)
    hub = make_hub(load(home), FixedClock(NOVEMBER - timedelta(days=20)))
    publish(hub, written_at(definition_roots()), "pictures")
    hub = hub.reopened()
    with departments(city, home) as systems:
        travel_all(hub, systems, check_batch, lambda _: None)
    open_office(hub, city)
    yield hub, city
    hub.engine.dispose()


def _object(hub: Hub, village: str, period: str) -> None:
    """One objection, so that a department has something to answer."""
    clerk = principal_for(hub.catalog, "village", village, "村干部")
    part = look(hub, ROSTER, period, [village])[village]
    line = part.base.sections[0].lines[0]
    object_to(
        hub, clerk, ROSTER, village, period, Claim(ObjectionKind.VALUE, line.code, "bank", "中国农业银行", "上月已换银行，存折复印件见附件")
    )


# Made up, as everybody in the sample city is.
_NAMES = {
    "township": "王芳", "village": "李建国", "county": "陈志强", "township-approver": "赵敏", "bureau": "数据局", "department": "周丽华",
}  # fmt: skip


def _token(hub: Hub, role: str, organisation: str) -> str:
    with writing(hub.engine) as connection:
        principal = principal_for(hub.catalog, role, organisation, _NAMES[role])
        return create_token(connection, hub.vault, principal, principal.name, hub.micros())


def _take(browser: Browser, address: str, name: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=HERE / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
