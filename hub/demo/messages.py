"""What the demonstration says when it cannot start."""

from __future__ import annotations

from hub.core.messages import Message

DATABASE_IN_USE = Message(
    "database_in_use",
    "{database} 已有数据，不是 {home} 的样例演示建立的。请另建一个空数据库，或换回原来的 --home。",
    "{database} already holds a hub that the demonstration in {home} did not make. Give it an empty database, or the --home of before.",
)
HOME_IN_USE = Message(
    "home_in_use",
    "{home} 已有数据。样例演示要从空目录开始：换一个 --home，或删除该目录。",
    "{home} already holds a hub. The demonstration starts from an empty folder: choose another --home, or remove it.",
)
HOME_SERVED = Message(
    "home_served",
    "{home} 正在提供服务。请先停止它（Ctrl+C），再重新演示，或换一个 --home。",
    "{home} is being served. Stop that first (Ctrl+C), or choose another --home.",
)
