"""Departments that let us read a table or view of their database: SQLite and PostgreSQL, in key order, resumable."""

from connectors.sql.source import source

__all__ = ["source"]
