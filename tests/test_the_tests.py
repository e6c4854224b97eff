"""The tests themselves: each asserts something, and none is passed over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.rglob("*.py") if path != Path(__file__))
CHECKS = {"raises", "warns", "fail", "expect", "assert_allclose", "validate_response"}
PASSED_OVER = {"skip", "skipif", "skipIf", "xfail", "importorskip"}


def functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def called(node: ast.AST) -> set[str]:
    """The last names of what is called, or handed over to be called."""
    names = {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return names | {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def asserting() -> set[str]:
    """The functions of the tests that assert, themselves or by one that they call."""
    found = {node.name for _, node in functions() if any(isinstance(inner, ast.Assert) for inner in ast.walk(node))} | CHECKS
    known = {node.name: called(node) for _, node in functions()}
    while more := {name for name, calls in known.items() if calls & found} - found:
        found |= more
    return found


def test_every_test_asserts() -> None:
    tests = [(path, node) for path, node in functions() if node.name.startswith("test_")]
    assert len(tests) > 600
    assert_themselves = asserting()
    idle = [
        f"{path.relative_to(HERE)}::{node.name}"
        for path, node in tests
        if not any(isinstance(inner, ast.Assert) for inner in ast.walk(node)) and not called(node) & assert_themselves
    ]
    assert idle == []


def test_no_test_is_passed_over() -> None:
    assert [str(path) for path in FILES if called(ast.parse(path.read_text(encoding="utf-8"))) & PASSED_OVER] == []
