"""The hubs of the cases, for the bad inputs that are no case of the manifest."""

from __future__ import annotations

from tests.cases.conftest import any_hub, copies, hub

__all__ = ["any_hub", "copies", "hub"]
