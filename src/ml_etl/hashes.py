"""The engine's own hash: for what is looked at together, never for what comes out."""

import ibis


@ibis.udf.scalar.builtin(name="hash")
def hashed(value) -> int:  # type: ignore[no-untyped-def, empty-body]
    """A hash of any value, null included: 64 bits without a sign by DuckDB, 32 with one by Spark, so not fit
    to be written.

    Ibis' own `hash` makes it a signed number by way of text, which takes longer than the hash.
    """
