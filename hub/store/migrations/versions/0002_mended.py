"""Which held records a mend mends, so that they are released in the transaction that closes it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "mended",
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.Column("mends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("batch", "record"),
    )
