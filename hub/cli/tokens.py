"""Tokens: made, listed, taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, Organisation, RoleName, opened, say
from hub.core.errors import not_found
from hub.core.messages import Message
from hub.core.principals import Role

if TYPE_CHECKING:
    from hub.registry.model import Catalog

NO_TOKEN = Message(
    "token_not_found", "没有编号为 {number} 的有效令牌。见 yibiao token list。", "No token {number} is in force: see yibiao token list."
)

_ROLES = {
    Role.VILLAGE: "村", Role.TOWNSHIP: "乡镇", Role.TOWNSHIP_APPROVER: "乡镇审核", Role.COUNTY: "区县", Role.DEPARTMENT: "部门",
    Role.BUREAU: "数据局",
}  # fmt: skip


def create(
    role: RoleName,
    organisation: Organisation,
    name: Annotated[str, typer.Option(help="名称 a name to know it by")] = "",
    home: Home = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """发一个令牌；只显示这一次。Make a token; it is shown this once."""
    from hub.forms.appointments import principal_for
    from hub.store.engine import writing
    from hub.store.tokens import create_token

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        principal = principal_for(hub.catalog, role, organisation, name)
        principal = principal if name else replace(principal, name=_name(hub.catalog, Role(role), organisation))
        token = create_token(connection, hub.vault, principal, principal.name, hub.micros())
    say({"token": token}, as_json, lambda console: console.print(token, markup=False, highlight=False))


def _name(catalog: Catalog, role: Role, organisation: str) -> str:
    """What a token without a name is called: role and organisation as people call them."""
    from hub.forms.units import division
    from hub.web.shown.values import department_name

    match role:
        case Role.DEPARTMENT:
            called = department_name(catalog, organisation)
        case Role.VILLAGE | Role.TOWNSHIP | Role.TOWNSHIP_APPROVER | Role.COUNTY:
            called = division(catalog, organisation).title.zh
        case Role.BUREAU:
            called = organisation
    return f"{_ROLES[role]} {called} {organisation}" if called != organisation else f"{_ROLES[role]} {organisation}"


def list_all(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """所有令牌，不含令牌本身。All tokens, without the tokens themselves."""
    from hub.core.clock import from_microseconds
    from hub.store.tokens import list_tokens

    hub = opened(home, database)
    with hub.engine.connect() as connection:
        rows = [
            {"id": one.id, "name": one.name, "organisation": one.principal.organisation, "made": f"{from_microseconds(one.created_at):%Y-%m-%d}",
             "revoked": one.revoked_at is not None}
            for one in list_tokens(connection)
        ]  # fmt: skip

    def plain(console: Console) -> None:
        for row in rows:
            state = "已收回 revoked" if row["revoked"] else "有效 in force"
            console.print(
                f"{row['id']}  {row['made']}  {state}  {row['organisation']}  {row['name']}", markup=False, highlight=False, soft_wrap=True
            )

    say(rows, as_json, plain)


def revoke(
    number: Annotated[int, typer.Argument(help="编号 its number in token list")], home: Home = None, database: Database = None
) -> None:
    """收回一个令牌，不可恢复。Take a token back, for ever."""
    from hub.store.engine import writing
    from hub.store.tokens import revoke as take_back

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        if not take_back(connection, number, hub.micros()):
            raise not_found(NO_TOKEN, number=number)
