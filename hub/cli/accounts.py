"""Accounts of people: made, given a new password, disabled and enabled. The password is asked for, never an argument that others could see."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, Organisation, RoleName, opened, say
from hub.core.errors import not_found
from hub.core.messages import Message
from hub.core.principals import PrincipalKind

NO_ACCOUNT = Message(
    "account_not_found",
    "没有名为“{name}”的账号。见 yibiao account create。",
    "There is no account named {name}: see yibiao account create.",
)

Name = Annotated[str, typer.Argument(help="用户名 the name to sign in by")]
Password = Annotated[
    str, typer.Option(prompt="密码 password", hide_input=True, confirmation_prompt=True, envvar="YIBIAO_PASSWORD", help="会询问 asked for")
]


def create(
    name: Name,
    role: RoleName,
    organisation: Organisation,
    password: Password,
    home: Home = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """开一个账号，凭用户名和密码登录网页。An account that signs in to the pages by name and password."""
    from hub.forms.appointments import principal_for
    from hub.store.accounts import create_account
    from hub.store.engine import writing

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        principal = replace(principal_for(hub.catalog, role, organisation, name), kind=PrincipalKind.PERSON)
        create_account(connection, name, password, principal, hub.micros())
    say({"account": name}, as_json, lambda console: console.print(name, markup=False, highlight=False))


def list_all(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """所有账号。All accounts: name, roles, organisation, since when, last signed in to, whether locked or disabled."""
    from hub.core.clock import from_microseconds
    from hub.store.accounts import list_accounts

    hub = opened(home, database)
    with hub.engine.connect() as connection:
        rows = [
            {"name": one.name, "roles": ", ".join(sorted(one.principal.roles)), "organisation": one.principal.organisation,
             "made": f"{from_microseconds(one.created_at):%Y-%m-%d}", "locked": one.locked_until is not None and one.locked_until > hub.micros(),
             "disabled": one.disabled_at is not None,
             "signed_in": None if one.signed_in_at is None else f"{from_microseconds(one.signed_in_at):%Y-%m-%d}"}
            for one in list_accounts(connection)
        ]  # fmt: skip

    def plain(console: Console) -> None:
        for row in rows:
            state = "已停用 disabled" if row["disabled"] else "已锁定 locked" if row["locked"] else "正常 open"
            used = row["signed_in"] or "从未登录 never"
            line = f"{row['made']}  {used}  {state}  {row['roles']}  {row['organisation']}  {row['name']}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(rows, as_json, plain)


def password(name: Name, password: Password, home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """重设密码：已登录的会话和锁定一并结束。A new password: it ends the account's sessions and its lock."""
    from hub.store.accounts import change_password
    from hub.store.engine import writing

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        if not change_password(connection, name, password):
            raise not_found(NO_ACCOUNT, name=name)
    say({"account": name}, as_json, lambda console: console.print(name, markup=False, highlight=False))


def disable(name: Name, home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """停用账号：不能再登录，已登录的会话立即结束。Nobody signs in by it any more, and its sessions end at once."""
    from hub.store import accounts
    from hub.store.engine import writing

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        if not accounts.disable(connection, name, hub.micros()):
            raise not_found(NO_ACCOUNT, name=name)
    say({"account": name, "disabled": True}, as_json, lambda console: console.print(name, markup=False, highlight=False))


def enable(name: Name, home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """启用停用的账号，密码不变。A disabled account can be signed in to again, by the password that it had."""
    from hub.store import accounts
    from hub.store.engine import writing

    hub = opened(home, database)
    with writing(hub.engine) as connection:
        if not accounts.enable(connection, name):
            raise not_found(NO_ACCOUNT, name=name)
    say({"account": name, "disabled": False}, as_json, lambda console: console.print(name, markup=False, highlight=False))
