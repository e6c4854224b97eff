"""Comments on a cell: a question, an answer, why a value is as it is. They change no figure, so whoever sees a report may write one."""

from __future__ import annotations

from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.principals import Principal, may_read_people
from hub.forms import lifecycle_messages as m
from hub.forms.edits import line_of
from hub.forms.filling import asked_for
from hub.forms.lifecycle import Standing
from hub.forms.working import check_area, check_unit, look
from hub.store.comments import Comment, write_comment
from hub.store.engine import writing
from hub.store.hub import Hub

LONGEST = 1_000  # signs


def comment(hub: Hub, principal: Principal, form: str, period: str, unit: str, line: str, field: str, text: str, key: str) -> None:
    """Keep a comment on a cell. Sent again under the same key it is there once.

    Raises FORBIDDEN, NOT_FOUND for no such unit, line or column, INVALID ``comment_empty`` and ``comment_long``, REFUSED
    ``comment_frozen``.
    """
    found, asked = asked_for(hub, form, period)
    check_unit(hub.catalog, found, unit, asked.end)
    check_area(hub.catalog, principal, unit)
    if not may_read_people(principal):
        raise YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_COMMENT, principal=principal.name)
    if not text.strip():
        raise invalid(m.COMMENT_EMPTY)
    if len(text) > LONGEST:
        raise invalid(m.COMMENT_LONG, limit=LONGEST)
    part = look(hub, form, asked.text, [unit])[unit]
    if part.standing is Standing.FROZEN:
        raise refused(m.COMMENT_FROZEN)
    there = line_of(part.report, line)
    if there is None:
        raise not_found(m.NO_SUCH_LINE, line=line[:20])
    if field not in there[0].names:
        raise not_found(m.NO_SUCH_FIELD, field=field[:60])
    with writing(hub.engine) as connection:
        one = Comment(f"{principal.name}/{key}", form, asked.text, unit, line, field, text.strip(), hub.micros(), principal.name)
        write_comment(connection, hub.vault, one)
