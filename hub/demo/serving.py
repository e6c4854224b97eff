"""Serving what the demonstration made: ready-made tokens, and links that work, one per role."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from hub.app import serve
from hub.core.principals import Principal
from hub.demo.departments import departments
from hub.demo.office import open_office, staff
from hub.demo.story import Told
from hub.forms.appointments import principal_for
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.tokens import create_token
from hub.web.shown.values import department_name

_ROLES = {
    "township": "乡镇 township clerk", "village": "村 village cadre", "township-approver": "乡镇审核 township approver",
    "county": "区县审核 county approver", "bureau": "数据局 data bureau",
}  # fmt: skip


def serve_demo(told: Told, port: int) -> None:
    """Open the office, print the links, keep the departments' systems running for the schedule, and serve until interrupted."""
    console = Console()
    open_office(told.hub, told.city)
    for label, token in tokens(told):
        console.print(f"  {label}: http://127.0.0.1:{port}/?token={token}", soft_wrap=True, highlight=False, markup=False)
    console.print("Ctrl+C 结束 to stop")
    with departments(told.city, told.hub.settings.home) as systems:
        systems.deliver(2)
        serve(told.hub.settings.model_copy(update={"log_level": "WARNING"}), port=port)


def tokens(told: Told) -> Iterator[tuple[str, str]]:
    """The clerk of the largest township first, then whoever else has to do with its reports, each department, the data bureau."""
    people = staff(told.hub, told.city)
    for role in ("township", "village", "township-approver", "county"):
        yield f"{_ROLES[role]} {people[role].name}", _token(told.hub, people[role])
    catalog = told.hub.catalog
    for department in sorted({contract.department for contract in catalog.contracts.values()} - {"township"}):
        name = department_name(catalog, department)
        yield f"部门 department {name}", _token(told.hub, principal_for(catalog, "department", department, name))
    yield _ROLES["bureau"], _token(told.hub, people["bureau"])


def _token(hub: Hub, principal: Principal) -> str:
    with writing(hub.engine) as connection:
        return create_token(connection, hub.vault, principal, principal.name, hub.micros())
