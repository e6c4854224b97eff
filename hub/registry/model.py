"""The Catalog: everything the city has agreed on, as immutable data, and nothing that reads files or databases.

Loading is in ``hub.registry.load``; judging a change is in ``hub.registry.compatibility``. Every layer above works from
a Catalog: tables, checks, measures and forms are generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Title:
    """A name for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a definition was written: the file and the line that a message points to."""

    file: str = ""
    line: int = 0


class ValueType(StrEnum):
    """What a value is; how it is stored is decided from this alone (``hub.store.tables``)."""

    TEXT = "text"
    CODE = "code"  # a code of the element's code list
    CODES = "codes"  # several codes or words: sorted JSON text
    DIVISION = "division"  # a 12-digit division code (6-digit ones are padded with zeros)
    DATE = "date"
    MONTH = "month"  # kept as the first day of the month
    DATETIME = "datetime"  # microseconds since 1970 in UTC
    INTEGER = "integer"
    DECIMAL = "decimal"  # kept as an integer number of 10**-scale units
    MONEY = "money"  # yuan, kept as an integer number of fen
    BOOLEAN = "boolean"
    REFERENCE = "reference"  # the key of a subject of another entity


class Policy(StrEnum):
    """Who is right when sources differ."""

    AUTHORITY = "authority"  # the first in the order that has a value
    LATEST = "latest"  # the one that was stated last
    MANUAL = "manual"  # nobody, until a person decides


@dataclass(frozen=True, slots=True)
class Authority:
    """One source per item (一数一源): contract ids in order, the first is the source department.

    ``township.*`` entries are the township's own contracts; where one stands first, the township may type over the cell.
    """

    order: tuple[str, ...]
    policy: Policy = Policy.AUTHORITY
    approval: str = ""  # the document that settled it


@dataclass(frozen=True, slots=True)
class Element:
    """A data element (数据元): what a value means, whoever holds it."""

    name: str  # "person.education"
    title: Title
    type: ValueType
    code_list: str | None = None
    format: str | None = None  # citizen_id, credit_code, person_name, mobile, bank_account, student_number, permit, address
    scale: int = 0  # digits after the point; 2 for money
    unit: str = ""
    max_length: int | None = None
    sealed: bool = False  # a direct identifier: stored only as ciphertext and keyed hash
    refers_to: str | None = None  # entity name, for REFERENCE
    authority: Authority | None = None  # as written; the Catalog fills in the implied one
    derived: str | None = None  # an expression; never stored, never delivered
    standard: str = ""
    definition: str = ""
    place: Place = field(default=Place(), compare=False)

    @property
    def entity(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def short(self) -> str:
        """The name inside its entity: the column name."""
        return self.name.split(".", 1)[1]


class EntityKind(StrEnum):
    SUBJECT = "subject"  # has keys of its own and a golden record
    OWNED = "owned"  # records that belong to one subject


@dataclass(frozen=True, slots=True)
class Collection:
    """The other way round of a reference or an ownership: ``household.members`` is person by ``person.household``."""

    entity: str
    via: str | None = None  # the reference element (short name) of that entity; None: owned by this one


@dataclass(frozen=True, slots=True)
class Entity:
    """What records are about."""

    name: str
    title: Title
    kind: EntityKind
    key: str | None = None  # subject: the short name of the element that identifies it
    owner: str | None = None  # owned: the entity it belongs to
    many: bool = True  # owned: may one owner have several records at once
    partition: str | None = None  # owned: several contracts may supply it if each sets another constant for this element
    collections: Mapping[str, Collection] = field(default_factory=dict)
    display: str | None = None  # the path of the element shown for a subject (a person's name, the name of a household's head)
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    title: Title
    parent: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A dated list, or tree, of permitted values."""

    name: str
    title: Title
    codes: Mapping[str, Code]
    working: bool = False  # ours until the city gives its own
    standard: str = ""

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The code's parents, nearest first. A value agrees with its ancestor."""
        found: list[str] = []
        while (entry := self.codes.get(code)) is not None and entry.parent and entry.parent not in found:
            code = entry.parent
            found.append(code)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """A department's own codes, each with the code of the city's list."""

    name: str  # "civil-affairs.marital-words"
    code_list: str
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Succession:
    """What became of a division: it was merged into another or renamed (one successor), or split (several)."""

    old: str
    new: tuple[str, ...]
    since: date


class Severity(StrEnum):
    """What a broken rule does to the row or the batch."""

    WARN = "warn"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


class Delivery(StrEnum):
    SNAPSHOT = "snapshot"  # ends what it does not name
    DELTA = "delta"  # speaks of what it names only
    MEND = "mend"  # quarantined rows sent again; ends nothing


@dataclass(frozen=True, slots=True)
class QualityRule:
    """One rule of a contract, judged on the staged batch by Great Expectations.

    ``rule`` is one of: not_null, unique, in_set, regex, between, row_count, null_share, freshness, compare, unique_together.
    ``limit`` is the share of rows that may break it (0 to 1) before ``severity`` applies.
    """

    name: str
    rule: str
    fields: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.WARN
    limit: float = 0.0
    dimension: str = ""  # one of the six of GB/T 36344: conformity, completeness, accuracy, consistency, timeliness, accessibility
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the export: bound to an element, or ignored with a reason."""

    name: str  # ASCII, our column name: "citizen_id"
    physical: str  # the column in the export: "公民身份号码"
    element: str | None = None  # full element name
    speaks_of: str | None = None  # the role or record whose element this is; None: only used by expressions of `says`
    ignored: str | None = None  # the reason
    required: bool = False
    key_position: int | None = None  # 1-based place in the row key
    crosswalk: str | None = None
    names: bool = False  # a division given by names ("county township village"), resolved by the whole path
    drops_zero: bool = False  # the source is known to drop a leading zero of this code
    null_words: tuple[str, ...] = ()  # further words that mean nothing, beside the contract's
    words: Mapping[str, str] = field(default_factory=dict)  # words for values: {"长期": "9999-12-31"}
    separator: str | None = None  # of a list in one cell
    scale: int | None = None  # the export's own: cents as integer = 2 for a money element that comes in fen
    logical_type: str | None = None  # ODCS: must be the element's, if written
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Role:
    """A subject that a row speaks of; its key stands in the row itself, never looked up elsewhere.

    ``says`` gives element (short name) -> expression over the fields of the row; a plain field name in most cases. For
    a REFERENCE element the expression is ``role(NAME)``: the subject of another role of the row.
    """

    name: str
    entity: str
    key: str  # field name
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An owned record that a row gives: a disability certificate, a benefit."""

    name: str
    entity: str
    owner: str  # role name
    says: Mapping[str, str] = field(default_factory=dict)  # as in Role
    when: str | None = None  # only if this expression over the fields is true


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Where the dataset is pulled from: the kind is the connector's entry point, the options are the connector's own."""

    kind: str  # "files", "sql", "http", "forms"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """A department's promise about one dataset (数据契约), one published version of it."""

    id: str  # "public-security.resident"
    version: str
    title: Title
    delivery: Delivery
    fields: tuple[Field, ...]
    roles: tuple[Role, ...]
    records: tuple[Record, ...] = ()
    quality: tuple[QualityRule, ...] = ()
    source: SourceSpec | None = None
    schedule: str | None = None  # five-field cron, city time
    freshness_days: int | None = None
    ending: str | None = None  # delta: how an ending arrives ("flag:FIELD=VALUE", "full:30d", "list")
    breaker_share: float = 0.3  # hold the batch if it would end or change more than this share of the rows
    dated_by: str | None = None  # DATE/MONTH/DATETIME field: among several rows about one subject the latest speaks
    null_words: tuple[str, ...] = ()
    sharing: str = "conditional"  # unconditional, conditional, not_shared
    legal_basis: str = ""
    contact: str = ""
    statistical_survey: bool = False  # its individual data never fills another office's form (Statistics Law art. 28)
    place: Place = field(default=Place(), compare=False)
    schedule_place: Place = field(default=Place(), compare=False)

    @property
    def ending_flag(self) -> tuple[str, str] | None:
        """Of ``ending`` "flag:FIELD=VALUE": the field and the value by which a row says that it has ended."""
        if self.ending is None or not self.ending.startswith("flag:"):
            return None
        field, _, value = self.ending.removeprefix("flag:").partition("=")
        return field, value

    @property
    def department(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def dataset(self) -> str:
        return self.id.split(".", 1)[1]

    @property
    def table(self) -> str:
        """The stem of the dataset's table names."""
        return self.id.replace("-", "_").replace(".", "__")

    @cached_property
    def _fields_by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    def field(self, name: str) -> Field:
        return self._fields_by_name[name]

    @property
    def bound(self) -> tuple[Field, ...]:
        """The fields that are kept, in the contract's order."""
        return tuple(f for f in self.fields if f.ignored is None)

    @property
    def key(self) -> tuple[Field, ...]:
        return tuple(sorted((f for f in self.fields if f.key_position), key=lambda f: f.key_position or 0))

    @property
    def speakers(self) -> tuple[Role | Record, ...]:
        """All that a row speaks of: its roles, then its records."""
        return (*self.roles, *self.records)

    def role(self, name: str) -> Role:
        return next(r for r in self.roles if r.name == name)


# Measures, rules and forms -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over an entity, defined once and named (``residents_60_plus``), with its place."""

    name: str
    title: Title
    of: str  # entity
    value: str  # an aggregate expression over the entity: "count(*)", "count(distinct household)", "sum(amount)"
    where: str | None = None
    by: str = ""  # path to a DIVISION element: "village", "owner.registered_village"
    definition: str = ""
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A consistency rule over golden records: ``broken`` is true for a subject that two sources cannot both be right about."""

    name: str
    title: Title
    of: str  # entity
    broken: str  # expression
    severity: Severity
    looks: tuple[str, ...] = ()  # departments that must look
    remedy: Title = Title("", "")
    place: Place = field(default=Place(), compare=False)


class SectionKind(StrEnum):
    ROSTER = "roster"  # one line a subject or owned record
    INDICATORS = "indicators"  # rows x columns of measures
    ENTRIES = "entries"  # typed by people, one line


class FieldKind(StrEnum):
    ELEMENT = "element"
    MEASURE = "measure"
    FORMULA = "formula"
    ENTRY = "entry"


class Meanwhile(StrEnum):
    """Which value a report carries while an objection to it is open."""

    SOURCE = "source"  # what the department says
    PROPOSED = "proposed"  # what the objection says


@dataclass(frozen=True, slots=True)
class FormField:
    """One column of a form: exactly one of element path, measure, formula or entry."""

    name: str  # ASCII
    title: Title
    kind: FieldKind
    expression: str  # path, measure name, formula; for an entry the element path it is bound to, or "" with keep
    keep: bool = False  # an entry that stays in its report (remarks)
    group: Title | None = None  # the merged header above ("其中")
    applies: str | None = None  # expression: where false the cell is "not applicable"
    unit: str = ""
    meanwhile: Meanwhile = Meanwhile.SOURCE
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: Title
    kind: SectionKind
    fields: tuple[FormField, ...]
    of: str | None = None  # roster: entity; indicators: "place"
    where: str | None = None  # roster: condition
    by: str | None = None  # roster: path to the DIVISION element that puts a line into a unit
    order: tuple[str, ...] = ()  # roster: paths for display order
    rows: str = "unit"  # indicators: "unit" (one line) or "villages" (one line a village of the unit, and a total)
    answers: str = ""  # roster: the department that answers objections to who is on it; "": whose data chooses the lines


@dataclass(frozen=True, slots=True)
class ReportRule:
    """A rule of the official form: 保障人数 <= 家庭人口."""

    name: str
    title: Title
    holds: str  # formula over the line's cells (by field name) that must be true
    section: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Form:
    """A form (表单), one version: what a unit is asked for in a period."""

    id: str  # "low-income-roster"
    version: str
    title: Title
    asked_by: str
    unit_level: str  # "village" or "township"
    frequency: str  # "monthly", "quarterly", "term"
    sections: tuple[Section, ...]
    rules: tuple[ReportRule, ...] = ()
    number: str = ""  # form number, maker, approval number and expiry (Statistics Law art. 17)
    maker: str = ""
    approval: str = ""
    expires: date | None = None
    legal_basis: str = ""
    due_days: int = 5  # working days after the period's end by which a report is due
    closes_days: int | None = None  # working days after that, behind which it can no longer be filled in; None: never
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True)
class Catalog:
    """All definitions in force together, checked against one another (``hub.registry.load.build``)."""

    elements: Mapping[str, Element]
    entities: Mapping[str, Entity]
    code_lists: Mapping[str, CodeList]
    crosswalks: Mapping[str, Crosswalk]
    contracts: Mapping[str, Contract]
    measures: Mapping[str, Measure] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    successions: Mapping[str, Succession] = field(default_factory=dict)  # by the old code
    past_forms: Mapping[tuple[str, str], Form] = field(default_factory=dict)  # every version ever published, by id and version

    def form_at(self, form: str, version: str) -> Form:
        """The form as it was in a version: what was frozen is read by it."""
        now = self.forms.get(form)
        return now if now is not None and now.version == version else self.past_forms[form, version]

    def stored_elements(self, entity: str) -> tuple[Element, ...]:
        """The elements of an entity that are columns somewhere, in the order written."""
        return tuple(e for e in self.elements.values() if e.entity == entity and e.derived is None)

    def authority(self, element: str) -> Authority:
        """The written authority, else the one implied by a single supplier; an element without supplier has an empty order.

        Whoever speaks of a subject names its key: the key needs no order, and suppliers that none names stand last.
        """
        written = self.elements[element].authority
        if written is not None and not self.is_key(element):
            return written
        named = () if written is None else written.order
        return Authority((*named, *(contract for contract in self.suppliers(element) if contract not in named)))

    def is_key(self, element: str) -> bool:
        """Does this element identify the subjects of its entity?"""
        entity = self.entities.get(self.elements[element].entity)
        return entity is not None and entity.key == self.elements[element].short

    def held(self, field: Field) -> Element:
        """The element whose value stands in a field: a reference stands there as the key of what it refers to."""
        if field.element is None:
            return Element(f"row.{field.name}", Title(field.physical, field.name), ValueType.TEXT)
        element = self.elements[field.element]
        while element.type is ValueType.REFERENCE and element.refers_to is not None:
            entity = self.entities[element.refers_to]
            element = self.elements[f"{entity.name}.{entity.key}"]
        return element

    def suppliers(self, element: str) -> tuple[str, ...]:
        """The contracts whose rows speak of this element, sorted by id."""
        return self._suppliers.get(element, ())

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What others worked out of these definitions alone, by a key of theirs: it goes when the Catalog goes."""
        return {}

    @cached_property
    def divisions_below(self) -> Mapping[str, tuple[str, ...]]:
        """The divisions directly below each that has some, by code."""
        found: dict[str, list[str]] = {}
        listed = self.code_lists.get("division")
        for code in listed.codes.values() if listed is not None else ():
            if code.parent:
                found.setdefault(code.parent, []).append(code.code)
        return {parent: tuple(sorted(codes)) for parent, codes in found.items()}

    @cached_property
    def _suppliers(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for contract in self.contracts.values():
            for speaker in contract.speakers:
                for short in speaker.says:
                    found.setdefault(f"{speaker.entity}.{short}", set()).add(contract.id)
        return {element: tuple(sorted(ids)) for element, ids in found.items()}

    @cached_property
    def dataset_numbers(self) -> dict[str, int]:
        """A small number per contract for the source columns; given by the store's ``dataset`` table, see there."""
        return {contract: number for number, contract in enumerate(sorted(self.contracts), 1)}
