"""Clients of a served app, in a process of their own: what they cost is not taken from the server's one interpreter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import quantiles
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from benchmarks.bench import median, timed

_ASKED = 200  # times
_PAUSE = 0.05  # seconds that a clerk takes between two cells


@dataclass(frozen=True, slots=True)
class Post:
    url: str
    body: Mapping[str, Any]


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app on a port of this machine, by its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def asked(url: str, headers: Mapping[str, str]) -> float:
    """Seconds per answer of one client, the median of many."""
    return _apart(_asked, url, headers)


def together(posts: Sequence[Sequence[Post]], headers: Mapping[str, str]) -> float:
    """Of clerks who work at once, each on a connection of its own and through its own posts: the 99th percentile in seconds."""
    return _apart(_together, posts, headers)


def _apart(act: Callable[..., float], *arguments: object) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(act, *arguments).result()


def _asked(url: str, headers: Mapping[str, str]) -> float:
    with httpx2.Client(headers=headers, trust_env=False) as client:
        client.get(url).raise_for_status()
        return median(_ASKED, lambda: timed(lambda: client.get(url).raise_for_status()))


def _together(posts: Sequence[Sequence[Post]], headers: Mapping[str, str]) -> float:
    took: list[float] = []
    ready = threading.Barrier(len(posts))

    def clerk(own: Sequence[Post]) -> None:
        with httpx2.Client(headers=headers, trust_env=False, timeout=60) as client:
            for number, post in enumerate(own):
                seconds = timed(lambda post=post: client.post(post.url, json=post.body).raise_for_status())  # type: ignore[misc]
                if number == 0:  # opens the connection
                    ready.wait()
                else:
                    took.append(seconds)
                    time.sleep(_PAUSE)

    threads = [threading.Thread(target=clerk, args=(own,)) for own in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return quantiles(took, n=100)[98]
