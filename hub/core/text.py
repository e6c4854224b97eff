"""The one canonical form of a text, so that one name from two departments is one name.

It repairs only what carries no meaning: invisible characters, kinds of blank, line breaks, full-width letters and
digits, code points that a newer standard moved. It judges nothing (``hub.checks`` does) and knows no fields.

Unicode's NFC is applied to Latin letters with combining marks only: it would also replace the CJK compatibility
ideographs (U+F900-FAFF, among them 郎 U+F92C) that GB 18030 holds as characters of their own and people bear as names.
"""

from __future__ import annotations

import re
import unicodedata

# GB 18030-2022 gives real code points to two-byte codes for which GB 18030-2000/2005, and Python's codec, have private
# ones: the 18 of its annex D, A8BC of the 2005 edition, and the six that Unicode encodes beyond the first plane.
MOVED = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE7C7: 0x1E3F, 0xE816: 0x20087, 0xE817: 0x20089,
    0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
}  # fmt: skip

# Zero-width characters and marks, direction marks, soft hyphen, word joiners, byte order mark, variation selectors.
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_BLANKS = "\t\n\x0b\x0c\r\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WIDE = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_COMBINING = "\u0300-\u036f"
_MOVED = "".join(map(chr, MOVED))

# A text with none of these, and no blank at its ends or beside another, is canonical as it stands; the expression is
# in the common part of Python's and Rust's syntax, because polars looks through whole columns with it.
ODD_TEXT = f"[{_INVISIBLE}{_BLANKS}{_WIDE}{_COMBINING}{_MOVED}]|^ | $|  "

# What no text may hold: control characters (NUL ends a text in C and is refused by PostgreSQL), the replacement
# character that a decoder wrote for what it could not read, and code points that are no characters.
BROKEN_TEXT = "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]"
HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PRIVATE_USE = "[\ue000-\uf8ff\U000f0000-\U0010fffd]"

_invisible = re.compile(f"[{_INVISIBLE}]")
_blanks = re.compile(f"[ {_BLANKS}]+")
_combining = re.compile(f"[{_COMBINING}]")
_compatibility = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_latin = re.compile("[A-Za-z]")
_dots = re.compile(f"(?<=[{HAN}]) ?[·•・‧．.∙⋅･﹒․᛫⸱●] ?(?=[{HAN}])")

_LETTERS = MOVED | {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_PUNCTUATION = {"￥": "¥", "−": "-", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"'}
_TOKENS: dict[int, int | str] = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {ord(a): b for a, b in _PUNCTUATION.items()}


def canonical_text(text: str) -> str:
    """``text`` without what carries no meaning: invisible characters gone, any run of blanks and line breaks one blank,
    none at the ends, full-width letters and digits narrow, moved code points mended. Idempotent; "" may be the result.
    """
    text = _invisible.sub("", text).translate(_LETTERS)
    if _combining.search(text):
        pieces = _compatibility.split(text)
        text = "".join(piece if number % 2 else unicodedata.normalize("NFC", piece) for number, piece in enumerate(pieces))
    return _blanks.sub(" ", text).strip(" ")


def canonical_name(text: str) -> str:
    """A person's name: as ``canonical_text``; the dot of a minority name is U+00B7 in whichever of its ways it was typed;
    the blanks that forms put between the characters of a Chinese name (张  三) are gone. Latin names keep theirs.
    """
    text = _dots.sub("·", canonical_text(text))
    return text if _latin.search(text) else text.replace(" ", "")


def canonical_token(text: str) -> str:
    """A code, number, date or identifier: as ``canonical_text`` with full-width punctuation narrow as well, and without
    the armour that exporters put around digits against spreadsheets: ``'0123``, ``="0123"``, ``"0123"``.
    """
    text = canonical_text(canonical_text(text).translate(_TOKENS))
    while (bare := _armour(text)) != text:
        text = bare
    return text


def _armour(text: str) -> str:
    if len(text) > 2 and text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    elif len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    elif text[:1] in ("'", "`"):
        text = text[1:]
    return text.strip(" ")


def without_armour(text: str) -> str:
    """A free text without the one armour that cannot be part of it: ``="…"`` around it or an apostrophe before it."""
    return _armour(text) if text[:1] == "'" or text[:2] == '="' else text


_MOVED_BACK = {new: old for old, new in MOVED.items()}
