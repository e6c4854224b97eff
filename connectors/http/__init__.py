"""Departments that offer a paged JSON API behind a token."""

from connectors.http.source import source

__all__ = ["source"]
