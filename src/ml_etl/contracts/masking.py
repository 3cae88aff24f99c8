"""Personal data in free text: e-mail addresses and phone numbers, masked before anything is stored.

The patterns would rather mask an order number of ten digits than let a phone number pass. Dates, sizes and
prices have too few digits, or other signs between them.
"""

import ibis.expr.types as ir

_EMAIL = r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+"
_PHONES = (
    r"\+\d(?:[\s()./-]{0,2}\d){7,13}\b",  # +49 171 1234567
    r"(?:\b|\()0(?:[\s()./-]{0,2}\d){8,13}\b",  # 0171/1234567, (020) 7946 0958
    r"(?:\b1[\s.-]?)?(?:\(\d{3}\)|\b\d{3})[\s.-]{0,2}\d{3}[\s.-]?\d{4}\b",  # (614) 555-0100, 6145550100
)
_PHONE = "|".join(_PHONES)
FLAG = "pii_found"
"""The column that says whether something was masked in a row."""
EMAIL_MASK, PHONE_MASK = "[email]", "[phone]"


def masked(text: ir.StringValue) -> ir.StringValue:
    """The text with e-mail addresses and phone numbers replaced by what they were."""
    return text.re_replace(_EMAIL, EMAIL_MASK).re_replace(_PHONE, PHONE_MASK)


def has_personal_data(text: ir.StringValue) -> ir.BooleanValue:
    """Whether `masked` would replace something; false for null."""
    return (text.re_search(_EMAIL) | text.re_search(_PHONE)).fill_null(False)
