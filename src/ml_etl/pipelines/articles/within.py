"""Where a value stands among the articles of its product type."""

import ibis
import ibis.expr.types as ir
from ibis import _

NORMAL = 1.4826
"""The median absolute deviation times this is the standard deviation, of normal values."""


def within_type(articles: ir.Table, column: str) -> ir.Table:
    """One row per article with a value and a type: three normalisations of `column`, as doubles.

    COLUMN_percentile is (mid-rank − ½)/n, in (0, 1), the same for equal values; COLUMN_minmax is in [0, 1]
    and null where the type's values are all equal; COLUMN_robust_z is (value − median) / (1.4826 · MAD) and
    null where the MAD is 0, that is where half of the type's values are equal.
    """
    known = articles.filter(_[column].notnull() & _.product_type_name.notnull()).select(
        "article_number", "product_type_name", value=_[column].cast("float64")
    )
    own_type = ibis.window(group_by="product_type_name")
    ranked = known.mutate(
        below=ibis.rank().over(ibis.window(group_by="product_type_name", order_by="value")),
        equal=_.count().over(ibis.window(group_by=["product_type_name", "value"])),
        n=_.count().over(own_type),
        lowest=_.value.min().over(own_type),
        highest=_.value.max().over(own_type),
    )
    medians = known.group_by("product_type_name").aggregate(median=_.value.median())
    apart = ranked.join(medians, "product_type_name").mutate(apart=(_.value - _.median).abs())
    spread = apart.group_by("product_type_name").aggregate(mad=_.apart.median())
    return apart.join(spread, "product_type_name").select(
        "article_number",
        **{
            f"{column}_percentile": (_.below + (_.equal + 1) / 2 - 0.5) / _.n,
            f"{column}_minmax": (_.value - _.lowest) / (_.highest - _.lowest).nullif(0),
            f"{column}_robust_z": (_.value - _.median) / (_.mad * NORMAL).nullif(0),
        },
    )
