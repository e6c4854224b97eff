"""The manifest's words in ours, once: names of refusals, of warnings that we keep otherwise, and what we judge otherwise.

Its names of rules are ours (``hub.checks.finding.RULES``), and so are its kinds of refusal: ``refused_<kind>[_<case>]`` is the code
of each. A place is written as the manifest has it; where ours says more, or has it in another value, it is told here.
"""

from __future__ import annotations

# A warning of the manifest that is a conflict of the golden record here: it is about a household and not about one delivery, it
# goes when either row is mended, and a person must look at it.
CONFLICTS = frozenset({"two_heads"})

# What a shipped contract warns of beyond the manifest, by file. BOOK-01: 开户/账号 is no reading of the contract's 银行账号; to take
# it for that because nothing else ends so would one day take a guardian's name for the head's. So 银行账号 is missing, and told.
ALSO_WARNED: dict[str, set[str]] = {"BOOK-01.xlsx": {"extra_column", "missing_column"}}

# Files that are not what their case speaks of, and what is put in before they are played. JSON-04: the situation is an id that is a
# JSON number, and the finding expected of record 2 is numeric_identifier; the shipped file has the id in quotes, where it is a good id.
FILES_MENDED: dict[str, tuple[bytes, bytes]] = {"JSON-04.ndjson": (b'"sfzjh": "330802201104228071"', b'"sfzjh": 330802201104228071')}
