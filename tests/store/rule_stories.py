"""Days on which one rule of the store matters, as data for ``test_rules_matter``: the shortest story that would go wrong without it.

Villages go by the last stated (``latest``), names want a person's decision (``manual``), all else goes by authority: see
``tests.store.small``. Fingerprints are digests of the rows, so which of two rows has the greater one is as fixed as the rows.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.registry.model import Delivery
from tests.store.small import MARRIAGE, POOR, PUPIL, RESIDENT, Row, Sent
from tests.store.stories import Act, Decided

SNAPSHOT, DELTA, MEND = Delivery.SNAPSHOT, Delivery.DELTA, Delivery.MEND
FIRST, SECOND = date(1950, 1, 1), date(1950, 1, 2)  # two birth dates that sources give one person


def _rows(rows: tuple[Row, ...], key: str, number: str) -> tuple[Row, ...]:
    """Rows about person p1 under ``number`` unless they say otherwise."""
    return tuple({key: number, "citizen_id": "p1", **row} for row in rows)


def residents(day: int, *rows: Row, kind: Delivery = SNAPSHOT, held: tuple[str, ...] = ()) -> Sent:
    return Sent(RESIDENT, day, kind, _rows(rows, "citizen_id", "p1"), held)


def pupils(day: int, *rows: Row, kind: Delivery = SNAPSHOT) -> Sent:
    return Sent(PUPIL, day, kind, _rows(rows, "number", "1"))


def poor(day: int, *rows: Row) -> Sent:
    return Sent(POOR, day, SNAPSHOT, _rows(rows, "citizen_id", "p1"))


def certificate(day: int, number: str, event: str, registered_on: date) -> Sent:
    row: dict[str, Any] = {"certificate": number, "husband": "p1", "wife": "p2", "event": event, "registered_on": registered_on}
    return Sent(MARRIAGE, day, DELTA, (row,))


Story = tuple[Act, ...]

# The person lived in A1, since day 3 in A2; that they were in A11 on day 2 comes to light last.
TWO_CLOCKS: Story = (residents(1, {"village": "A1"}), residents(3, {"village": "A2"}), residents(2, {"village": "A11"}))

# The same, and on day 5 the person was back in A1; a report asks for day 4.
BACK_AGAIN: Story = (*TWO_CLOCKS, residents(5, {"village": "A1"}))

# The register begins on day 2; a report asks for day 0.
BEGINS: Story = (residents(2, {"birth_date": FIRST}),)

# p2 left the register: the next list does not name them.
LEFT: Story = (residents(1, {}, {"citizen_id": "p2"}), residents(2, {}))

# The row of p1 came with a wrong check digit and was quarantined.
QUARANTINED: Story = (residents(1, {"birth_date": FIRST}), residents(2, held=("p1",)))


def said_again(kind: Delivery) -> Story:
    """The school says A2; then the register names the person, unchanged, in a delta or in a mend: its word is the later one."""
    return residents(1, {"village": "A1"}), pupils(2, {"village": "A2"}), residents(3, {"village": "A1"}, kind=kind)


# The person moved on day 2, as the list of day 3 tells; the list of day 2 arrives last and says the same.
MOVED_BETWEEN: Story = (residents(1, {"village": "A1"}), residents(3, {"village": "A2"}), residents(2, {"village": "A2"}))

# The list of day 3 leaves the person in A1; the list of day 2, which arrives last, had them in A2 for a day.
FOR_A_DAY: Story = (residents(1, {"village": "A1"}), residents(3, {"village": "A1"}), residents(2, {"village": "A2"}))

# As above, but the move of day 3 to A2 came by a delta, and the list of day 4 only left it at that.
MOVED_BY_DELTA: Story = (
    residents(1, {"village": "A1"}), residents(3, {"village": "A2"}, kind=DELTA), residents(4, {"village": "A2"}),
    residents(2, {"village": "A11"}, kind=DELTA),
)  # fmt: skip

# The list of day 3 held the person's row, so it says nothing against the late news of day 2.
LATE_AND_HELD: Story = (residents(1, {"village": "A1"}), residents(3, held=("p1",)), residents(2, {"village": "A2"}, kind=DELTA))

# School and register disagree about the village; then the register's next list leaves the person where they were.
LEFT_UNCHANGED: Story = (residents(1, {"village": "A1"}), pupils(2, {"village": "A2"}), residents(3, {"village": "A1"}))

# The same, but the next list held the person's row.
LEFT_HELD: Story = (residents(1, {"village": "A1"}), pupils(2, {"village": "A2"}), residents(3, held=("p1",)))

# Married in 2024; the certificate of a divorce in 2020 is sent only afterwards.
OLD_CERTIFICATE: Story = (certificate(1, "1", "married", date(2024, 5, 1)), certificate(2, "2", "divorced", date(2020, 5, 1)))

# A pupil of two schools; the second says where they live now.
SECOND_SCHOOL: Story = (pupils(1, {"number": "2", "village": "A1"}, kind=DELTA), pupils(2, {"village": "A2"}, kind=DELTA))

# The second school does not know the birth date.
SILENT_SCHOOL: Story = (pupils(1, {"birth_date": FIRST}, kind=DELTA), pupils(2, {"number": "2"}, kind=DELTA))

# Two schools send a row each, in either order; then both stand in one list, stated at once.
ONE_SCHOOL: Sent = pupils(1, {"birth_date": FIRST}, kind=DELTA)
OTHER_SCHOOL: Sent = pupils(2, {"number": "2", "birth_date": SECOND}, kind=DELTA)
BOTH_SCHOOLS: Sent = pupils(3, {"birth_date": FIRST}, {"number": "2", "birth_date": SECOND})

# The welfare list has another birth date than the register, which comes first in the order.
TWO_BIRTH_DATES: Story = (poor(1, {"birth_date": FIRST}), residents(1, {"birth_date": SECOND}))

# The register has no birth date, the school has.
NO_BIRTH_DATE: Story = (residents(1, {}), pupils(1, {"birth_date": FIRST}))

# The school's word on the village is the later one.
MOVED: Story = (residents(1, {"village": "A1"}), pupils(2, {"village": "A2"}))

# The register names the group A11, the school later only the village A1 that it is in.
LESS_EXACT: Story = (residents(1, {"village": "A11"}), pupils(2, {"village": "A1"}))

# School and register write the name differently.
TWO_NAMES: Story = (residents(1, {"name": "赵"}), pupils(1, {"name": "钱"}))

# A person settles a birth date; then the school mends its own and agrees with the register.
SCHOOL_AGREES: Story = (
    residents(1, {"birth_date": FIRST}), pupils(1, {"birth_date": SECOND}), Decided(("person", "p1"), "birth_date", SECOND),
    pupils(2, {"birth_date": FIRST}),
)  # fmt: skip

# Two schools disagree, a person settles it; then one list states both rows at once, and the school's voice is the other row.
SETTLED_THEN_STATED_AT_ONCE: Story = (
    pupils(1, {"number": "2", "birth_date": FIRST}, kind=DELTA), pupils(2, {"birth_date": SECOND}, kind=DELTA),
    Decided(("person", "p1"), "birth_date", date(1949, 1, 1)), pupils(3, {"birth_date": SECOND}, {"number": "2", "birth_date": FIRST}),
)  # fmt: skip

# The same, but the person settles it only then; a report asks for day 2, when the school's voice was another.
STATED_AT_ONCE_THEN_SETTLED: Story = (
    pupils(1, {"number": "2", "birth_date": FIRST}, kind=DELTA), pupils(2, {"birth_date": SECOND}, kind=DELTA),
    pupils(3, {"birth_date": SECOND}, {"number": "2", "birth_date": FIRST}), Decided(("person", "p1"), "birth_date", date(1949, 1, 1)),
)  # fmt: skip

# p1 heads a household; later the school writes down that p1 is a left-behind child.
HEAD_LEFT_BEHIND: Story = (residents(1, {"household": "h1", "head": "p1"}), pupils(2, {"left_behind": True}))

# p1 is a left-behind child; more than a year later a list arrives that speaks of p2 alone, and p1 has come of age meanwhile.
CHILD: Story = (pupils(1, {"birth_date": date(2010, 6, 1), "left_behind": True}, kind=DELTA),)
SOMEBODY_ELSE: Story = (residents(2, {"citizen_id": "p2"}),)
