"""Templates to pages: one environment, the words of the reader's language, and how values look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from hub.core.messages import word
from hub.core.principals import REPORTERS, Principal, Role
from hub.forms.display import period_text
from hub.registry.model import Title
from hub.web.context import Asked, form_token
from hub.web.language import COOKIE, language_of
from hub.web.pages.texts import TEXTS

STATIC = Path(__file__).resolve().parents[1] / "static"

_DEPARTMENT = (Role.DEPARTMENT, Role.BUREAU)


class Pages:
    """Renders templates. Made once per application."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("hub.web"), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    def page(self, request: Request, asked: Asked, template: str, status: int = 200, **values: Any) -> Response:
        """A page for somebody who is signed in. ``page_address``: where the page is that this answers a form of, if not here."""
        return self._answer(
            request, template, asked.language, status, asked=asked, form_token=form_token(asked.hub.vault, request), **values
        )

    def open_page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for anybody: signing in, the documentation."""
        return self._answer(request, template, language_of(request), status, asked=None, form_token="", **values)

    def error(self, request: Request, status: int, problem: Mapping[str, Any]) -> Response:
        return self.open_page(request, "error.html", status, problem=problem)

    def _answer(self, request: Request, template: str, language: str, status: int, **values: Any) -> Response:
        asked: Asked | None = values["asked"]
        if request.query_params.get("told", "home") not in TEXTS:  # it stands in the address, where anybody may write anything
            values["told"] = ""
        values.setdefault("page_address", request.url.path)
        text = self._environment.get_template(template).render(
            language=language,
            t=lambda name, /, **inner: TEXTS[name].text(language, inner),
            word=lambda title: title_of(title, language),
            day=lambda value: day_text(value, language),
            moment=lambda value: moment_text(value, language),
            span=lambda text: period_text(text, language),
            number=lambda value: format_decimal(value, locale=_locale(language)),
            answers_form=request.method == "POST",
            links=[] if asked is None else links(asked.principal),
            here=_section(request.url.path),
            other=_other_language(request, values["page_address"], language),
            wechat=in_wechat(request),
            **values,
        )
        response = Response(text, status, {"Content-Language": language, "Cache-Control": "private, no-store"}, "text/html")
        if request.query_params.get("lang") in ("zh", "en"):
            response.set_cookie(COOKIE, language, max_age=365 * 86_400, samesite="lax", httponly=True)
        return response


def in_wechat(request: Request) -> bool:
    """Whether the page is shown inside WeChat, whose browser neither downloads nor chooses files."""
    return "micromessenger" in request.headers.get("user-agent", "").lower()


def links(principal: Principal) -> list[tuple[str, str]]:
    """(address, name) of what a principal can open, in the order of the navigation."""
    found = []
    if principal.has(*REPORTERS):
        found.append(("/reports", "due"))
    if principal.has(Role.TOWNSHIP):
        found += [("/links", "links"), ("/demands", "demands")]
    if principal.has(*REPORTERS, Role.BUREAU):
        found.append(("/late", "late_list"))
    if principal.has(Role.BUREAU):
        found += [("/periods", "periods"), ("/inventory", "inventory")]
    if principal.has(*_DEPARTMENT):
        found.append(("/contracts", "contracts"))
    if principal.has(*REPORTERS, *_DEPARTMENT):
        found += [("/conflicts", "conflicts"), ("/corrections", "corrections")]
    if principal.has(*_DEPARTMENT):
        found.append(("/quality", "quality"))
    return found


def _section(path: str) -> str:
    """The address in the navigation to which a page belongs: a batch is one of a contract's."""
    first = "/" + path.split("/")[1]
    return "/contracts" if first == "/batches" else first


def title_of(title: Title | str, language: str) -> str:
    return title if isinstance(title, str) else word(title, language)


def day_text(value: date | None, language: str) -> str:
    return "" if value is None else value.isoformat() if language == "zh" else format_date(value, "d MMM y", locale="en")


def moment_text(value: datetime | None, language: str) -> str:
    return (
        "" if value is None else format_datetime(value, "y-MM-dd HH:mm" if language == "zh" else "d MMM y, HH:mm", locale=_locale(language))
    )


def _locale(language: str) -> str:
    return "en" if language == "en" else "zh_Hans"


def _other_language(request: Request, address: str, language: str) -> str:
    """This page in the other language."""
    here = request.url.replace(path=address, scheme="", netloc="")
    return str(here.include_query_params(lang="zh" if language == "en" else "en"))
