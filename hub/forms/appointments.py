"""Who a new principal is: from a role and an organisation to an area of villages, or to a department's contracts."""

from __future__ import annotations

from hub.core.errors import invalid
from hub.core.messages import Message
from hub.core.principals import Principal, PrincipalKind, Role
from hub.forms.units import villages
from hub.registry.model import Catalog

UNKNOWN_ROLE = Message("unknown_role", "没有角色“{role}”。可用：{known}。", "There is no role {role}. Use one of {known}.")
UNKNOWN_DEPARTMENT = Message(
    "unknown_department", "没有部门“{department}”。已有：{known}。", "There is no department {department}. Known: {known}."
)


def principal_for(catalog: Catalog, role: str, organisation: str, name: str) -> Principal:
    """A system principal. ``organisation``: a division code for township and county, a department's name for a department;
    the bureau sees the whole city. Raises INVALID for an unknown role or department, NOT_FOUND for an unknown division."""
    if role not in set(Role):
        raise invalid(UNKNOWN_ROLE, role=role, known="、".join(Role))
    found = Role(role)
    if found is Role.BUREAU:
        return Principal(PrincipalKind.SYSTEM, name, organisation, frozenset({found}), whole_city=True)
    if found is Role.DEPARTMENT:
        known = sorted({contract.department for contract in catalog.contracts.values()})
        if organisation not in known:
            raise invalid(UNKNOWN_DEPARTMENT, department=organisation, known="、".join(known))
        return Principal(PrincipalKind.SYSTEM, name, organisation, frozenset({found}), departments=(organisation,))
    return Principal(PrincipalKind.SYSTEM, name, organisation, frozenset({found}), area=villages(catalog, organisation))
