"""Definition files judged: their mistakes, each with its place and remedy. Reads files, publishes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.core.errors import YibiaoError
from hub.registry.build import assemble
from hub.registry.documents import Document, files_below, read_file
from hub.registry.messages import FAULTS
from hub.registry.model import Catalog, Title
from hub.registry.overlay import by_age, overlay


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One mistake: where, its stable code, what is wrong and what to do about it."""

    file: str
    line: int
    code: str
    what: Title
    remedy: Title


def nothing_more(_catalog: Catalog) -> list[YibiaoError]:
    return []


def lint(
    paths: Sequence[Path],
    base: Sequence[Document] = (),
    further: Callable[[Catalog], list[YibiaoError]] = nothing_more,
    replaced: Collection[str] = (),
) -> list[LintFinding]:
    """The mistakes in the files at or below ``paths``, by file and line; none means that they can be published.

    ``base`` are the definitions in force: the files are judged laid over them, and a mistake that the files cause in one of
    those is told too; what the files replace whole is named in ``replaced``. ``further`` finds the mistakes that only a layer above can tell, once there are no others.
    """
    documents: list[Document] = []
    errors: list[YibiaoError] = []
    try:
        for path in files_below(paths):
            try:
                documents.append(read_file(path))
            except YibiaoError as error:
                errors.append(error)
    except YibiaoError as error:
        errors.append(error)
    if documents:
        documents.sort(key=by_age(base))
        catalog, wrong = assemble(overlay((one for one in base if one.file not in replaced), documents))
        errors += wrong or further(catalog)
    return sorted((finding(error) for error in errors), key=lambda f: (f.file, f.line, f.code))


def finding(error: YibiaoError) -> LintFinding:
    """A mistake as a line of a table; texts of other packages stay whole, without a remedy of their own."""
    file, line = str(error.values.get("file", "")), int(error.values.get("line", 0))
    known = FAULTS.get(error.code)
    if known is None:
        return LintFinding(file, line, error.code, Title(error.text("zh"), error.text("en")), Title("", ""))
    return LintFinding(file, line, error.code, _filled(known.what, error), _filled(known.remedy, error))


def _filled(text: Title, error: YibiaoError) -> Title:
    return Title(text.zh.format_map(error.values), text.en.format_map(error.values))
