"""Where this hub keeps its state, which database it uses, its limits and the names of its secrets.

Read from the environment (``YIBIAO_HOME``, ``YIBIAO_DATABASE``, ``YIBIAO_LIMITS__CONNECTIONS`` ...); an option of the command
line goes before it. What the city agreed on (contracts, forms, code lists) is not a setting: it is a definition.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message

SECRET_PREFIX = "YIBIAO_SECRET_"
SECRETS_FILE = "secrets.json"

SETTING_WRONG = Message("setting_wrong", "设置 {name} 不可用：{reason}。", "The setting {name} cannot be used: {reason}.")
SECRET_MISSING = Message(
    "secret_missing", "没有名为 {name} 的凭据。请设置环境变量 {variable}，或写入 {place}。",
    "There is no secret named {name}. Set {variable} in the environment or write it into {place}.",
)  # fmt: skip
SECRETS_WRONG = Message("secrets_wrong", "凭据文件 {place} 不可用：{reason}。", "The file of secrets {place} cannot be used: {reason}.")


class Limits(BaseModel):
    """What one request, delivery or process may use. Bytes, rows, seconds or counts as each name says."""

    model_config = ConfigDict(frozen=True)

    upload_bytes: int = Field(default=1 << 30, gt=0)
    connections: int = Field(default=10, gt=0, description="size of the connection pool; the server has no more threads")
    statement_seconds: int = Field(default=120, gt=0, description="the longest that one statement for a page or a request may take")
    deaths: int = Field(default=2, gt=0, description="workers a batch may kill before it is set aside")
    lease_seconds: int = Field(default=60, gt=0, description="how long a worker or scheduler is believed alive without a sign")


class Deadlines(BaseModel):
    """Working days; the law behind each stands in its description."""

    model_config = ConfigDict(frozen=True)

    correction: int = Field(default=10, gt=0, description="政务数据共享条例 (Decree 809) art. 26: verify, correct and reply; no extension")


class Settings(BaseSettings):
    """One hub's settings, frozen. Make one with ``load``."""

    model_config = SettingsConfigDict(env_prefix="YIBIAO_", env_nested_delimiter="__", frozen=True, extra="ignore")

    home: Path = Path("var")
    database: str | None = None
    language: str = Field(default="zh", pattern="^(zh|en)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    limits: Limits = Limits()
    deadlines: Deadlines = Deadlines()

    @property
    def database_url(self) -> str:
        """The database as an SQLAlchemy URL; without a setting, the SQLite file in the home folder. It may hold a password:
        show ``hub.core.settings.without_password`` of it."""
        return self.database or f"sqlite:///{self.home / 'yibiao.db'}"

    @property
    def keys_folder(self) -> Path:
        """Where the vault's keys are; outside the database, and outside its backup."""
        return self.home / "keys"

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.home / SECRETS_FILE)


def load(home: Path | str | None = None, database: str | None = None) -> Settings:
    """The settings of the environment, with what the command line says put before it; INVALID names the setting."""
    given = {name: value for name, value in (("home", home), ("database", database)) if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "__".join(str(part) for part in first["loc"]).upper()
        raise YibiaoError(Kind.INVALID, SETTING_WRONG, name=f"YIBIAO_{name}", reason=first["msg"]) from error


class Secrets(Mapping[str, str]):
    """Named credentials of sources: ``health-api`` is ``YIBIAO_SECRET_HEALTH_API`` in the environment, else the entry of that
    name in HOME/secrets.json (an object of texts). Read anew each time, so that a rotated one is taken up; its repr shows none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def __getitem__(self, name: str) -> str:
        """The secret; NOT_FOUND ``secret_missing`` names the variable and the file where it belongs."""
        variable = SECRET_PREFIX + re.sub(r"[^A-Za-z0-9]", "_", name).upper()
        value = os.environ.get(variable) or self._written().get(name)
        if not value:
            raise YibiaoError(Kind.NOT_FOUND, SECRET_MISSING, name=name, variable=variable, place=str(self._file))
        return value

    def __iter__(self) -> Iterator[str]:
        """The names in the file; those of the environment are found when asked for."""
        return iter(self._written())

    def __len__(self) -> int:
        return len(self._written())

    def __repr__(self) -> str:
        return f"Secrets({str(self._file)!r})"

    def _written(self) -> dict[str, str]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise YibiaoError(Kind.INVALID, SECRETS_WRONG, place=str(self._file), reason="not readable as JSON") from error
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise YibiaoError(Kind.INVALID, SECRETS_WRONG, place=str(self._file), reason="not an object of texts")
        return content


def without_password(url: str) -> str:
    """The URL as it may be shown and logged. A password may hold any sign: all up to the last ``@`` is hidden."""
    hidden = re.sub(r"(://[^:/?#@]*):.*@", r"\1:***@", url)
    return re.sub(r"([?&](?:password|passwd|token|secret)=)[^&#]*", r"\1***", hidden, flags=re.IGNORECASE)
