"""The fixed tables: the ledger around the three functions. Alembic migrates these; generated tables are in ``tables``.

*Known* is always a number from ``tick``; instants are microseconds since 1970 in UTC; ``pos`` is a batch's place in
valid time: see ``hub.store.positions``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


# One number per committed act, given under the writer lock.
tick = Table("tick", metadata, Column("id", SmallInteger, primary_key=True), Column("known", BigInteger, nullable=False))

# The small number of each contract, for ever: golden columns hold it.
dataset = Table(
    "dataset",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("contract", Text, nullable=False, unique=True),
    Column("cursor", Text),  # where the next delta starts
)

# What was published, append-only: the document as written, and the number from which it holds.
definition = Table(
    "definition",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("published_by", Text, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    _id(),
    Column("dataset", SmallInteger, nullable=False),
    Column("contract_version", Text, nullable=False),
    Column("kind", Text, nullable=False),  # snapshot, delta, mend
    Column("as_of", Date, nullable=False),
    Column("revision", Integer),  # given at the merge
    Column("pos", BigInteger),
    Column("parent", BigInteger),  # of a mend
    Column("known", BigInteger),  # null until merged
    Column("state", Text, nullable=False),  # hub.store.batches.State
    Column("digest", Text),
    Column("name", Text, nullable=False),  # what the source called it
    Column("read", BigInteger, nullable=False, default=0),
    Column("accepted", BigInteger, nullable=False, default=0),
    Column("unchanged", BigInteger, nullable=False, default=0),
    Column("quarantined", BigInteger, nullable=False, default=0),
    Column("ended", BigInteger, nullable=False, default=0),
    Column("cursor", Text),  # where a cut pull resumes
    Column("reason", Text),  # canonical JSON: why it waits or was refused
    Column("claims", SmallInteger, nullable=False, default=0),
    Column("forced_by", Text),  # who let it pass the breaker
    Column("started_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Index("batch_by_dataset", "dataset", "pos"),
)

finding = Table(
    "finding",
    metadata,
    _id(),
    Column("batch", BigInteger, nullable=False, index=True),
    Column("record", BigInteger),
    Column("line", BigInteger),
    Column("field", Text),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("found", Text),  # masked where the element is sealed
    Column("agreed", Text),
    Column("hint", Text),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("batch", BigInteger, primary_key=True),
    Column("record", BigInteger, primary_key=True),
    Column("line", BigInteger),
    Column("raw", LargeBinary, nullable=False),  # sealed JSON: physical name -> the text that came
    Column("released_by", BigInteger),  # the mend that brought the row in
)

# Of a mend: which held record of its parent each of its own records is. Noted once the file has been read within its limits.
mended = Table(
    "mended",
    metadata,
    Column("batch", BigInteger, primary_key=True),
    Column("record", BigInteger, primary_key=True),
    Column("mends", BigInteger, nullable=False),
)

warning = Table(
    "warning",
    metadata,
    _id(),
    Column("batch", BigInteger, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
)

rule_result = Table(
    "rule_result",
    metadata,
    Column("batch", BigInteger, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("fields", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("checked", BigInteger, nullable=False),
    Column("broken", BigInteger, nullable=False),
    Column("severity", Text, nullable=False),
    Column("limit_share", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("message", Text, nullable=False),
)

# Keys are for ever: the keyed hash of a normalised identifier, and the 64-bit surrogate that stands for it.
subject_key = Table(
    "subject_key",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("key_id", BigInteger, nullable=False, unique=True),
)
row_key = Table(
    "row_key",
    metadata,
    Column("dataset", SmallInteger, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("row_id", BigInteger, nullable=False, unique=True),
)
# Rows that a batch quarantined: it says nothing of them.
held = Table(
    "held",
    metadata,
    Column("dataset", SmallInteger, primary_key=True),
    Column("pos", BigInteger, primary_key=True),
    Column("row_id", BigInteger, primary_key=True),
    Column("known", BigInteger, nullable=False),
)

# Acts of linking and unlinking, and what follows from them: which keys are one subject from a known number on.
link = Table(
    "link",
    metadata,
    Column("known", BigInteger, primary_key=True),
    Column("act", Text, nullable=False),  # link, unlink
    Column("one", BigInteger, nullable=False),
    Column("other", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
member = Table(
    "member",
    metadata,
    Column("key_id", BigInteger, primary_key=True),
    Column("known", BigInteger, primary_key=True),
    Column("subject_id", BigInteger, nullable=False),
)

# A person's decision, taken on a signature: what each source said at that moment.
decision = Table(
    "decision",
    metadata,
    Column("known", BigInteger, primary_key=True),
    Column("key_id", BigInteger, nullable=False, index=True),
    Column("element", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("value_text", Text),
    Column("value_integer", BigInteger),
    Column("value_date", Date),
    Column("value_boolean", Boolean),
    Column("value_sealed", LargeBinary),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# One open row per (subject, what, source); `what` is an element or "rule:<name>".
conflict = Table(
    "conflict",
    metadata,
    _id(),
    Column("subject_id", BigInteger, nullable=False),
    Column("entity", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("source", SmallInteger, nullable=False),  # the dataset that differs from golden; 0 for a rule
    Column("winner", SmallInteger, nullable=False),  # the dataset whose value golden holds; 0 if none
    Column("opened", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("closed_at", BigInteger),
    Index("conflict_by_subject", "subject_id", "closed"),
)

code = Table(
    "code",
    metadata,
    Column("list", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("parent", Text),
    Column("level", Text),
)
code_ancestor = Table(
    "code_ancestor",
    metadata,
    Column("list", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("ancestor", Text, primary_key=True),
)

token = Table(
    "token",
    metadata,
    _id(),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("principal", Text, nullable=False),  # canonical JSON
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)

# People who sign in by name and password. A session is a row as long as it lasts: ending it takes the row away.
account = Table(
    "account",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),  # hub.core.passwords
    Column("principal", Text, nullable=False),  # canonical JSON
    Column("created_at", BigInteger, nullable=False),
    Column("failures", SmallInteger, nullable=False, default=0),  # wrong passwords since the last right one
    Column("locked_until", BigInteger),
    Column("signed_in_at", BigInteger),
    Column("signed_in_before", BigInteger),  # the sign-in before that one
    Column("failed_at", BigInteger),  # the last sign-in that was refused
    Column("disabled_at", BigInteger),
)
session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("session_by_account", "account"),
)

# Planned runs of the schedule: the key is the planned time, so that none happens twice.
run = Table(
    "run",
    metadata,
    Column("contract", Text, primary_key=True),
    Column("planned_at", BigInteger, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("outcome", Text),
    Column("detail", Text),
)
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

report = Table(
    "report",
    metadata,
    Column("form", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("known", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # sealed canonical JSON, zlib
    Column("digest", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

# The clerk's work (hub.forms.lifecycle). A period is open for every unit at once; a unit has a row from the first touch on.
period = Table(
    "period",
    metadata,
    Column("form", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("due", Date, nullable=False),
    Column("closes", Date),  # the last day on which it may be filled in; null: no end
    Column("opened_at", BigInteger, nullable=False),
    Column("opened_by", Text, nullable=False),
)
work = Table(
    "work",
    metadata,
    Column("form", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("revision", SmallInteger, nullable=False, default=1),
    Column("known", BigInteger),  # what was known when it was submitted; null while it is worked on
    Column("digest", Text),  # of what was submitted
    Column("extended", Date),  # a later last day, for this unit
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
)
# Who took a report from where to where, and why: append-only, each signed.
work_step = Table(
    "work_step",
    metadata,
    _id(),
    Column("form", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    Column("act", Text, nullable=False),
    Column("state_from", Text, nullable=False),
    Column("state_to", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", LargeBinary),  # sealed: people are named in reasons
    Column("digest", Text),
    Column("signature", Text, nullable=False),
    Column("request_key", Text),  # Idempotency-Key under its sender
    Index("work_step_by_report", "form", "period", "unit"),
)
# What people typed and confirmed: append-only. That no two replace the same one is what keeps two people apart.
edit = Table(
    "edit",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),  # the client's own
    Column("form", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("line", Text, nullable=False),  # its code; empty for an act on many lines
    Column("field", Text, nullable=False),
    Column("kind", Text, nullable=False),  # hub.forms.edits.EditKind
    Column("content", LargeBinary, nullable=False),  # sealed JSON
    Column("replaced", Text, nullable=False),  # the key of the cell's edit before; empty for the first
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint("form", "period", "unit", "line", "field", "replaced", name="edit_once"),
    Index("edit_by_report", "form", "period", "unit", "id"),
)
# A frozen report, whole: the canonical JSON as it was signed.
frozen = Table(
    "frozen",
    metadata,
    Column("form", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("revision", SmallInteger, primary_key=True),
    Column("version", Text, nullable=False),  # of the form
    Column("known", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed, zlib
    Column("digest", Text, nullable=False, index=True),
    Column("signature", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
)

# An objection: to one value of one subject (by its element), to a line of a roster, or that a line is missing; and the correction that
# it asks of a department. ``subject`` as golden numbers it. A row is answered once; one that reopens is a new row.
objection = Table(
    "objection",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),  # hub.forms.objections.ObjectionKind
    Column("element", Text, nullable=False),  # full name; empty for a line
    Column("subject", BigInteger),  # null for who is missing
    Column("section", Text, nullable=False),  # <form>.<section> where it is about that one alone, else empty
    Column("open_key", Text, unique=True),  # what it is about, while it is open: a second one joins the first
    Column("contract", Text, nullable=False),  # whose data is objected to; empty where the section names its department
    Column("department", Text, nullable=False),  # must answer
    Column("proposed", LargeBinary),  # sealed JSON: the value, its text
    Column("stood", LargeBinary),  # sealed: the text that stood in the cell
    Column("state", Text, nullable=False),  # hub.store.objections.State
    Column("days", SmallInteger, nullable=False),  # working days that the department has
    Column("asked_at", BigInteger, nullable=False),
    Column("deadline", Date, nullable=False),
    Column("opened_after", BigInteger, nullable=False),  # the last work_step then: what a submitted report had seen
    Column("answered_at", BigInteger),
    Column("answered_by", Text),
    Column("answered_after", BigInteger),
    Column("answer", LargeBinary),  # sealed reason
    Column("decision", BigInteger),  # the known number of the decision that it led to
    Column("reopens", BigInteger),  # the objection of which this is the return
    Index("objection_by_element", "element", "state"),
    Index("objection_by_department", "department", "state"),
    Index("objection_by_answer", "answered_at"),
)
# Everybody who objects, with the report in which they saw it; the first one opened it.
objector = Table(
    "objector",
    metadata,
    _id(),
    Column("objection", BigInteger, nullable=False, index=True),
    Column("form", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("place", Text, nullable=False),  # of the line
    Column("line", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("proposed", LargeBinary),  # sealed text
    Column("reason", LargeBinary),  # sealed
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("organisation", Text, nullable=False),
)
evidence = Table(
    "evidence",
    metadata,
    _id(),
    Column("objection", BigInteger, nullable=False, index=True),
    Column("name", LargeBinary, nullable=False),  # sealed: file names name people
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the content
    Column("file", Text, nullable=False),  # in the hub's home, sealed
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
)
# Reports that had left the hands of who fills them in when an objection to something in them was accepted.
corrected = Table(
    "corrected",
    metadata,
    Column("form", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("revision", SmallInteger, primary_key=True),
    Column("digest", Text, primary_key=True),  # of what was submitted
    Column("objection", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# What people remark about a cell.
comment = Table(
    "comment",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),  # the client's own, under its name
    Column("form", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("text", LargeBinary, nullable=False),  # sealed
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Index("comment_by_report", "form", "period", "unit"),
)
# The printed and signed report, scanned.
scan = Table(
    "scan",
    metadata,
    _id(),
    Column("form", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed: file names name people
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the content
    Column("file", Text, nullable=False),  # in the hub's home, sealed
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Index("scan_by_report", "form", "period", "unit"),
)

# A list that somebody outside the set of forms asked a township for, and each time that it was made. Of persons it holds nothing in
# clear: what a filter compares with may be a name.
demand = Table(
    "demand",
    metadata,
    _id(),
    Column("form", Text, nullable=False),  # whose roster it is made of
    Column("unit", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("columns", Text, nullable=False),  # canonical JSON
    Column("order", Text, nullable=False),  # canonical JSON
    Column("filters", LargeBinary, nullable=False),  # sealed JSON
    Column("id_style", Text, nullable=False),  # hub.forms.demands.IdStyle
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Index("demand_by_unit", "unit"),
)
demand_run = Table(
    "demand_run",
    metadata,
    _id(),
    Column("demand", BigInteger, nullable=False),
    Column("written_as", Text, nullable=False),  # page, json, xlsx, csv
    Column("lines", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Index("demand_run_by_demand", "demand"),
)

# Work asked for: a pull, an uploaded file, a waiting batch that may go on. Workers claim it; see hub.store.jobs.
job = Table(
    "job",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),  # pull, upload, finish
    Column("contract", Text, nullable=False, index=True),
    Column("payload", Text, nullable=False),  # canonical JSON: what the kind needs
    Column("state", Text, nullable=False, index=True),  # hub.store.jobs.JobState
    Column("requested_by", Text, nullable=False),
    Column("planned_at", BigInteger),  # of a run that the schedule opened
    Column("created_at", BigInteger, nullable=False),
    Column("claims", SmallInteger, nullable=False, default=0),
    Column("holder", Text),
    Column("until", BigInteger),  # when the holder is no longer believed alive
    Column("ended_at", BigInteger),
    Column("outcome", Text),  # canonical JSON: the batches, or why it failed
    Column("request_key", Text, unique=True),  # Idempotency-Key under its sender
    Column("request_digest", Text),
)
