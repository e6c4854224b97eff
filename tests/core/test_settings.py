"""Settings: defaults, environment, command line, and where a secret belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core.errors import Kind, YibiaoError
from hub.core.settings import Secrets, load, without_password


def test_defaults_need_no_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YIBIAO_HOME", "YIBIAO_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    settings = load()
    assert settings.home == Path("var")
    assert settings.database_url == "sqlite:///var/yibiao.db"
    assert settings.deadlines.correction == 10


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YIBIAO_HOME", "/elsewhere")
    monkeypatch.setenv("YIBIAO_DATABASE", "postgresql+psycopg:///city")
    monkeypatch.setenv("YIBIAO_LIMITS__CONNECTIONS", "5")
    assert load().database_url == "postgresql+psycopg:///city"
    assert load().limits.connections == 5
    given = load(home=tmp_path, database="sqlite:///x.db")
    assert (given.home, given.database_url) == (tmp_path, "sqlite:///x.db")


@pytest.mark.parametrize(("name", "value"), [("YIBIAO_LIMITS__CONNECTIONS", "many"), ("YIBIAO_LANGUAGE", "fr")])
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(YibiaoError) as refusal:
        load()
    assert refusal.value.kind is Kind.INVALID
    assert refusal.value.values["name"] == name


def test_secrets_come_from_the_environment_then_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets.json")
    with pytest.raises(YibiaoError, match="YIBIAO_SECRET_HEALTH_API"):
        secrets["health-api"]
    (tmp_path / "secrets.json").write_text('{"health-api": "from the file"}')
    assert secrets["health-api"] == "from the file"
    assert dict(secrets) == {"health-api": "from the file"}
    monkeypatch.setenv("YIBIAO_SECRET_HEALTH_API", "from the environment")
    assert secrets["health-api"] == "from the environment"
    assert "from the" not in repr(secrets)


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}'])
def test_a_damaged_file_of_secrets_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(YibiaoError) as refusal:
        Secrets(tmp_path / "secrets.json")["a"]
    assert refusal.value.code == "secrets_wrong"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://hub:geheim@db/city", "postgresql+psycopg://hub:***@db/city"),
        ("postgresql+psycopg://hub@db/city?password=geheim&x=1", "postgresql+psycopg://hub@db/city?password=***&x=1"),
        ("postgresql+psycopg://hub:ge/he?i#m@db/city", "postgresql+psycopg://hub:***@db/city"),
        ("postgresql+psycopg://hub:ge@heim@db/city", "postgresql+psycopg://hub:***@db/city"),
        ("sqlite:///var/yibiao.db", "sqlite:///var/yibiao.db"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
