"""Accounts know when they were signed in to and when that was refused, and can be disabled."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("signed_in_at", "signed_in_before", "failed_at", "disabled_at"):
        op.add_column("account", sa.Column(name, sa.BigInteger(), nullable=True))
