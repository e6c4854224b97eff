"""Serving what the demonstration made: ready-made tokens, and links that work, one per role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console

from hub.app import serve
from hub.demo.departments import departments
from hub.demo.story import Told
from hub.forms.appointments import principal_for
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.tokens import create_token
from hub.web.shown.values import department_name


def serve_demo(told: Told, port: int) -> None:
    """Print the links, keep the departments' systems running for the schedule, and serve until interrupted."""
    console = Console()
    for label, token in tokens(told):
        console.print(f"  {label}: http://127.0.0.1:{port}/?token={token}", soft_wrap=True, highlight=False, markup=False)
    console.print("Ctrl+C 结束 to stop")
    with departments(told.city, told.hub.settings.home) as systems:
        systems.deliver(2)
        serve(told.hub.settings.model_copy(update={"log_level": "WARNING"}), port=port)


def tokens(told: Told) -> Iterator[tuple[str, str]]:
    """One token for the largest township, one for each department, one for the data bureau."""
    catalog = told.hub.catalog
    villages = Counter(row.village for row in told.city.rows[2]["public-security.resident"])  # type: ignore[attr-defined]
    township = villages.most_common(1)[0][0][:9] + "000"
    name = catalog.code_lists["division"].codes[township].title.zh
    yield f"乡镇 township {name}", _token(told.hub, "township", township, name)
    for department in sorted({contract.department for contract in catalog.contracts.values()} - {"township"}):
        name = department_name(catalog, department)
        yield f"部门 department {name}", _token(told.hub, "department", department, name)
    yield "数据局 data bureau", _token(told.hub, "bureau", "data-bureau", "数据局")


def _token(hub: Hub, role: str, organisation: str, name: str) -> str:
    principal = principal_for(hub.catalog, role, organisation, name)
    with writing(hub.engine) as connection:
        return create_token(connection, hub.vault, principal, principal.name, hub.micros())
