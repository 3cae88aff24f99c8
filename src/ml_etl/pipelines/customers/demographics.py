"""Who the customers are, and since when they are known."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl import joins
from ml_etl.as_of import AsOf
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.purchases import age_of
from ml_etl.selects import chosen

COLUMNS = (
    "customer_id",
    "customer_number",
    "age",
    "age_band",
    "gender",
    "club_member_status",
    "fashion_news_frequency",
    "FN",
    "active",
    "postal_code_hash",
    "known_from",
    "tenure_days",
)


def known_customers(
    customers: ir.Table, transactions: ir.Table, postal: pa.Table, as_of: AsOf, params: CustomersParams
) -> ir.Table:
    """One row per customer known before the as-of, buyers or not.

    Known from the sign-up day or the first purchase or return, whichever is earlier. Who has neither is
    known without a date where the parameter `undated_customers` says so.
    """
    first = transactions.group_by("customer_number").aggregate(first_line=_.t_dat.min())
    as_of_day = ibis.literal(as_of.day)
    dated = beside(customers, first).mutate(
        known_from=ibis.least(
            ibis.ifelse(_.signup_date < as_of_day, _.signup_date, None).fill_null(_.first_line),
            _.first_line.fill_null(_.signup_date),
        )
    )
    undated = _.signup_date.isnull() & (params.undated_customers == "known")
    known = dated.filter((_.known_from < as_of_day) | (_.known_from.isnull() & undated))
    codes = ibis.memtable(postal)
    hashed = joins.beside(known, codes, on="postal_code")
    return chosen(
        hashed,
        COLUMNS,
        active=hashed.Active,
        age_band=hashed.age_band.fill_null("UNKNOWN"),
        club_member_status=hashed.club_member_status.fill_null("ABSENT"),
        tenure_days=age_of(hashed.known_from, as_of),
    )


def beside(customers: ir.Table, *blocks: ir.Table) -> ir.Table:
    """The customers with the blocks' columns; null where a block doesn't know the customer."""
    return joins.beside(customers, *blocks, on="customer_number")
