"""Definition files as documents: plain data in which every value remembers its line.

This module reads text; what a document means is decided by the ``load_*`` modules. A document is YAML with a ``kind``
(Elements, Entity, CodeLists, DataContract, Measures, Rules, Form) or CSV (a code list, a crosswalk, successions of divisions).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.model import Place

CODE_LIST = "CodeList"
CROSSWALK = "Crosswalk"
SUCCESSIONS = "Successions"
CODE_LIST_COLUMNS = ("code", "name_zh", "name_en", "parent", "valid_from", "valid_until", "note")
CROSSWALK_COLUMNS = ("department", "list", "local_code", "local_name", "code_list", "code")
SUCCESSION_COLUMNS = ("old", "new", "kind", "from")

_DEPTH = 40
_BYTES = 10 * 1024 * 1024
_EVENTS = 200_000  # keys, values, starts and ends: our largest file has a tenth
_DIGITS = 18  # a longer number is text: nothing that we count is so large


class Block(dict[str, Any]):
    """A YAML mapping; ``line`` is where it starts, ``lines`` where each of its keys stands (1-based)."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Items(list[Any]):
    """A YAML sequence; ``lines`` gives the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class Document:
    """One definition as it was written. ``data`` is a Block for YAML, a list of row Blocks for CSV."""

    kind: str
    data: Any
    file: str = ""

    def place(self, *path: str | int) -> Place:
        """Where the value at ``path`` stands; a path that leads nowhere gives the nearest line above it."""
        return Place(self.file, line_at(self.data, path))


def line_at(data: Any, path: Iterable[str | int]) -> int:
    """The line of the value at ``path``, or of the last ancestor that exists."""
    line = getattr(data, "line", 1)
    for step in path:
        if isinstance(data, Block) and step in data:
            line, data = data.lines[str(step)], data[str(step)]
        elif isinstance(data, Items) and isinstance(step, int) and step < len(data):
            line, data = data.lines[step], data[step]
        else:
            break
    return line


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """The definition files at or below ``paths``, sorted; a path that does not exist is refused (``registry_no_file``)."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in {".yaml", ".yml", ".csv"} and p.is_file())
        elif path.is_file():
            yield path
        else:
            raise m.NO_FILE.error(Place(str(path), 0))


def read_file(path: Path) -> Document:
    """One file as a document. Raises ``YibiaoError`` (INVALID) naming file, line and remedy."""
    content = path.read_bytes()
    if path.suffix == ".csv":
        return parse_csv(content, str(path), path.stem)
    return parse_yaml(content, str(path))


def parse_yaml(content: bytes | str, file: str = "") -> Document:
    """A YAML document. Refused: not UTF-8, bad YAML, no ``kind``, a key twice, anchors, more than 40 levels, 10 MiB, and more
    values than any definition has."""
    text = decoded(content, file)
    try:
        _measure(text, file)
        node = YAML(typ="safe").compose(text)  # by the C library where it is installed: seven times faster
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise m.BAD_YAML.error(Place(file, line), problem=error.problem or error.context or "") from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise m.BAD_YAML.error(Place(file, 1), problem=type(error).__name__) from error
    if not isinstance(node, MappingNode):
        raise m.NOT_A_DEFINITION.error(Place(file, 1))
    data = _Construct(file).value(node, 0)
    if not isinstance(data.get("kind"), str):
        raise m.NOT_A_DEFINITION.error(Place(file, 1))
    return Document(data["kind"], data, file)


def _measure(text: str, file: str) -> None:
    """Refuse depth and number from the stream of events: the library builds nodes by recursion and would take the process down."""
    depth = 0
    for number, event in enumerate(YAML(typ="safe").parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEPTH:
            raise m.TOO_DEEP.error(Place(file, event.start_mark.line + 1), limit=_DEPTH)
        if number > _EVENTS:
            raise m.TOO_MANY.error(Place(file, event.start_mark.line + 1), limit=_EVENTS)


def parse_csv(content: bytes | str, file: str, name: str) -> Document:
    """A code list, a crosswalk or successions, told by its header. ``name`` is the code list's name."""
    rows = csv.reader(io.StringIO(decoded(content, file)))
    header = tuple(next(rows, []))
    if header == CROSSWALK_COLUMNS:
        kind = CROSSWALK
    elif header == CODE_LIST_COLUMNS:
        kind = CODE_LIST
    elif header == SUCCESSION_COLUMNS:
        kind = SUCCESSIONS
    else:
        raise m.CSV_HEADER.error(Place(file, 1), found=",".join(header), agreed=",".join(CODE_LIST_COLUMNS))
    data = Items(1)
    for cells in rows:
        if not cells:
            continue
        if len(cells) != len(header):
            raise m.CSV_ROW.error(Place(file, rows.line_num), found=len(cells), agreed=len(header))
        row = Block(rows.line_num)
        row.update(zip(header, (cell.strip() for cell in cells), strict=True))
        data.append(row)
        data.lines.append(rows.line_num)
    whole = Block(1)
    whole.update(name=name, rows=data)
    whole.lines = {"name": 1, "rows": 1}
    return Document(kind, whole, file)


def decoded(content: bytes | str, file: str) -> str:
    """The text of a definition file. Raises INVALID for one that is too large or not UTF-8."""
    if len(content) > _BYTES:
        raise m.TOO_LARGE.error(Place(file, 0), limit=_BYTES)
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise m.NOT_UTF8.error(Place(file, content[: error.start].count(b"\n") + 1)) from error


class _Construct:
    """YAML nodes to plain data. Dates stay text, as written; aliases are refused, so nothing can grow or loop."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()

    def value(self, node: Node, depth: int) -> Any:
        if depth > _DEPTH:
            raise m.TOO_DEEP.error(self._place(node), limit=_DEPTH)
        if not isinstance(node, ScalarNode):
            if id(node) in self._seen:
                raise m.ALIAS.error(self._place(node))
            self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, SequenceNode):
            items = Items(_line(node))
            for item in node.value:
                items.append(self.value(item, depth + 1))
                items.lines.append(_line(item))
            return items
        return _scalar(str(node.tag), str(node.value))

    def _mapping(self, node: MappingNode, depth: int) -> Block:
        block = Block(_line(node))
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in block:
                raise m.KEY_TWICE.error(self._place(key_node), key=key)
            block[key] = self.value(value_node, depth + 1)
            block.lines[key] = _line(key_node)
        return block

    def _place(self, node: Node) -> Place:
        return Place(self._file, _line(node))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _scalar(tag: str, text: str) -> Any:
    tag = tag.rsplit(":", 1)[-1]
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in {"true", "yes", "on"}
    if tag == "int" and len(text) <= _DIGITS and text.lstrip("-").isdigit() and (text == "0" or not text.lstrip("-").startswith("0")):
        return int(text)
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def merge_errors(errors: Sequence[YibiaoError]) -> YibiaoError:
    """All problems of a set of files as one error; each detail is complete in itself."""
    first = errors[0]
    texts = {"first_zh": first.text("zh"), "first_en": first.text("en")}
    return YibiaoError(first.kind, m.DEFINITIONS, details=tuple(errors), count=len(errors), **texts)
