"""The log: JSON lines on standard error, without personal values.

Code logs an event (a constant word) with counts, ids of batches and codes of errors. Nothing here is trusted to have kept
to that: the last step before writing drops fields that by their name hold a person's data or a secret, masks what looks
like an identifier anywhere in a text, and writes an exception without its message (a driver's holds the row). Other
libraries' log lines go the same way. This is not the audit log, which is a table.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from hub.core.errors import YibiaoError

MASK = "***"

# Fields that never belong in a log, whatever they hold.
_PERSONAL_FIELDS = frozenset(
    {
        "account", "account_no", "address", "bank_account", "certificate_no", "citizen_id", "found", "guardian_name", "id_number",
        "name", "parameters", "person_name", "phone", "raw", "row", "rows", "value", "values",
        "authorization", "cookie", "password", "secret", "token",
    }
)  # fmt: skip
# Citizen ids (15, 17 and a check character, 18), accounts and permits (15 to 19 digits), mobile numbers. Not 12-digit
# division codes, nor 16-digit numbers of a counter: those are logged as numbers, not as text. `\d` takes full-width digits too.
_IDENTIFIER = re.compile(r"(?<!\d)(?:\d{15,19}[Xx]?|1[3-9]\d{9}|１[３-９]\d{9})(?!\d)")
# The same as a number: 18 digits with a possible birth date in their place; subject ids are 19 digits long.
_CITIZEN_NUMBER = re.compile(r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}")
_MOBILE_NUMBER = re.compile(r"1[3-9]\d{9}")


def masked(value: Any) -> Any:
    """``value`` with everything that looks like a personal identifier replaced, down to any depth."""
    if isinstance(value, str):
        return _IDENTIFIER.sub(MASK, value)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        text = str(value)
        return MASK if _CITIZEN_NUMBER.fullmatch(text) or _MOBILE_NUMBER.fullmatch(text) else value
    if isinstance(value, Mapping):
        return {str(key): MASK if str(key).lower() in _PERSONAL_FIELDS else masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return _IDENTIFIER.sub(MASK, str(value))


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    clean = masked(event)
    if not isinstance(clean, dict):
        raise TypeError("a log event is a dictionary")
    return clean


def _exception_without_message(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by the type and the places: an exception's message may quote the row that it failed on."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info else None
    if error is not None:
        event["error"] = error.code if isinstance(error, YibiaoError) else type(error).__name__
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]
    return event


_CHATTY = ("alembic", "apscheduler")  # they tell each thing that they do, the latter four times a minute


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Write this process's log lines, ours and other libraries', to ``stream`` (standard error). To be called by entry points."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    after: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _exception_without_message,
        _mask,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=after, foreign_pre_chain=before, use_get_message=True))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: ``log = logger(__name__)``, then ``log.info("batch_merged", batch=3, accepted=120)``."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
