"""The newest edit of a report is found without reading through all of them: every look at a report asks for it."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_index("edit_by_report", "edit", ["form", "period", "unit", "id"])
