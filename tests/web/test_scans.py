"""The signed scan: a report is printed, signed, scanned, and the scan is attached to what it was printed from."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from playwright.sync_api import expect

from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.test_work import post

FORM = "disability-subsidy-roster"
SCAN = b"%PDF-1.7\nsigned and sealed\n%%EOF"


def submitted(town: Town, period: str) -> str:
    """A village's report is confirmed and submitted; gives its address in the API."""
    base, report = f"/api/v1/forms/{FORM}/periods/{period}", f"/api/v1/forms/{FORM}/reports/{town.village}/{period}"
    with town.client("bureau") as client:
        client.put(base)
    (found,) = town.get("township", f"{report}/work").json()["units"]
    edit = {"key": str(uuid4()), "unit": town.village, "kind": "confirm", "lines": found["marks"]}
    post(town, "township", f"{base}/edits", {"edits": [edit]})
    (done,) = post(town, "township", f"{base}/acts", {"act": "submit", "units": [town.village]})["items"]
    assert done["done"], done
    return report


def test_a_scan_is_kept_with_the_report_and_its_digest_with_the_steps(town: Town) -> None:
    report = submitted(town, "2026-03")
    with town.client("township", **{"Content-Type": "application/pdf"}) as client:
        kept = client.post(f"{report}/scans?name=签字.pdf", content=SCAN)
        again = client.post(f"{report}/scans?name=签字.pdf", content=SCAN)
        renamed = client.post(f"{report}/scans?name=签字.pdf", content=b"MZ\x90\x00")
    assert (kept.status_code, again.json()["id"]) == (201, kept.json()["id"])
    assert (renamed.status_code, renamed.json()["code"]) == (422, "evidence_type")
    assert kept.json()["name"] == "签字.pdf"
    (listed,) = town.get("county", f"{report}/scans").json()["items"]
    assert listed == kept.json()
    read = town.get("county", listed["href"])
    assert (read.content, read.headers["content-type"]) == (SCAN, "application/pdf")
    assert read.headers["content-disposition"].startswith("attachment")
    steps = town.get("county", f"{report}/steps").json()["items"]
    assert [step["act"] for step in steps] == ["submit", "scan"]
    assert steps[-1]["reason"] == f"SHA-256 {listed['digest']}"
    assert steps[-1]["digest"] == steps[0]["digest"]
    assert town.get("village", f"{report}/scans/999999").json()["code"] == "scan_not_found"
    folder: Path = town.hub.settings.home / "evidence"
    assert not any(SCAN in file.read_bytes() for file in folder.iterdir()), "sealed on disk"


def test_no_scan_of_a_draft_of_another_area_or_by_who_does_not_fill_in(town: Town) -> None:
    period = "2026-02"
    draft = f"/api/v1/forms/{FORM}/reports/{town.village}/{period}"
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{FORM}/periods/{period}")
    with town.client("township") as client:
        assert client.post(f"{draft}/scans", content=SCAN).json()["code"] == "scan_of_draft"
        foreign = client.post(f"/api/v1/forms/{FORM}/reports/{town.other}/{period}/scans", content=SCAN)
    assert foreign.status_code == 403
    report = submitted(town, "2026-01")
    with town.client("county") as client:
        assert client.post(f"{report}/scans", content=SCAN).json()["code"] == "may_not_fill"


def test_the_page_shows_who_did_what_and_takes_the_scan(page_town: Town, opened: Open) -> None:
    submitted(page_town, "2026-04")
    page = opened("township", f"/reports/{FORM}/{page_town.village}/2026-04")
    page.get_by_role("link", name="办理记录").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("township")
    page.get_by_label("扫描件").set_input_files({"name": "不是图.exe.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    page.get_by_role("button", name="附上").click()
    expect(page.get_by_role("alert")).to_contain_text("按内容判断")
    page.get_by_label("扫描件").set_input_files({"name": "盖章.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n0"})
    page.get_by_role("button", name="附上").click()
    expect(page.get_by_role("status")).to_contain_text("已附上")
    expect(page.get_by_role("link", name="盖章.png")).to_be_visible()
    expect(page.locator("tbody tr").last).to_contain_text("附签字扫描件")
