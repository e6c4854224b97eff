"""Refusals that only a paged API can give; the shared ones are the port's."""

from __future__ import annotations

from hub.intake.port import Message

TOO_SLOW = Message(
    "refused_limits_time",
    "{place}：{limit} 秒内没有取完一页（{found}）。请在契约中调小每页条数 page_size 后重试，会从中断处继续。",
    "{place}: a page did not arrive within {limit} seconds ({found}). Set a smaller page_size in the contract; the pull "
    "goes on where it stopped.",
)
TOO_LARGE = Message(
    "refused_limits_answer",
    "{place}：一页的应答超过上限（{found}，上限 {limit}）。请在契约中调小每页条数 page_size 后重试，会从中断处继续。",
    "{place}: the answer of one page is beyond the limit ({found}; the limit is {limit}). Set a smaller page_size in the "
    "contract; the pull goes on where it stopped.",
)
