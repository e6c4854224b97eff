"""Lists on demand: who asked a township for what, and each time that it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False)


def upgrade() -> None:
    op.create_table(
        "demand",
        _id(),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("filters", sa.LargeBinary(), nullable=False),
        sa.Column("id_style", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("demand_by_unit", "demand", ["unit"])
    op.create_table(
        "demand_run",
        _id(),
        sa.Column("demand", sa.BigInteger(), nullable=False),
        sa.Column("written_as", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("demand_run_by_demand", "demand_run", ["demand"])
