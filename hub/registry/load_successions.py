"""What became of divisions, from CSV: ``old,new,kind,from``, one line a successor; ``from`` is the day from which it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.documents import SUCCESSIONS, Block, Document
from hub.registry.model import CodeList, Place, Succession

SPLIT = "split"
KINDS = ("merged", "renamed", SPLIT)


def read_successions(documents: Iterable[Document], divisions: CodeList | None, errors: list[YibiaoError]) -> dict[str, Succession]:
    """The successions by old code. Both codes must be in the division list, which keeps those of the past with their last day."""
    found: dict[str, Succession] = {}
    kinds: dict[str, str] = {}
    for document in documents:
        if document.kind != SUCCESSIONS:
            continue
        for row in document.data["rows"]:
            place = Place(document.file, row.line)
            since = _day(row, place, errors)
            known = divisions is not None and row["old"] in divisions.codes and row["new"] in divisions.codes
            if row["kind"] not in KINDS or not known or row["old"] == row["new"]:
                errors.append(m.SUCCESSION_WRONG.error(place, old=row["old"], new=row["new"], how=row["kind"], known="、".join(KINDS)))
            elif since is not None:
                before = found.get(row["old"])
                if before is None:
                    found[row["old"]] = Succession(row["old"], (row["new"],), since)
                elif row["kind"] == kinds[row["old"]] == SPLIT and since == before.since:
                    found[row["old"]] = Succession(row["old"], (*before.new, row["new"]), since)
                else:
                    errors.append(m.CODE_TWICE.error(place, code=row["old"]))
                kinds.setdefault(row["old"], row["kind"])
    return found


def _day(row: Block, place: Place, errors: list[YibiaoError]) -> date | None:
    try:
        return date.fromisoformat(row["from"])
    except ValueError:
        errors.append(m.BAD_DATE.error(place, column="from", found=row["from"]))
        return None
