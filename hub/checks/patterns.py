"""The part of the regular expression syntax that contracts may use: what means the same on every engine.

SQLite here searches with Python's engine, PostgreSQL with its own, row checks with Rust's. They differ in anchors (Python's ``$``
lets a line end behind the value pass), classes (``\\d`` takes full-width digits in Python) and the dot, and Python's can take
for ever on nested repetition. So a pattern always describes the whole value and is made of:

* literal characters; ``\\`` before a punctuation character makes it a literal
* classes of characters and ranges ``[0-9A-Za-z一-龥]``, also negated ``[^,;]``
* groups with alternatives ``(甲|乙)``
* ``?``, ``*``, ``+``, ``{n}``, ``{m,n}`` behind a character or class (at most three unbounded ones in a pattern); behind a group
  ``?``, or ``{n}`` where the group always matches the same number of characters
* ``^`` in front and ``$`` at the end, which change nothing
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_LENGTH = 200
MAX_REPEAT = 100
MAX_UNBOUNDED = 3

_SPECIAL = frozenset("\\^$.|?*+()[]{}")


class UnsafePattern(ValueError):
    """The pattern leaves the common syntax; ``position`` is the 1-based place of the character, ``reason`` is for people."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


def for_sql(pattern: str) -> str:
    """The pattern as PostgreSQL and SQLite (by Python) search it. Raises ``UnsafePattern``."""
    return rf"\A(?:{checked(pattern)})\Z"


def for_rows(pattern: str) -> str:
    """The pattern as polars (Rust) searches it. Raises ``UnsafePattern``."""
    return rf"\A(?:{checked(pattern)})\z"


def checked(pattern: str) -> str:
    """The body of the pattern, without its anchors, if it keeps to the common syntax; raises ``UnsafePattern``."""
    if len(pattern) > MAX_LENGTH:
        raise UnsafePattern(MAX_LENGTH + 1, f"longer than {MAX_LENGTH} characters")
    start = 1 if pattern.startswith("^") else 0
    escaped = (len(pattern) - len(pattern[:-1].rstrip("\\"))) % 2 == 0  # an odd number of backslashes before the last character
    end = len(pattern) - 1 if pattern.endswith("$") and not escaped and len(pattern) > start else len(pattern)
    reader = _Reader(pattern, start, end)
    reader.alternatives()
    if reader.at < end:
        raise UnsafePattern(reader.at + 1, "a closing bracket without an opening one")
    return pattern[start:end]


@dataclass
class _Reader:
    text: str
    at: int
    end: int
    unbounded: int = 0

    def peek(self) -> str:
        return self.text[self.at] if self.at < self.end else ""

    def wrong(self, reason: str) -> UnsafePattern:
        return UnsafePattern(self.at + 1, reason)

    def alternatives(self) -> bool:
        """Reads up to a closing bracket or the end; gives whether the match always takes the same way through (no choice)."""
        fixed = self.branch()
        while self.peek() == "|":
            self.at += 1
            self.branch()
            fixed = False
        return fixed

    def branch(self) -> bool:
        start, fixed = self.at, True
        while self.at < self.end and self.peek() not in "|)":
            fixed = self.piece() and fixed
        if self.at == start:
            raise self.wrong("an empty alternative")
        return fixed

    def piece(self) -> bool:
        character = self.peek()
        if character == "(":
            return self.group()
        if character == "[":
            self.bracket()
        elif character == "\\":
            self.escape()
        elif character in _SPECIAL:
            raise self.wrong(f"{character} stands for itself only behind a backslash; classes say what any character may be")
        else:
            self.at += 1
        least, most = self.repeat()
        if most is None:
            self.unbounded += 1
            if self.unbounded > MAX_UNBOUNDED:
                raise self.wrong(f"more than {MAX_UNBOUNDED} unbounded repetitions")
        return least == most

    def group(self) -> bool:
        self.at += 1
        if self.peek() == "?":
            raise self.wrong("groups with ? have no common meaning")
        fixed = self.alternatives()
        if self.peek() != ")":
            raise self.wrong("a bracket is not closed")
        self.at += 1
        least, most = self.repeat()
        if (least, most) not in ((1, 1), (0, 1)) and not (fixed and least == most):
            raise self.wrong("only a group that always matches the same length may be repeated, a fixed number of times")
        return fixed and least == most

    def repeat(self) -> tuple[int, int | None]:
        """The quantifier at this place, if any, as (least, most)."""
        quantifiers: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        character = self.peek()
        if character in quantifiers:
            self.at += 1
            found = quantifiers[character]
        elif character == "{":
            found = self.counted()
        else:
            return 1, 1
        if self.peek() in ("?", "*", "+", "{"):
            raise self.wrong("one repetition behind another")
        return found

    def counted(self) -> tuple[int, int]:
        close = self.text.find("}", self.at, self.end)
        numbers = self.text[self.at + 1 : close].split(",") if close > 0 else []
        if len(numbers) not in (1, 2) or not all(number.isascii() and number.isdigit() for number in numbers):
            raise self.wrong("a repetition is written {n} or {m,n}")
        least, most = int(numbers[0]), int(numbers[-1])
        if not least <= most <= MAX_REPEAT or most == 0:
            raise self.wrong(f"a repetition counts up to {MAX_REPEAT}")
        self.at = close + 1
        return least, most

    def escape(self) -> str:
        """A backslash and the punctuation character behind it; gives that character."""
        self.at += 1
        character = self.peek()
        if not character.isascii() or not character.isprintable() or character.isalnum() or character in ("", " ", "<", ">"):
            raise self.wrong("a backslash stands before a punctuation character only; write [0-9] for a digit")
        self.at += 1
        return character

    def bracket(self) -> None:
        self.at += 1
        if self.peek() == "^":
            self.at += 1
        start = self.at
        while self.peek() != "]":
            low = self.member()
            if self.peek() == "-" and self.text[self.at + 1 : self.end][:1] != "]":
                self.at += 1
                if self.member() < low:
                    raise self.wrong("a range that runs backwards")
        if self.at == start:
            raise self.wrong("an empty class")
        self.at += 1

    def member(self) -> str:
        character = self.peek()
        if not character:
            raise self.wrong("a class is not closed")
        if character == "\\":
            return self.escape()
        if character in "[^-&~":  # engines read these as classes, sets or ranges, each in its own way
            raise self.wrong(f"{character} inside a class stands behind a backslash")
        self.at += 1
        return character
