"""The command line ``yibiao``: one verb a function. It wires and prints; it does not decide.

Nothing heavy is imported before the verb that needs it: Great Expectations and the web server stay out of every other start.
"""

from __future__ import annotations

import sys

import typer
from sqlalchemy.exc import SQLAlchemyError

from hub.cli import accounts, old_forms, tokens
from hub.cli.data import conflicts, fill, pull, show_batch
from hub.cli.definitions import lint, publish
from hub.cli.frame import close, complain
from hub.cli.running import demo, doctor, init, schedule, serve, worker
from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message

NOT_USABLE = Message(
    "place_not_usable",
    "{place} 无法使用（{reason}）。请检查路径和权限。",
    "{place} cannot be used ({reason}). Check the path and its permissions.",
)
DATABASE_FAILED = Message(
    "database_failed",
    "数据库或参数无法使用（{reason}）。请检查 --database 的写法和参数的大小。",
    "The database or an argument cannot be used ({reason}). Check how --database is written, and the size of numbers.",
)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="一表：部门已有的数，表上已填好。One set of forms."
)
for verb in (demo, init, lint, publish, pull, conflicts, fill, serve, schedule, worker, doctor):
    app.command()(verb)
_batch = typer.Typer(no_args_is_help=True, help="批次 batches")
_batch.command("show")(show_batch)
_token = typer.Typer(no_args_is_help=True, help="令牌 tokens")
for name, act in (("create", tokens.create), ("list", tokens.list_all), ("revoke", tokens.revoke)):
    _token.command(name)(act)
_account = typer.Typer(no_args_is_help=True, help="账号 accounts")
_account.command("create")(accounts.create)
_account.command("list")(accounts.list_all)
_account.command("password")(accounts.password)
_account.command("disable")(accounts.disable)
_account.command("enable")(accounts.enable)
_form = typer.Typer(no_args_is_help=True, help="报表 forms")
_form.command("read")(old_forms.read)
app.add_typer(_form, name="form")
app.add_typer(_account, name="account")
app.add_typer(_batch, name="batch")
app.add_typer(_token, name="token")


@app.callback()
def _command(context: typer.Context) -> None:
    context.call_on_close(close)


def main() -> None:
    """Entry point: a failure that people should read about is one plain line per mistake, and exit code 1."""
    try:
        app()
    except YibiaoError as error:
        complain(error)
        sys.exit(1)
    except OSError as error:  # a place that cannot be written or read: the system says which and why
        complain(YibiaoError(Kind.UNAVAILABLE, NOT_USABLE, place=error.filename or "-", reason=error.strerror or type(error).__name__))
        sys.exit(1)
    except (SQLAlchemyError, OverflowError, ModuleNotFoundError) as error:  # its text may quote a value
        complain(YibiaoError(Kind.UNAVAILABLE, DATABASE_FAILED, reason=type(error).__name__))
        sys.exit(1)
