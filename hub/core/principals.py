"""Who asks, and what they may see: pure rules. Tokens, their digests and their table are the store's.

The store puts ``area_limit`` and ``department_limit`` into its queries, so that a page cannot forget them; the ``may_``
rules answer before a query is made at all. A place is in an area because its village is listed, never because a code
begins with some digits: codes are re-used, and a village may be reported by another township than its code says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class PrincipalKind(StrEnum):
    PERSON = "person"
    SYSTEM = "system"


class Role(StrEnum):
    """What a principal is trusted with. A role without an area or a department gives nothing in it."""

    VILLAGE = "village"  # fills and submits the reports of its village
    TOWNSHIP = "township"  # fills and submits the reports of its area, and sends a village's back
    TOWNSHIP_APPROVER = "township-approver"  # approves the township's reports, or sends them back; types nothing (Statistics Law art. 7)
    COUNTY = "county"  # approves the reports of its area, or sends them back; types nothing
    DEPARTMENT = "department"  # publishes its contracts, sends batches, mends rows, looks at its conflicts
    BUREAU = "bureau"  # the data bureau: all definitions, batches, conflicts and the quality of all; no person's data as such


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a system on whose behalf something is asked.

    ``area`` lists 12-digit village codes; ``whole_city`` stands for all of them. ``departments`` are the first parts of contract
    ids ("civil-affairs", "township").
    """

    kind: PrincipalKind
    name: str  # shown and audited: a user name or a system's name, never a citizen id
    organisation: str
    roles: frozenset[Role] = frozenset()
    area: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    whole_city: bool = False

    def has(self, *roles: Role) -> bool:
        """Whether the principal has one of the roles."""
        return not self.roles.isdisjoint(roles)


FILLERS = frozenset({Role.VILLAGE, Role.TOWNSHIP})
APPROVERS = frozenset({Role.TOWNSHIP_APPROVER, Role.COUNTY})
REPORTERS = FILLERS | APPROVERS  # who has to do with reports of an area, people's data in clear included


def area_limit(principal: Principal) -> tuple[str, ...] | None:
    """The villages that a query about people is limited to; None is no limit, the empty tuple is nobody."""
    if not principal.has(*REPORTERS, Role.BUREAU):
        return ()
    return None if principal.whole_city else principal.area


def department_limit(principal: Principal) -> tuple[str, ...] | None:
    """The departments that a query about contracts, batches, findings and conflicts is limited to; None is no limit."""
    if principal.has(Role.BUREAU):
        return None
    return principal.departments if principal.has(Role.DEPARTMENT) else ()


def may_see_places(principal: Principal, villages: Collection[str]) -> bool:
    """Whether all of ``villages`` (one, or those of a township) are in the area; no villages are nobody's."""
    limit = area_limit(principal)
    return bool(villages) and (limit is None or set(villages) <= set(limit))


def may_read_people(principal: Principal) -> bool:
    """Whether the principal reads people's data in clear in the reports of its area. The data bureau runs the hub and does not."""
    return principal.has(*REPORTERS)


def may_read_rows(principal: Principal, contract: str) -> bool:
    """Whether the principal sees the rows of a contract as they came: its sender alone."""
    return principal.has(Role.DEPARTMENT) and contract.partition(".")[0] in principal.departments


def may_see_contract(principal: Principal, contract: str) -> bool:
    """Whether the principal may see a contract's batches, findings and conflicts. The contract itself is public in the hub."""
    limit = department_limit(principal)
    return limit is None or contract.partition(".")[0] in limit


def may_send(principal: Principal, contract: str) -> bool:
    """Whether the principal may publish this contract, send its batches and mend its rows. The data bureau may publish and pull,
    for it runs the hub, but it is the department that is named as the sender."""
    return principal.has(Role.DEPARTMENT, Role.BUREAU) and may_see_contract(principal, contract)


def may_define(principal: Principal) -> bool:
    """Whether the principal may publish what belongs to no department: elements, code lists, measures, rules, forms."""
    return principal.has(Role.BUREAU)
