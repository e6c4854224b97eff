"""The one way a definition travels: read, laid over what is in force, judged, explained, written, tables migrated.

A dry run is the same way stopped before writing. Nothing of a refused publication takes effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.checks.suite import problems as unusable_rules
from hub.core.errors import Kind, YibiaoError
from hub.core.messages import LANGUAGES, Message
from hub.registry.build import build
from hub.registry.change_messages import VERSION_KEPT
from hub.registry.changes import Change
from hub.registry.compatibility import judge
from hub.registry.documents import decoded, files_below, merge_errors
from hub.registry.explain import Effect, effects, kept_beside, users
from hub.registry.model import Catalog
from hub.registry.overlay import by_age
from hub.store import definitions
from hub.store.acts import next_known, resolve_all
from hub.store.definitions import Written
from hub.store.engine import lock_merge, writing
from hub.store.hub import Hub
from hub.store.migrate import migrate_catalog

BREAKING = Message(
    "publish_breaking",
    "不能发布：有 {count} 处变更会破坏正在使用的内容，第一处：{first_zh}",
    "Not published: {count} changes would break what is in use, the first: {first_en}",
)
CHANGE = Message(
    "publish_change",
    "{definition}：{text_zh}。请撤回；要换字段，请另加一个可选字段。",
    "{definition}: {text_en}. Take it back; for another field add an optional one.",
)
VERSION = Message("publish_version", "{definition}：{text_zh}。请写新的版本号。", "{definition}: {text_en}. Write a new version.")


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication does, or did: the documents that are new, the changes and their effects in words."""

    documents: tuple[str, ...]
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    published: bool


def written_at(paths: Sequence[Path]) -> list[Written]:
    """The definition files at or below the paths, named by folder and file so that a copy elsewhere is the same document."""
    return [Written(_name(root, file), decoded(file.read_bytes(), str(file))) for root in paths for file in files_below([root])]


def names_at(paths: Sequence[Path]) -> frozenset[str]:
    """The names under which the files at or below the paths are published; of paths that are not there none."""
    return frozenset(_name(root, file) for root in paths if root.exists() for file in files_below([root]))


def _name(root: Path, file: Path) -> str:
    return (Path(root.name) / file.relative_to(root) if root.is_dir() else Path(file.parent.name) / file.name).as_posix()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What publishing comes to: the documents that are not in force as they are, the Catalogs before and after, what differs."""

    new: tuple[Written, ...]
    before: Catalog
    after: Catalog
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]


def judged(base: Sequence[Written], documents: Iterable[Written]) -> Judgement:
    """Documents laid over those in force. Raises ``registry_definitions`` with every mistake, quality rules that can be no
    checks among them; what is breaking is told, not refused."""
    known_texts = {written.name: written.text for written in base}
    new = [written for written in definitions.known_as(base, documents) if known_texts.get(written.name) != written.text]
    age = by_age(written.document() for written in base)
    new.sort(key=lambda written: age(written.document()))
    after = build(definitions.laid_over(base, new))
    if wrong := unusable_rules(after):
        raise merge_errors(wrong)
    before = build(definitions.standing(base))
    beside = definitions.standing(written for written in base if written.name not in {one.name for one in new})
    told = [*effects(before, after), *kept_beside(beside, [written.document() for written in new])]
    return Judgement(tuple(new), before, after, tuple(judge(before, after)), tuple(told))


def publish(hub: Hub, documents: Iterable[Written], by: str, *, dry_run: bool = False) -> Publication:
    """Publish documents together, or only say what that would do.

    Idempotent: documents that are in force already are passed over. Raises ``registry_definitions`` with every mistake (quality
    rules that can be no checks among them), or REFUSED ``publish_breaking`` whose details are the breaking changes, each
    with the forms, measures and rules that use what it takes away.
    """
    with writing(hub.engine) as connection:
        lock_merge(connection)  # one publication at a time: the second is judged over the first
        found = judged(definitions.in_force(connection), documents)  # under the lock: this hub may have been opened earlier
        _refuse_breaking(found.changes, found.effects)
        names = tuple(written.name for written in found.new)
        publication = Publication(names, found.changes, found.effects, bool(names) and not dry_run)
        if publication.published:
            known = next_known(connection)
            definitions.add(connection, found.new, known, hub.micros(), by)
            tables = migrate_catalog(connection, found.after)
            if _means_otherwise(found.before, found.after):
                resolve_all(connection, tables, hub.micros(), hub.today())
    return publication


def explained(changes: Iterable[Change], told: Iterable[Effect], language: str) -> dict[str, Any]:
    """What changes, which of it is refused, and what it does, in words: as JSON."""
    return {
        "changes": [
            {"kind": change.kind.value, "breaking": change.breaking, "definition": change.definition, "text": change.text(language)}
            for change in changes
        ],
        "effects": [{"area": effect.area.value, "definition": effect.definition, "text": effect.text(language)} for effect in told],
    }


def reasons(changes: Iterable[Change], told: Sequence[Effect]) -> tuple[YibiaoError, ...]:
    """Why a publication with these changes and effects is refused: each breaking change; none if it is not."""
    found = []
    for change in changes:
        if change.breaking:
            message = VERSION if change.message is VERSION_KEPT else CHANGE
            texts: dict[str, Any] = {f"text_{language}": _reason(change, told, language) for language in LANGUAGES}
            found.append(YibiaoError(Kind.REFUSED, message, definition=change.definition, **texts))
    return tuple(found)


def _refuse_breaking(changes: Iterable[Change], told: Sequence[Effect]) -> None:
    if found := reasons(changes, told):
        first: dict[str, Any] = {f"first_{language}": found[0].text(language) for language in LANGUAGES}
        raise YibiaoError(Kind.REFUSED, BREAKING, count=len(found), details=found, **first)


def _reason(change: Change, told: Sequence[Effect], language: str) -> str:
    """A change in words, with what uses the element that it is about."""
    return (";" if language == "zh" else "; ").join([change.text(language), *(effect.text(language) for effect in users(told, change))])


def _means_otherwise(old: Catalog, new: Catalog) -> bool:
    """Would golden records come out otherwise for rows that are already there: authorities, sayings, code trees."""
    if not old.contracts:
        return False
    authorities = any(old.authority(name) != new.authority(name) for name in old.elements if name in new.elements)
    sayings = any(
        (contract.roles, contract.records, contract.dated_by)
        != (new.contracts[name].roles, new.contracts[name].records, new.contracts[name].dated_by)
        for name, contract in old.contracts.items()
        if name in new.contracts
    )
    return authorities or sayings or old.code_lists != new.code_lists or old.rules != new.rules
