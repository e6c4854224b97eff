"""One page over the wire: the token, the limits, the second attempts, and what a bad answer means.

The body is read as it comes and weighed before and after unpacking. Proxies and certificates of the environment are
ignored; a redirect is followed on the same host only, so that the token is never carried elsewhere.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from connectors.http.answers import at, parse, plain
from connectors.http.messages import TOO_LARGE, TOO_SLOW
from connectors.http.settings import Settings
from connectors.http.waiting import ATTEMPTS, Patience
from hub.intake.port import Kind, YibiaoError, invalid, refusals

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GZIP = 47  # zlib's code for "gzip or zlib, by its header"


class _Failed(Exception):
    """An attempt that may be made again: what to report if it was the last, and how long the server asks to wait."""

    def __init__(self, error: YibiaoError, asked: str | None = None) -> None:
        self.error = error
        self.asked = asked
        super().__init__(error.code)


class Client:
    def __init__(self, settings: Settings, patience: Patience) -> None:
        self._settings = settings
        self._patience = patience
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "yibiao"}
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {settings.token}"
        timeout = httpx2.Timeout(settings.timeout, connect=min(10, settings.timeout))
        self._client = httpx2.Client(headers=headers, timeout=timeout, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def page(self, parameters: Mapping[str, str], place: str) -> tuple[Any, int]:
        """The answer, parsed, that shows success, and its bytes unpacked. ``place`` says in messages which page it is.

        Raises UNAUTHENTICATED for a refused token, INVALID ``refused_source``/``refused_truncated``/``refused_limits_answer``,
        UNAVAILABLE for a source that does not answer after ATTEMPTS, or not in time (``refused_limits_time``).
        """
        for failures in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(parameters, place)
            except _Failed as failed:
                if failures == ATTEMPTS:
                    raise failed.error from None
                self._patience.wait(failures, failed.asked)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, parameters: Mapping[str, str], place: str) -> tuple[Any, int]:
        url = self._settings.url
        try:
            for _ in range(4):
                with self._client.stream("GET", url, params=dict(parameters) if url == self._settings.url else None) as response:
                    if response.status_code in _REDIRECTS:
                        url = self._same_host(url, response, place)
                        continue
                    self._judge(response, place)
                    body = self._body(response, place)
                return self._data(body, place), len(body)
        except httpx2.ConnectTimeout:
            raise _Failed(self._silent(place, "connect")) from None
        except httpx2.TimeoutException:
            raise _Failed(self._slow(place, "timeout")) from None
        except httpx2.RemoteProtocolError:
            raise _Failed(invalid(refusals.TRUNCATED, place=place, found="connection closed early")) from None
        except httpx2.HTTPError as error:
            raise _Failed(self._silent(place, type(error).__name__)) from None
        raise invalid(refusals.SOURCE, place=place, found="redirects")

    def _same_host(self, url: str, response: httpx2.Response, place: str) -> str:
        target = urljoin(str(response.url), response.headers.get("Location", ""))
        here, there = urlsplit(url), urlsplit(target)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise invalid(refusals.SOURCE, place=f"{place}: status {response.status_code}", found=f"redirect to {there.hostname}")
        return target

    def _judge(self, response: httpx2.Response, place: str) -> None:
        status = response.status_code
        if status == 200:
            return
        place = f"{place}: status {status}"
        if status in {401, 403}:
            raise YibiaoError(Kind.UNAUTHENTICATED, refusals.CREDENTIALS, place=place, found=str(status))
        if status == 413:
            raise self._large(place, "413")
        if status == 504:  # a gateway's own patience is over: a smaller page is quicker
            raise _Failed(self._slow(place, "504"))
        if status in _AGAIN:
            raise _Failed(self._silent(place, str(status)), response.headers.get("Retry-After"))
        raise invalid(refusals.SOURCE, place=place, found=str(status))

    def _body(self, response: httpx2.Response, place: str) -> bytes:
        """The unpacked body: all the bytes that were announced, within the limits of weight and time."""
        announced = response.headers.get("Content-Length")
        if announced is not None and announced.isdigit() and int(announced) > self._settings.max_answer_bytes:
            raise self._large(place, f"{announced} bytes")
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in {"identity", "gzip", "x-gzip", "deflate", ""}:
            raise invalid(refusals.SOURCE, place=place, found=f"Content-Encoding {packing[:20]}")
        unpacker = None if packing in {"identity", ""} else zlib.decompressobj(_GZIP)
        give_up = time.monotonic() + self._settings.timeout
        wire, body = 0, bytearray()
        for block in response.iter_raw():
            wire += len(block)
            try:
                body += block if unpacker is None else unpacker.decompress(block, self._settings.max_answer_bytes + 1 - len(body))
            except zlib.error:
                raise _Failed(invalid(refusals.TRUNCATED, place=place, found=packing)) from None
            if max(wire, len(body)) > self._settings.max_answer_bytes:
                raise self._large(place, f"> {self._settings.max_answer_bytes} bytes")
            if time.monotonic() > give_up:
                raise _Failed(self._slow(place, f"{wire} bytes"))
        cut = announced is not None and announced.isdigit() and wire < int(announced)
        if cut or (unpacker is not None and not unpacker.eof):
            raise _Failed(invalid(refusals.TRUNCATED, place=place, found=f"{wire} / {announced} bytes"))
        return bytes(body)

    def _data(self, body: bytes, place: str) -> Any:
        try:
            answer = parse(body)
        except UnicodeDecodeError:
            raise invalid(refusals.ENCODING, place=place, found="not UTF-8") from None
        except (ValueError, RecursionError):
            raise _Failed(invalid(refusals.SOURCE, place=f"{place}: no JSON", found=f"{len(body)} bytes")) from None
        for path, agreed in self._settings.success.items():
            found = plain(at(answer, path))
            if found != agreed:
                told = f"{path} {found[:40]}"
                raise _Failed(invalid(refusals.SOURCE, place=f"{place}: {told}", found=told))
        if not isinstance(at(answer, self._settings.rows), list):
            raise _Failed(invalid(refusals.SOURCE, place=f"{place}: {self._settings.rows}", found="no list"))
        return answer

    def _large(self, place: str, found: str) -> YibiaoError:
        return invalid(TOO_LARGE, place=place, found=found, limit=f"{self._settings.max_answer_bytes} bytes")

    def _slow(self, place: str, found: str) -> YibiaoError:
        return YibiaoError(Kind.UNAVAILABLE, TOO_SLOW, place=place, found=found, limit=self._settings.timeout)

    def _silent(self, place: str, found: str) -> YibiaoError:
        return YibiaoError(Kind.UNAVAILABLE, refusals.UNAVAILABLE, place=place, found=found)
