"""Signing in takes a slow hash each time, 19 MiB and 30 ms of a processor: a few at a time, in threads of their own, so that whoever
guesses or floods keeps nobody else from his work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from hub.core.errors import Kind, YibiaoError
from hub.web import messages as m

T = TypeVar("T")
AT_ONCE = 2
WAITING = 40  # about a second's


class PasswordGate:
    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_ONCE)

    async def run(self, act: Callable[[], T]) -> T:
        """What ``act`` gives, when it is its turn. Raises UNAVAILABLE ``sign_ins_wait`` where too many wait already."""
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise YibiaoError(Kind.UNAVAILABLE, m.SIGN_INS_WAIT)
        return await to_thread.run_sync(act, limiter=self._limiter)


async def in_turn(request: Request, act: Callable[[], T]) -> T:
    gate: PasswordGate = request.app.state.passwords
    return await gate.run(act)
