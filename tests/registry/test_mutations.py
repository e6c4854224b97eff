"""Whatever is changed in a definition file, the answer is a list of mistakes or a Catalog, never a traceback."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.registry.build import assemble
from hub.registry.documents import Block, Document, Items
from hub.registry.overlay import overlay

JUNK: list[Any] = [None, "", "无", "person.name", "role(", "case when", -1, 3.5, True, [], {}, "resident", "role(head)", "a" * 5000]


def _paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(data, Block):
        return found + [p for key in data for p in _paths(data[key], (*path, key))]
    if isinstance(data, Items):
        return found + [p for index in range(len(data)) for p in _paths(data[index], (*path, index))]
    return found


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_value_is_judged_and_never_crashes(data: st.DataObject, shipped: list[Document]) -> None:
    written = [document for document in shipped if document.kind in {"DataContract", "Elements", "Entity"}]
    document = data.draw(st.sampled_from(written), label="file")
    path = data.draw(st.sampled_from(_paths(document.data)), label="path")
    changed = deepcopy(document.data)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    if data.draw(st.booleans(), label="remove"):
        del parent[path[-1]]
    else:
        parent[path[-1]] = data.draw(st.sampled_from(JUNK), label="junk")
    catalog, errors = assemble(overlay(shipped, [Document(changed.get("kind") or "", changed, document.file)]))
    for error in errors:
        assert error.code
        assert error.text("zh")
        assert error.text("en")
    assert errors or catalog.contracts
