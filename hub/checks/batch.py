"""Batch checks by Great Expectations on the staged table, in the database: the only importer of the library.

Import this module in worker processes only: the library takes seconds and 250 MB. It is asked for yes or no per rule
(BOOLEAN_ONLY), once a batch; how many rows break a failed rule is counted by the store's own select, given as a function.
So no result, log line or exception of the library's that could quote a value is kept (GX-07). A rule that raises is neither
pass nor failure: its outcome is ``error`` and the batch waits. Limits and severities are judged by ``hub.checks.judge``.

The library gets a URL, and opens its own connection: the staged rows must be committed. On SQLite that is the URL of the
staging file itself. Nothing is sent anywhere: the context lives in memory, without usage statistics or a cloud.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import

import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import GxDatasourceWarning
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from sqlalchemy import URL, make_url

from hub.checks.results import Answers, results
from hub.checks.suite import Check, earliest


def answers(url: URL | str, table: str, schema: str | None, checks: Sequence[Check], as_of: date) -> Answers:
    """Yes, no or what was raised, by the name of the check."""
    try:
        with _stage(url, schema) as source:
            batch = source.add_table_asset(name=table, table_name=table).add_batch_definition_whole_table("all").get_batch()
            suite = gx.ExpectationSuite(name="suite", expectations=[_expectation(check, as_of) for check in checks])
            results = batch.validate(suite, result_format="BOOLEAN_ONLY").results
    except Exception as error:  # noqa: BLE001 - whatever the library raises, the batch waits; its text may hold a value
        return {check.name: type(error).__name__ for check in checks}
    return {result.expectation_config["meta"]["check"]: _answer(result) for result in results if result.expectation_config}


check_batch = partial(results, answers)  # one result per check, by what the library answers in this process


@contextmanager
def _stage(url: URL | str, schema: str | None) -> Iterator[SQLDatasource]:
    """The library's data source for the URL, whose connections are closed at the end. The schema is given by the search path:
    the library's own argument for it is deprecated, and its PostgreSQL source refuses socket URLs."""
    memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)  # else it leaves a temporary folder behind each time
    bars = ProgressBarsConfig(globally=False)
    settings = DataContextConfig(store_backend_defaults=memory, progress_bars=bars, analytics_enabled=False)
    context = gx.get_context(mode="ephemeral", project_config=settings)
    options = {"connect_args": {"options": f"-c search_path={schema}"}} if schema else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GxDatasourceWarning)  # it would like a source of its own for each engine
        source = SQLDatasource(name="stage", connection_string=_connection_string(url), create_temp_table=False, kwargs=options)
        context.data_sources.add_sql(source)
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()  # a second engine, with which the library looks whether the table is there


def _answer(result: ExpectationValidationResult) -> bool | str:
    raised = [info for info in _infos(result.exception_info) if info.get("raised_exception")]
    if raised:
        named = re.search(r"\b(\w+(?:Error|Exception|Warning))\b", str(raised[0].get("exception_traceback", "")).rsplit("\n\n", 1)[-1])
        return named.group(1) if named else "Exception"
    return bool(result.success)


def _infos(info: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The library gives one such mapping, or one per metric."""
    if not info:
        return []
    return [info] if "raised_exception" in info else [inner for inner in info.values() if isinstance(inner, Mapping)]


def _connection_string(url: URL | str) -> str:
    """The URL as the library must see it: a dollar sign would be read as a variable of its configuration."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"sqlite:///file:{quote(parsed.database or '')}?uri=true"
    return parsed.render_as_string(hide_password=False)  # percent-encodes it


def _expectation(check: Check, as_of: date) -> dict[str, Any]:
    """The library's expectation that holds exactly if no row breaks the check, as its type and arguments."""
    kind, arguments = _type_and_arguments(check, as_of)
    return {"type": f"expect_{kind}", "kwargs": arguments, "meta": {"check": check.name}}


def _type_and_arguments(check: Check, as_of: date) -> tuple[str, dict[str, Any]]:
    names, given = list(check.columns), check.arguments
    column = {"column": names[0]} if names else {}
    match check.rule:
        case "not_null":
            return "column_values_to_not_be_null", column
        case "unique":
            return "column_values_to_be_unique", column
        case "unique_together":
            return "compound_columns_to_be_unique", {"column_list": names, "ignore_row_if": "any_value_is_missing"}
        case "in_set":
            return "column_values_to_be_in_set", column | {"value_set": list(given["values"])}
        case "regex":
            return "column_values_to_match_regex", column | {"regex": given["pattern"]}
        case "between":
            return "column_values_to_be_between", column | _bounds(given)
        case "compare":
            return _comparison(names[0], given["operator"], names[1])
        case "row_count":
            return "table_row_count_to_be_between", _bounds(given)
        case "null_share":
            return "column_values_to_not_be_null", column | {"mostly": float(1 - given["max"])}
        case "freshness":
            return "column_max_to_be_between", column | {"min_value": earliest(check, as_of)}
    raise ValueError(f"there is no rule {check.rule}")


def _bounds(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"min_value": given.get("min"), "max_value": given.get("max")}


def _comparison(first: str, operator: str, second: str) -> tuple[str, dict[str, Any]]:
    known_only = {"ignore_row_if": "either_value_is_missing"}
    if operator == "=":
        return "column_pair_values_to_be_equal", {"column_A": first, "column_B": second} | known_only
    greater, smaller = (second, first) if operator.startswith("<") else (first, second)
    pair = {"column_A": greater, "column_B": smaller, "or_equal": "=" in operator}
    return "column_pair_values_a_to_be_greater_than_b", pair | known_only
