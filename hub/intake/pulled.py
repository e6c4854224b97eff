"""A whole pull, kept in memory to be looked at: for small deliveries, in tests and in the conformance suite."""

from __future__ import annotations

from dataclasses import dataclass

from hub.checks.finding import Warned
from hub.core.errors import YibiaoError
from hub.intake.port import TEXT, End, Frame, Offer, Source

__all__ = ["Pulled", "failure", "pull"]


@dataclass(frozen=True, slots=True)
class Pulled:
    """A whole pull, kept: for small deliveries only."""

    frames: tuple[Frame, ...]
    end: End

    @property
    def rows(self) -> list[dict[str, str | None]]:
        """The values, with empty text as null: the two are one thing further on."""
        return [{name: value or None for name, value in row.items()} for frame in self.frames for row in frame.values.to_dicts()]

    @property
    def records(self) -> list[int]:
        return [record for frame in self.frames for record in frame.places["record"].to_list()]

    def kinds(self, column: str) -> list[int]:
        """The kind of each cell of a column, TEXT where its frame says nothing."""
        found: list[int] = []
        for frame in self.frames:
            found += frame.kinds[column].to_list() if column in frame.kinds.columns else [TEXT] * frame.values.height
        return found

    def warned(self, kind: str) -> list[Warned]:
        return [warning for warning in self.end.warnings if warning.kind == kind]


def pull(source: Source, cursor: str | None = None, offer: Offer | None = None) -> Pulled:
    """Read the source's only offer to its end; asserts that the End comes once and last."""
    if offer is None:
        offers = source.offers(None, None)
        assert len(offers) == 1, f"one delivery was set up, offered were {[o.name for o in offers]}"
        offer = offers[0]
    parts = list(source.read(offer, cursor))
    assert parts, "a pull yields at least its End"
    assert isinstance(parts[-1], End), "the last thing that a pull yields is its End"
    frames = tuple(part for part in parts if isinstance(part, Frame))
    assert len(frames) == len(parts) - 1, "there is one End"
    return Pulled(frames, parts[-1])


def failure(source: Source) -> YibiaoError:
    """The error with which a pull ends; asserts that it ends so, and with one of ours."""
    try:
        pulled = pull(source)
    except YibiaoError as error:
        if "place" not in error.values:
            raise AssertionError(f"{error.code} does not name the place") from error
        return error
    raise AssertionError(f"the pull should have been refused, it gave {pulled.end.records} records")
