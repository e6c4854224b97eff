"""The search box of a report: by a part of any text, by a line's code, by the tail of an identifier, by the initials of a name's pinyin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.core.initials import begins
from hub.forms.model import Report, ReportLine, SectionReport
from hub.registry.model import Catalog
from hub.web.pages.naming import name_column

_MOST = 20  # hits that a page lists
_TAIL = re.compile(r"[0-9]{3,}[0-9Xx]?")
_LETTERS = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found. ``place``: how many lines of its section stand before it."""

    code: str
    number: int
    name: str
    place: int


def find(catalog: Catalog, report: Report, wanted: str) -> list[Hit]:
    """The first lines that hold what is looked for, in the order of the report."""
    wanted = wanted.strip()
    hits: list[Hit] = []
    for section in report.sections if wanted else ():
        name = name_column(catalog, section.section)
        for place, line in enumerate(section.lines):
            if not line.total and (line.code == wanted or _holds(_texts(section, line), name, wanted)):
                hits.append(Hit(line.code, line.number, "" if name is None else section.cell(line, name).text, place))
                if len(hits) == _MOST:
                    return hits
    return hits


def _texts(section: SectionReport, line: ReportLine) -> Mapping[str, str]:
    return {name: cell.text for name, cell in zip(section.names, line.cells, strict=True) if cell.text}


def _holds(texts: Mapping[str, str], name: str | None, wanted: str) -> bool:
    if _TAIL.fullmatch(wanted):
        return any(text.upper().endswith(wanted.upper()) for text in texts.values())
    if _LETTERS.fullmatch(wanted) and name is not None and begins(texts.get(name, ""), wanted):
        return True
    return any(wanted.casefold() in text.casefold() for text in texts.values())
