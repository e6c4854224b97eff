"""Departments that send files: delimited text, workbooks, NDJSON and Parquet, in a folder or uploaded one by one."""

from connectors.files.source import open_file, source

__all__ = ["open_file", "source"]
