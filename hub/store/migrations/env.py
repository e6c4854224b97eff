"""Runs the migrations on the connection that ``hub.store.migrate`` hands in; there is no other way to run them."""

from __future__ import annotations

from alembic import context

from hub.store.ledger_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
