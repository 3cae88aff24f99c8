"""One CSV in the layout of the Women's Clothing E-Commerce Reviews: reviews, and the articles in them.

It has neither dates nor customers; its first column, without a name, numbers the rows.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.errors import SchemaDrift

_COLUMNS = {
    "Clothing ID": "string",
    "Age": "float64",
    "Title": "string",
    "Review Text": "string",
    "Rating": "float64",
    "Recommended IND": "float64",
    "Positive Feedback Count": "float64",
    "Division Name": "string",
    "Department Name": "string",
    "Class Name": "string",
}
TYPES = {name: ibis.dtype(kind) for name, kind in _COLUMNS.items()}


def reviews(rows: ir.Table) -> ir.Table:
    """The rows as the source table `reviews`."""
    _check(rows)
    return rows.select(
        review_id=rows[rows.columns[0]].cast("string"),
        article_id=_["Clothing ID"],
        rating=_.Rating,
        title=_.Title,
        review_text=_["Review Text"],
        recommended=_["Recommended IND"] == 1,
        helpful_count=_["Positive Feedback Count"],
        reviewer_age=_.Age,
        category_name=_["Department Name"],
    )


def articles(rows: ir.Table) -> ir.Table:
    """One row per Clothing ID, in the classes most of its reviews name, ties by name."""
    _check(rows)
    named = rows.select(
        article_id=_["Clothing ID"],
        product_type_name=_["Class Name"],
        product_group_name=_["Department Name"],
        index_group_name=_["Division Name"],
    )
    classes = named.columns[1:]
    counted = named.filter(_.article_id.notnull()).group_by(*named.columns).aggregate(n=_.count())
    first = ibis.row_number().over(
        ibis.window(group_by="article_id", order_by=[counted.n.desc(), *(counted[c] for c in classes)])
    )
    return counted.mutate(place=first).filter(_.place == 0).select(*named.columns)


def _check(rows: ir.Table) -> None:
    missing = [name for name in _COLUMNS if name not in rows.columns]
    if missing or rows.columns[0] in _COLUMNS:
        raise SchemaDrift(
            f"reviews_csv: expected a first column that numbers the rows and the columns "
            f"{', '.join(_COLUMNS)}; missing: {', '.join(missing) or 'the first one'}; came "
            f"{', '.join(rows.columns)}."
        )
