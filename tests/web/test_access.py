"""Who sees what: nobody without a token, a township its area, a department its contracts; limits that no page can forget."""

from __future__ import annotations

import re
import secrets
import socket
import threading

import anyio
import pytest
from sqlalchemy import select, update

from hub.core.errors import YibiaoError
from hub.forms.appointments import principal_for
from hub.store.accounts import IDLE, LASTS, create_account, disable
from hub.store.engine import writing
from hub.store.ledger_tables import account, batch, dataset, session
from hub.web.password_gate import AT_ONCE, WAITING, PasswordGate
from tests.web.conftest import Town

API = "/api/v1"
OPEN = {"/healthz", "/readyz"}


def batch_of(town: Town, contract: str) -> int:
    statement = select(batch.c.id).join(dataset, dataset.c.number == batch.c.dataset).where(dataset.c.contract == contract)
    with town.hub.engine.connect() as connection:
        return int(connection.execute(statement.order_by(batch.c.id)).scalars().first() or 0)


class TestNobody:
    def test_every_path_but_the_health_checks_needs_a_token(self, town: Town) -> None:
        paths = town.get(None, f"{API}/openapi.json").json()["paths"]
        asked = [path for path, methods in paths.items() if "get" in methods and path not in OPEN]
        assert len(asked) > 20
        for path in asked:
            answer = town.get(None, path.replace("{number}", "1").replace("{period}", "2026-10"))
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "unauthenticated"

    def test_health_checks_are_open_and_hold_nothing(self, town: Town) -> None:
        assert town.get(None, "/healthz").json() == {"status": "ok"}
        assert town.get(None, "/readyz").json()["forms"] == 6

    def test_how_the_hub_fares_is_for_the_data_bureau_and_names_nobody(self, town: Town) -> None:
        for role in ("township", "civil-affairs"):
            answer = town.get(role, "/metrics")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_metrics")
        metrics = town.get("bureau", "/metrics").text
        assert "yibiao_requests_total" in metrics
        assert not [line for line in metrics.splitlines() if town.person_in(town.village) in line]

    def test_a_wrong_or_revoked_token_is_no_token(self, town: Town) -> None:
        with town.client(None, Authorization="Bearer yb_wrong") as client:
            assert client.get(f"{API}/forms").status_code == 401

    def test_a_page_leads_to_signing_in(self, town: Town) -> None:
        answer = town.get(None, "/reports")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=/reports"


class TestTownship:
    def test_sees_reports_of_its_villages_and_of_itself(self, town: Town) -> None:
        for unit in (town.village, town.township):
            assert town.get("township", f"{API}/forms/low-income-roster/reports/{unit}/2026-10").status_code == 200

    @pytest.mark.parametrize("path", ["/quality", "/quality/charts/departments.svg", "/contracts"])
    def test_pages_of_departments_say_that_they_are_not_for_townships(self, town: Town, path: str) -> None:
        with town.client(None) as client:
            client.get(f"/sign-in?token={town.tokens['township']}")
            answer = client.get(path)
        assert answer.status_code == 403
        assert "不对乡镇（街道）开放" in answer.text

    def test_never_sees_another_township(self, town: Town) -> None:
        for path in ("", ".xlsx"):
            answer = town.get("other", f"{API}/forms/low-income-roster/reports/{town.village}/2026-10{path}")
            assert answer.status_code == 403
            assert answer.json()["code"] == "forbidden_report"
        with town.client(None) as client:
            client.cookies.set("yibiao_session", town.tokens["other"])
            assert client.get(f"/reports/low-income-roster/{town.village}/2026-10").status_code == 403

    def test_people_of_another_township_are_not_known(self, town: Town) -> None:
        person = town.person_in(town.village)
        assert town.get("township", f"{API}/entities/person/{person}").status_code == 200
        for path in (f"{API}/entities/person/{person}", f"{API}/entities/person/{person}/history"):
            answer = town.get("other", path)
            assert (answer.status_code, answer.json()["code"]) == (404, "subject_unknown")
        unknown = town.get("other", f"{API}/entities/person/110101199003070134").json()
        assert unknown["detail"] == town.get("other", f"{API}/entities/person/{person}").json()["detail"]  # not told apart

    def test_sees_conflicts_of_its_people_only(self, town: Town) -> None:
        assert town.get("township", f"{API}/conflicts").json()["items"]
        assert town.get("other", f"{API}/conflicts").json()["items"] == []

    def test_sees_no_batches(self, town: Town) -> None:
        assert town.get("township", f"{API}/batches").json()["items"] == []
        assert town.get("township", f"{API}/batches/{batch_of(town, 'civil-affairs.marriage')}").status_code == 404


class TestDepartment:
    def test_sees_its_own_batches_only(self, town: Town) -> None:
        items = town.get("civil-affairs", f"{API}/batches").json()["items"]
        assert {item["contract"].partition(".")[0] for item in items} == {"civil-affairs"}
        assert town.get("civil-affairs", f"{API}/batches/{items[0]['id']}").status_code == 200

    @pytest.mark.parametrize("tail", ["", "/findings", "/quarantine.xlsx"])
    def test_a_batch_of_another_department_is_not_known(self, town: Town, tail: str) -> None:
        answer = town.get("health", f"{API}/batches/{batch_of(town, 'civil-affairs.minimum-living')}{tail}")
        assert answer.status_code == 404

    def test_sees_no_reports_and_no_people(self, town: Town) -> None:
        assert town.get("health", f"{API}/forms/low-income-roster/reports/{town.village}/2026-10").status_code == 403
        assert town.get("health", f"{API}/entities/person/{town.person_in(town.village)}").status_code == 404

    def test_sees_the_conflicts_that_it_must_look_at(self, town: Town) -> None:
        mine = town.get("health", f"{API}/conflicts").json()["items"]
        assert mine
        assert all("health" in item["looks"] for item in mine)
        civil = town.get("civil-affairs", f"{API}/conflicts").json()["items"]
        assert {item["id"] for item in mine}.isdisjoint(item["id"] for item in civil)

    def test_sees_the_quality_of_its_own_datasets(self, town: Town) -> None:
        items = town.get("education", f"{API}/quality/datasets").json()["items"]
        assert {item["contract"] for item in items} == {"education.enrolment", "education.school"}

    def test_may_not_send_for_another(self, town: Town) -> None:
        with town.client("health") as client:
            sent = client.post(f"{API}/contracts/civil-affairs.marriage/batches?as_of=2026-11-01&name=a.csv", content=b"a\n1\n")
            assert (sent.status_code, sent.json()["code"]) == (403, "forbidden_send")
            assert client.post(f"{API}/contracts/civil-affairs.marriage/pull").status_code == 403
        assert not any(town.hub.settings.home.glob("uploads/*"))


class TestOddRequests:
    @pytest.mark.parametrize("path", ["/batches/9223372036854775808", "/batches/9223372036854775808/findings", "/jobs/9999999999999999999"])
    def test_a_number_that_no_database_holds_is_no_failure_of_ours(self, town: Town, path: str) -> None:
        answer = town.get("education", API + path)
        assert (answer.status_code, answer.json()["code"]) == (422, "request_number")

    def test_nobodys_form_is_refused_before_it_is_sent(self, town: Town) -> None:
        """A gigabyte is announced, none of it is sent: the answer comes all the same."""
        host, port = town.url.removeprefix("http://").split(":")
        kind = "multipart/form-data; boundary=x"
        for path, length, status in (("/contracts/health.maternity/batches", 10**9, b"303"), (f"{API}/contracts", 10**10, b"401")):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode())
                assert connection.recv(100).split()[1] == status

    @pytest.mark.parametrize("path", ["/healthz", "/sign-in", f"{API}/forms", f"{API}/zzz"])
    def test_head_is_get_without_the_body(self, town: Town, path: str) -> None:
        with town.client("education") as client:
            head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == get.headers["content-length"]

    @pytest.mark.parametrize(
        ("language", "texts"),
        [
            ("zh", ["query.limit 不能大于 1000。", "query.limit 不能小于 1。", "query.limit 须为整数。"]),
            ("en", ["query.limit is at most 1000.", "query.limit is at least 1.", "query.limit has to be a whole number."]),
        ],
    )
    def test_what_does_not_fit_is_told_in_the_readers_language(self, town: Town, language: str, texts: list[str]) -> None:
        for limit, text in zip(("1001", "0", "many"), texts, strict=True):
            answer = town.get("education", f"{API}/batches?limit={limit}&lang={language}").json()
            assert [error["detail"] for error in answer["errors"]] == [text]

    def test_a_page_and_the_api_are_measured_apart(self, town: Town) -> None:
        town.get(None, "/conflicts")
        town.get(None, f"{API}/conflicts")
        metrics = town.get("bureau", "/metrics").text
        assert 'yibiao_requests_total{route="/conflicts",status="303"}' in metrics
        assert 'yibiao_requests_total{route="/api/v1/conflicts",status="401"}' in metrics

    def test_another_method_is_told_with_the_right_ones(self, town: Town) -> None:
        with town.client("education") as client:
            answer = client.delete(f"{API}/forms")
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (405, 405, "method_not_allowed")
        assert "GET" in answer.headers["allow"]

    def test_an_error_does_not_repeat_the_key_in_its_address(self, town: Town) -> None:
        answer = town.get("education", f"{API}/entities/person/330803200104210018")
        assert answer.status_code >= 400
        assert "330803200104210018" not in answer.text


class TestBureau:
    def test_sees_every_conflict_with_identifiers_masked(self, town: Town) -> None:
        items = town.get("bureau", f"{API}/conflicts").json()["items"]
        assert len(items) >= 5
        assert all("*" in item["key"] and "*" in item["name"] for item in items if item["entity"] == "person")

    def test_sees_of_a_broken_rule_what_each_register_says(self, town: Town) -> None:
        items = [item for item in town.get("bureau", f"{API}/conflicts?limit=1000").json()["items"] if item["rule"]]
        assert {item["rule"]["name"] for item in items} == {"dead_with_live_benefit", "dead_receiving_pension"}
        for item in items:
            departments = {said["contract"].partition(".")[0] for said in item["said"]}
            assert set(item["looks"]) <= departments
            assert "人员状态 死亡" in {said["text"] for said in item["said"]}

    def test_a_record_shows_no_identifier_in_clear(self, town: Town) -> None:
        person = town.person_in(town.village)
        elements = {e["element"]: e for e in town.get("bureau", f"{API}/entities/person/{person}").json()["elements"]}
        assert "*" in elements["person.citizen_id"]["value"]
        assert "*" in elements["person.name"]["value"]
        assert elements["person.sex"]["value"] in ("1", "2")

    def test_reads_figures_but_no_lists_of_people_and_no_rows_as_they_came(self, town: Town) -> None:
        roster = town.get("bureau", f"{API}/forms/low-income-roster/reports/{town.village}/2026-10")
        assert (roster.status_code, roster.json()["code"]) == (403, "forbidden_people")
        assert town.get("bureau", f"{API}/forms/insurance-by-village/reports/{town.township}/2026-10").status_code == 200
        held = next(batch for batch in town.get("bureau", f"{API}/batches").json()["items"] if batch["quarantined"])
        rows = town.get("bureau", f"{API}/batches/{held['id']}/quarantine.xlsx")
        assert (rows.status_code, rows.json()["code"]) == (403, "forbidden_rows")


class TestSession:
    def test_a_link_with_a_token_signs_in_and_leads_to_a_clean_address(self, town: Town) -> None:
        with town.client(None) as client:
            first = client.get(f"/?token={town.tokens['township']}")
            second = client.get(first.headers["location"])
            cookie = second.headers["set-cookie"]
            assert "token" not in second.headers["location"]
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            client.cookies.set("yibiao_session", town.tokens["township"])
            assert client.get("/home").status_code == 200

    def test_a_link_does_not_quietly_make_somebody_somebody_else(self, town: Town) -> None:
        """Anybody can send a link; whoever is signed in under another name says first that he means it."""
        other = town.tokens["bureau"]
        with town.client(None) as client:
            client.get(f"/sign-in?token={town.tokens['township']}")
            asked = client.get(f"/sign-in?token={other}&next=/periods")
            assert "set-cookie" not in asked.headers
            assert "换一个人登录？" in asked.text
            assert client.get("/reports").status_code == 200, "who does not answer stays who he was"
            meant = client.post("/sign-in", data={"token": other, "next": "/periods"})
            assert (meant.status_code, meant.headers["location"]) == (303, "/periods")
            for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.org"}):
                posted = client.post("/sign-in", data={"token": town.tokens["township"]}, headers=said)
                assert (posted.status_code, "set-cookie" in posted.headers) == (403, False), "nor does a form of another site"
            again = client.get(f"/sign-in?token={other}&next=/periods")
            assert again.headers["location"] == "/periods", "the same person is not asked"

    def test_what_forms_were_sent_to_leads_on_when_it_is_opened(self, town: Town) -> None:
        with town.client("township") as client:
            assert client.get("/sign-out").headers["location"] == "/"

    def test_signing_in_never_leads_away(self, town: Town) -> None:
        for away in ("https://example.org/", "//example.org", "/\\example.org"):
            with town.client(None) as client:
                answer = client.get("/sign-in", params={"token": town.tokens["township"], "next": away})
                assert answer.headers["location"] == "/"

    def test_the_api_takes_no_change_by_cookie(self, town: Town) -> None:
        with town.client(None) as client:
            client.cookies.set("yibiao_session", town.tokens["education"])
            assert client.get(f"{API}/batches").status_code == 200
            assert client.post(f"{API}/contracts/education.school/pull").status_code == 401

    def test_a_page_takes_no_change_without_its_form_token(self, town: Town) -> None:
        with town.client(None) as client:
            client.cookies.set("yibiao_session", town.tokens["education"])
            for sent in ({}, {"form_token": "guess"}):
                answer = client.post("/contracts/education.school/pull", data=sent)
                assert answer.status_code == 403
                assert "csrf" in answer.text

    def test_answers_carry_the_headers_of_safety(self, town: Town) -> None:
        answer = town.get(None, "/sign-in")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


class TestSigningInByName:
    PASSWORD = "a long enough one"

    @pytest.fixture
    def clerk(self, town: Town) -> str:
        """The name of a new account of the township."""
        name = f"clerk-{secrets.token_hex(4)}"
        whom = principal_for(town.hub.catalog, "township", town.city.places.tree[town.village].parent or "", name)
        with writing(town.hub.engine) as connection:
            create_account(connection, name, self.PASSWORD, whom, town.hub.micros())
        return name

    def test_a_clerk_signs_in_works_and_signs_out_for_good(self, town: Town, clerk: str) -> None:
        with town.client(None) as client:
            answer = client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD, "next": "/reports"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/reports")
            assert "HttpOnly" in answer.headers["set-cookie"]
            session = client.cookies["yibiao_session"]
            page = client.get("/reports")
            assert clerk in page.text
            token = re.search(r'name="form_token" value="([^"]+)"', page.text)
            assert token is not None
            assert client.post("/sign-out", data={"form_token": token[1]}).status_code == 303
            client.cookies.set("yibiao_session", session)  # somebody kept a copy
            assert client.get("/reports").headers["location"] == "/sign-in?next=/reports"

    def test_the_page_says_what_is_wrong_keeps_the_name_and_not_the_password(self, town: Town, clerk: str) -> None:
        with town.client(None) as client:
            answers = [client.post("/sign-in", data={"name": clerk, "password": f"guess number {n}"}) for n in range(6)]
            right = client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD})
        assert {answer.status_code for answer in answers} == {401}
        assert "用户名或密码不对" in answers[0].text
        assert f'value="{clerk}"' in answers[0].text
        assert "guess number" not in "".join(answer.text for answer in answers)
        assert "停用 15 分钟" in answers[0].text
        assert (right.status_code, right.text) == (401, answers[5].text)  # locked: told as a wrong password is

    def test_a_session_lasts_while_it_is_used_and_not_while_a_page_asks_by_itself(self, town: Town, clerk: str) -> None:
        def expires(at: int | None = None) -> int:
            with writing(town.hub.engine) as connection:
                number = select(account.c.id).where(account.c.name == clerk).scalar_subquery()
                if at is not None:
                    connection.execute(update(session).where(session.c.account == number).values(expires_at=at))
                return int(connection.execute(select(session.c.expires_at).where(session.c.account == number)).scalar_one())

        with town.client(None) as client:
            answer = client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD})
            assert f"Max-Age={LASTS // 1_000_000}" in answer.headers["set-cookie"]
            soon = expires(town.hub.micros() + 60_000_000)
            assert client.get("/reports", headers={"X-By-Itself": "1"}).status_code == 200
            assert expires() == soon
            assert client.get("/reports").status_code == 200
            assert expires() == town.hub.micros() + IDLE
            expires(town.hub.micros())
            assert client.get("/reports").headers["location"] == "/sign-in?next=/reports"

    def test_a_disabled_account_ends_at_once_and_a_wrong_password_is_told_the_same(self, town: Town, clerk: str) -> None:
        with town.client(None) as client, town.client(None) as guesser:
            client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD})
            wrong = guesser.post("/sign-in", data={"name": clerk, "password": "a wrong one"})
            with writing(town.hub.engine) as connection:
                disable(connection, clerk, town.hub.micros())
            assert client.get("/reports").headers["location"] == "/sign-in?next=/reports"
            answer = guesser.post("/sign-in", data={"name": clerk, "password": self.PASSWORD})
        assert (answer.status_code, answer.text) == (wrong.status_code, wrong.text)

    def test_nobody_changes_a_password_from_another_site_or_by_a_token(self, town: Town, clerk: str) -> None:
        words = {"old": self.PASSWORD, "new": "another good one", "again": "another good one"}
        with town.client(None) as client:
            client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD})
            assert client.post("/account", data=words).status_code == 403
            client.cookies.clear()
            client.cookies.set("yibiao_session", town.tokens["township"])
            page = client.get("/account").text
            assert "没有密码可改" in page
            token = re.search(r'name="form_token" value="([^"]+)"', page)
            assert token is not None
            answer = client.post("/account", data={**words, "form_token": token[1]})
            assert (answer.status_code, "没有可以修改的密码" in answer.text) == (409, True)

    def test_a_flood_of_sign_ins_waits_in_a_line_of_its_own(self, town: Town, clerk: str) -> None:
        """Two passwords are looked at at a time; forty more wait, and the next is told to come again, before anything slow is done."""
        over = threading.Event()

        async def flood() -> str:
            gate = PasswordGate()
            async with anyio.create_task_group() as tasks:
                for _ in range(AT_ONCE + WAITING):
                    tasks.start_soon(gate.run, over.wait)
                await anyio.wait_all_tasks_blocked()
                try:
                    with pytest.raises(YibiaoError) as refused:
                        await gate.run(over.wait)
                finally:
                    over.set()
            assert await gate.run(lambda: "next") == "next", "who comes when it is over is served"
            return refused.value.code

        assert anyio.run(flood) == "sign_ins_wait"
        with town.client(None) as client:
            assert client.post("/sign-in", data={"name": clerk, "password": self.PASSWORD}).status_code == 303

    def test_an_empty_form_is_refused_in_words(self, town: Town) -> None:
        with town.client(None) as client:
            answer = client.post("/sign-in", data={})
        assert (answer.status_code, "用户名或密码不对" in answer.text) == (401, True)
