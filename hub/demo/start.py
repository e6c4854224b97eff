"""Where the demonstration starts: an empty home and an empty database. Only what an earlier demonstration left is removed."""

from __future__ import annotations

import json
import shutil

from hub.core.errors import refused
from hub.core.presence import in_use
from hub.core.settings import Settings, without_password
from hub.demo.messages import DATABASE_IN_USE, HOME_IN_USE, HOME_SERVED
from hub.store.migrate import clear, holds_hub

MARK = "demo.json"


def fresh_home(settings: Settings) -> None:
    """Empty the home and the database. Raises REFUSED for one that holds anything but a demonstration's."""
    home = settings.home
    mark = home / MARK
    database = None if settings.database is None else without_password(settings.database)
    made = json.loads(mark.read_text(encoding="utf-8")).get("database") if mark.exists() else None
    if settings.database is not None and made != database and holds_hub(settings.database):
        raise refused(DATABASE_IN_USE, database=database, home=home)
    if home.exists() and any(home.iterdir()):
        if not mark.exists():
            raise refused(HOME_IN_USE, home=home)
        if in_use(home):
            raise refused(HOME_SERVED, home=home)
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.write_text(json.dumps({"database": database}) + "\n", encoding="utf-8")
    if settings.database is not None:
        clear(settings.database)
