"""Ages a person can have, and the bands they fall in."""

import ibis
import ibis.expr.types as ir

YOUNGEST, OLDEST = 1, 110
"""Other ages are typing errors: the customer stays, the age is not known."""

_BANDS = ((18, "0-18"), (24, "19-24"), (34, "25-34"), (44, "35-44"), (54, "45-54"), (64, "55-64"))


def band_of(age: ir.IntegerValue) -> ir.StringValue:
    """The age band, named as the demo shop names its own; null where the age is."""
    return ibis.cases(
        (age.isnull(), ibis.null("string")), *((age <= upper, band) for upper, band in _BANDS), else_="65+"
    )
