"""What the demonstration says when it cannot start."""

from __future__ import annotations

from hub.core.messages import Message

HOME_IN_USE = Message(
    "home_in_use",
    "{home} 已有数据。样例演示要从空目录开始：换一个 --home，或删除该目录。",
    "{home} already holds a hub. The demonstration starts from an empty folder: choose another --home, or remove it.",
)
