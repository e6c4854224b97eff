"""Clients of a served app, in a process of their own: what they cost is not taken from the server's one interpreter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median, quantiles
from typing import Any, TypeVar

import httpx2
import uvicorn
from fastapi import FastAPI

from benchmarks.bench import timed

T = TypeVar("T")
_ASKED = 1_000  # times
_PAUSE = 0.2  # seconds that a clerk takes between two cells: faster than anybody types


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


def in_turn(one: str, other: str, headers: Mapping[str, str]) -> tuple[float, float]:
    """Seconds per answer of one client who asks for both in turn, the median of many of each."""
    return _apart(_in_turn, one, other, headers)


def together(posts: Sequence[Sequence[Post]], headers: Mapping[str, str]) -> float:
    """Of clerks who work at once, each on a connection of its own and through its own posts: the 99th percentile in seconds."""
    return _apart(_together, posts, headers)


def _apart(act: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(act, *arguments).result()


def _in_turn(one: str, other: str, headers: Mapping[str, str]) -> tuple[float, float]:
    with httpx2.Client(headers=headers, trust_env=False) as client:
        took = [[timed(lambda url=url: client.get(url).raise_for_status()) for url in (one, other)] for _ in range(_ASKED)]  # type: ignore[misc]
    first, second = zip(*took, strict=True)
    return median(first), median(second)


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
