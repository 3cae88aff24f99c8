"""Personal data in free text: e-mail addresses and phone numbers, masked before anything is stored.

The patterns would rather mask an order number of ten digits than let a phone number pass. Dates, sizes and
prices have too few digits, or other signs between them. They are met in plain signs: a keyboard for Chinese
writes wide digits, an editor puts no-break spaces and dashes, and a copied page brings signs nobody sees.
"""

import ibis
import ibis.expr.types as ir

_EMAIL = r"[\p{L}\p{M}\p{N}._%+'-]+@[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+"
_PHONES = (
    r"\+\d(?:[\s()./-]{0,2}\d){7,13}\b",  # +49 171 1234567
    r"(?:\b|\()0(?:[\s()./-]{0,2}\d){8,13}\b",  # 0171/1234567, (020) 7946 0958
    r"(?:\b1[\s.-]?)?(?:\(\d{3}\)|\b\d{3})[\s.-]{0,2}\d{3}[\s.-]?\d{4}\b",  # (614) 555-0100, 6145550100
)
_PHONE = "|".join(_PHONES)
_ANY = f"{_EMAIL}|{_PHONE}"
_OTHER_SIGNS = "＠．＋（）／" + "".join(
    chr(zero + digit) for zero in (0xFF10, 0x0660, 0x06F0, 0x0966) for digit in range(10)
)
"""Wide signs, and the digits: wide, Arabic, Persian, of Devanagari."""
_PLAIN_SIGNS = "@.+()/" + "0123456789" * 4
_NOT_PLAIN = r"[^\x00-\x7f]|\s\s"
"""Asked first: most texts are plain, and to write every one anew takes five times as long."""
FLAG = "pii_found"
"""The column that says whether something was masked in a row."""
EMAIL_MASK, PHONE_MASK = "[email]", "[phone]"


def masked(text: ir.StringValue) -> ir.StringValue:
    """The text with e-mail addresses and phone numbers replaced by what they were.

    A text that has some is given in plain signs, any other as it came.
    """
    replaced = _plain(text).re_replace(_EMAIL, EMAIL_MASK).re_replace(_PHONE, PHONE_MASK)
    return ibis.ifelse(has_personal_data(text), replaced, text)


def has_personal_data(text: ir.StringValue) -> ir.BooleanValue:
    """Whether `masked` would replace something; false for null."""
    return _plain(text).re_search(_ANY).fill_null(False)


def _plain(text: ir.StringValue) -> ir.StringValue:
    """Without invisible signs, with one kind of dash and digit, single spaces and ends of lines."""
    seen = text.re_replace(r"\p{Cf}", "").re_replace(r"\p{Pd}", "-")
    lines = seen.re_replace(r"[\s\p{Z}]*\n[\s\p{Z}]*", "\n").re_replace(r"[\t\p{Z}]+", " ")
    plain = lines.translate(_OTHER_SIGNS, _PLAIN_SIGNS)
    return ibis.ifelse(text.re_search(_NOT_PLAIN), plain, text)
