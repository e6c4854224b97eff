"""What can still be read of rows that are held back: their keys, by which the batch says nothing of them, or else their names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from hub.core.vault import Vault
from hub.intake.checked import Context
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.plan import Plan
from hub.intake.port import Frame
from hub.intake.seal import row_hashes
from hub.registry.model import Catalog, Contract

HELD = pl.Schema({"record": pl.Int64, "row_hash": pl.String, "name_hash": pl.String})


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """``names``: None where no row of the contract names a person."""

    keys: Plan
    names: Plan | None


def prepare_held(contract: Contract, catalog: Catalog, context: Context) -> HeldPlan:
    """The plan for a batch: the contract with its row key alone, and with the name alone, whatever else is wrong with a row."""
    named = name_field(contract, catalog)
    keys = prepare(_only(contract, {field.name for field in contract.key}), catalog, context)
    return HeldPlan(keys, None if named is None else prepare(_only(contract, {named}), catalog, context))


def name_field(contract: Contract, catalog: Catalog) -> str | None:
    """The sealed field with the name of the person whose key stands in the row's own key, else of the first person that the row
    speaks of; None where it names nobody."""
    keys = {field.name for field in contract.key}
    for role in sorted(contract.roles, key=lambda role: role.key not in keys):
        for field in contract.bound:
            element = catalog.held(field)
            if field.speaks_of == role.name and element.sealed and element.format == "person_name":
                return field.name
    return None


def held_keys(frame: Frame, held: pl.Series, plan: HeldPlan, vault: Vault) -> pl.DataFrame:
    """HELD rows for the records of ``held``: the hash of the row's key where it can be read, else that of the name."""
    if held.is_empty():
        return pl.DataFrame(schema=HELD)
    part = _part(frame, held)
    keyed = normalise_frame(part, plan.keys).rows
    hashes = pl.Series("row_hash", row_hashes(keyed, plan.keys.contract, vault), pl.String)
    found = pl.DataFrame([keyed["record"], hashes]).drop_nulls().with_columns(name_hash=pl.lit(None, pl.String))
    if plan.names is None:
        return found.cast(HELD)
    (name,) = plan.names.fields
    rows = normalise_frame(_part(part, held.filter(~held.is_in(found["record"].implode()))), plan.names).rows
    names = pl.Series("name_hash", vault.hash(name.element.name, rows[name.field.name].to_list()), pl.String)
    unread = pl.DataFrame([rows["record"], names]).drop_nulls().with_columns(row_hash=pl.lit(None, pl.String))
    return pl.concat([found.cast(HELD), unread.select(HELD.names()).cast(HELD)])


def _only(contract: Contract, names: Collection[str]) -> Contract:
    """The contract with some of its fields; roles and records, which speak of others, say nothing."""
    fields = tuple(field if field.name in names else replace(field, ignored="not read here") for field in contract.fields)
    return replace(contract, fields=fields, roles=tuple(replace(r, says={}) for r in contract.roles if r.key in names), records=())


def _part(frame: Frame, records: pl.Series) -> Frame:
    chosen = frame.places["record"].is_in(records.implode())
    kinds = frame.kinds.filter(chosen) if frame.kinds.width else frame.kinds
    return replace(frame, values=frame.values.filter(chosen), kinds=kinds, places=frame.places.filter(chosen))
