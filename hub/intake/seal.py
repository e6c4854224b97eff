"""Sealing: canonical rows become rows that may be stored. Direct identifiers turn into ciphertext and keyed hash.

Here too the row gets its fingerprint (keyed, taken before sealing) and the hashes of its own key and of the subjects that
it speaks of. Nothing after this step sees an identifier in clear.
"""

from __future__ import annotations

import json

import polars as pl

from hub.core.vault import Vault
from hub.registry.model import Catalog, Contract

_APART = "\x1f"  # stands in no canonical value: between the parts of a key or a row


def seal(rows: pl.DataFrame, contract: Contract, catalog: Catalog, vault: Vault) -> pl.DataFrame:
    """The staged form of canonical rows (``hub.intake.checked``): record, line, row_hash, fingerprint, ``<role>_hash``, and per
    bound field its value, or for a sealed element the hash under its name and the ciphertext under ``<name>_sealed``."""
    fields = contract.bound
    texts = {field.name: rows[field.name].cast(pl.String) for field in fields}
    columns: list[pl.Series] = [
        rows["record"],
        rows["line"],
        pl.Series("row_hash", row_hashes(rows, contract, vault), pl.String),
        pl.Series("fingerprint", vault.fingerprint(_said(rows, [f.name for f in fields])), pl.String),
    ]
    for role in contract.roles:
        columns.append(pl.Series(f"{role.name}_hash", vault.hash(f"key:{role.entity}", texts[role.key].to_list()), pl.String))
    for field in fields:
        element = catalog.held(field)
        if element.sealed:
            present = texts[field.name].to_list()
            columns.append(pl.Series(field.name, vault.hash(element.name, present), pl.String))
            columns.append(pl.Series(f"{field.name}_sealed", vault.seal(element.name, present), pl.Binary))
        else:
            columns.append(rows[field.name])
    return pl.DataFrame(columns)


def row_hashes(rows: pl.DataFrame, contract: Contract, vault: Vault) -> list[str | None]:
    """The keyed hash of each row's key fields, null where a part is missing."""
    names = [field.name for field in contract.key]
    whole = rows.select(pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=_APART)).to_series()
    return vault.hash(f"row:{contract.id}", whole.to_list())


def _said(rows: pl.DataFrame, names: list[str]) -> list[str]:
    """What each row says, as one text: the fields that hold a value, by name. A field that a later version of the contract adds
    changes no row that leaves it empty."""
    said = [pl.lit(f"{name}=") + pl.col(name).cast(pl.String) for name in sorted(names)]
    return rows.select(pl.concat_str(said, separator=_APART, ignore_nulls=True)).to_series().to_list()


def seal_raw(raw: list[str], contract: Contract, vault: Vault) -> list[bytes]:
    """The rows held back, as they came: they may hold anything, so all of it is sealed."""
    return [blob for blob in vault.seal(f"raw:{contract.id}", raw) if blob is not None]


def open_raw(blobs: list[bytes], contract: Contract, vault: Vault) -> list[dict[str, str | None]]:
    """Physical name -> the text that came, for a sender who mends."""
    return [json.loads(text) for text in vault.open(f"raw:{contract.id}", blobs) if text is not None]
