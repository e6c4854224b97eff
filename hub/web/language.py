"""Which language a request is answered in: ``?lang=``, then the cookie, then Accept-Language; Chinese first."""

from __future__ import annotations

from starlette.requests import Request

COOKIE = "yibiao_language"


def language_of(request: Request) -> str:
    """ "zh" or "en"."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in ("zh", "en"):
            return chosen
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The better of our two languages by an Accept-Language header (RFC 9110, 12.5.4)."""
    best, weight = "zh", 0.0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        quality = _quality(parameters)
        if language in ("zh", "en") and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
