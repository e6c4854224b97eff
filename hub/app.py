"""The server process: the web over one hub, and beside it, unless told not to, one worker and one scheduler of its own.

They are processes, not threads: a worker weighs hundreds of megabytes and may be killed by what it reads.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from hub.core.clock import CITY, Clock, SystemClock
from hub.core.errors import Kind, YibiaoError
from hub.core.log import configure, logger
from hub.core.messages import Message
from hub.core.presence import using
from hub.core.settings import Settings
from hub.schedule import Schedule
from hub.store.current import CurrentHub
from hub.store.hub import Hub, open_hub
from hub.store.runs import StoredRuns
from hub.web.application import create_app

PORT_IN_USE = Message(
    "port_in_use",
    "不能在 {place} 提供服务（{reason}）。请换一个 --port，或停止占用它的程序。",
    "Nothing can be served at {place} ({reason}). Choose another --port, or stop what uses it.",
)
_log = logger(__name__)
_STOP_SECONDS = 20
_WATCH_SECONDS = 3


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    with_worker: bool = True,
    with_schedule: bool = True,
    clock: Clock | None = None,
) -> None:
    """Serve until interrupted. The helpers work on the same home and database, and end with this process."""
    configure(settings.log_level)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server raises the signal anew when it is done: end the helpers first
    hub = open_hub(settings, clock or SystemClock())
    place = _bound(host, port)
    helpers = [*(["worker"] if with_worker else []), *(["schedule"] if with_schedule else [])]
    with using(settings.home), beside(settings, helpers):
        uvicorn.Server(server_settings(hub, host, port)).run([place])


def _bound(host: str, port: int) -> socket.socket:
    """Raises UNAVAILABLE ``port_in_use``, also for an address that is not this machine's."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise YibiaoError(Kind.UNAVAILABLE, PORT_IN_USE, place=f"{host}:{port}", reason=error.strerror or type(error).__name__) from error


def server_settings(hub: Hub, host: str, port: int) -> uvicorn.Config:
    """The access log is our own: uvicorn's would write addresses, and an address may hold a person's key."""
    app = create_app(CurrentHub(hub))
    return uvicorn.Config(app, host=host, port=port, access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=10)


def keep_schedule(hub: Hub) -> None:
    """Open planned runs when they are due, until interrupted; a worker does the pulling."""
    configure(hub.settings.log_level)
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    current = CurrentHub(hub)
    holder = f"{socket.gethostname()}:{os.getpid()}"
    Schedule(StoredRuns(current), hub.clock, CITY, holder).run(stop)


@contextmanager
def beside(settings: Settings, verbs: Sequence[str]) -> Iterator[None]:
    """Run ``yibiao <verb>`` for each verb in a process of its own, for as long as the block lasts; one that dies is started again."""
    environment = {**os.environ, "YIBIAO_HOME": str(settings.home.resolve()), "YIBIAO_LOG_LEVEL": settings.log_level}
    if settings.database is not None:
        environment["YIBIAO_DATABASE"] = settings.database

    def start(verb: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "hub.cli", verb, "--beside", str(os.getpid())], env=environment)

    over, processes = threading.Event(), {verb: start(verb) for verb in verbs}

    def watch() -> None:
        while not over.wait(_WATCH_SECONDS):
            for verb, process in processes.items():
                if process.poll() is not None and not over.is_set():
                    _log.warning("helper_died", verb=verb, status=process.returncode)
                    processes[verb] = start(verb)

    watcher = threading.Thread(target=watch, name="helpers", daemon=True)
    watcher.start()
    _log.info("helpers_started", verbs=list(verbs))
    try:
        yield
    finally:
        over.set()
        watcher.join()
        _end(list(processes.values()))


def end_with(parent: int) -> None:
    """Ask this process to stop as soon as its parent is another than ``parent``: a server that was killed cannot ask."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask them to stop, and stop those that do not."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
