"""What answers of the API look like, for its document: each operation that answers JSON has one file, named as the operation.

The files are answers about the sample city, whose people are invented, with long lists cut short; a test asks the server for the same
and compares. Examples of what is sent stand in the models of what is sent.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from fastapi.routing import APIRoute

_PLACE = files("hub.web") / "answered"


def operation_name(route: APIRoute) -> str:
    """The name of an operation, of which client generators make methods: its tag and its function."""
    return "-".join([*(str(tag) for tag in route.tags), route.name.replace(" ", "-")])


def add_examples(document: dict[str, Any]) -> None:
    """Put into an OpenAPI document the example of every answer that is JSON. An operation without its file raises FileNotFoundError."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2") and "application/json" in answer.get("content", {}):
                    answer["content"]["application/json"]["example"] = example_of(operation["operationId"])


def example_of(operation: str) -> Any:
    return json.loads((_PLACE / f"{operation}.json").read_text("utf-8"))
