"""From landed tables to judged ones: each is prepared by its own function, the rest is the same for all."""

from collections.abc import Callable, Collection
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf, day_of, local_day_of
from ml_etl.contracts import rows
from ml_etl.days import monday
from ml_etl.joins import beside
from ml_etl.pipelines.staging import contracts
from ml_etl.pipelines.staging.ages import OLDEST, YOUNGEST, band_of
from ml_etl.pipelines.staging.params import StagingParams
from ml_etl.pipelines.staging.prepared_orders import prepare_order_items, prepare_orders
from ml_etl.pipelines.staging.prepared_reviews import prepare_reviews
from ml_etl.pipelines.staging.typing import (
    complete,
    day_in,
    known_before,
    newest_known,
    newest_of_each,
    typed,
    whole,
    within,
    years_of,
)


def prepare_articles(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per article of the newest snapshot known, or created since and before the as-of.

    What can't be a price or a stock is unknown; the article and its purchases stay.
    """
    known = complete(newest_of_each(landed, as_of, *NEWEST["articles"]), "articles", as_of)
    numbered = typed(_numbered(known, "article"), contracts.ARTICLES)
    created_on = day_in(numbered.created_at, as_of)
    negative = (numbered.price < 0).fill_null(False)
    invalid_stock = (numbered.stock.isnan() | numbered.stock.isinf()).fill_null(False)
    return numbered.mutate(
        price=ibis.ifelse(negative, None, numbered.price),
        negative_price=negative,
        stock=ibis.ifelse(invalid_stock, None, numbered.stock),
        invalid_stock=invalid_stock,
        created_on=created_on,
        created_later=(created_on >= ibis.literal(as_of.day)).fill_null(False),
        is_merchandise=_.is_merchandise.fill_null(True),
        in_catalogue=_.in_catalogue.fill_null(True),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )


def prepare_categories(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed category of the newest snapshot known."""
    table = complete(newest_known(landed, as_of), "categories", as_of).mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    parents = table.select(parent_category_id=_.category_id, parent_known=True).distinct()
    table = table.left_join(parents, "parent_category_id")
    missing = table.parent_category_id.notnull() & table.parent_known.isnull()
    return table.mutate(parent_missing=missing)


def prepare_customers(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per customer of the newest snapshot known, or signed up since and before the as-of."""
    newest = newest_of_each(landed, as_of, *NEWEST["customers"])
    snapshot = _numbered(complete(newest, "customers", as_of), "customer")
    plausible = (snapshot.age >= YOUNGEST) & (snapshot.age <= OLDEST)
    whole = ibis.ifelse(plausible, snapshot.age.floor(), None).try_cast("int64")
    return snapshot.mutate(age=whole, given_age=snapshot.age).mutate(
        age_band=_.age_band.nullif("").fill_null(band_of(_.age)),
        club_member_status=_.club_member_status.nullif(""),
        signed_up_later=(_.signup_date >= ibis.literal(as_of.day)).fill_null(False),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )


def prepare_transactions(landed: ir.Table, articles: ir.Table, customers: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed purchase line known before the as-of."""
    days = {"t_dat": day_of(landed, as_of.timezone, as_of.years), "returned_on": _returned_on(landed, as_of)}
    # Joined before anything uses the days: a join keeps their long expressions from being repeated.
    counted = {"quantity": landed.quantity} if "quantity" in landed.columns else {}
    table = _with_customer(complete(landed, "transactions", as_of, **days, **counted), customers)
    table = table.left_join(articles.select("article_id", "article_number", "is_merchandise"), "article_id")
    table = known_before(table, table.t_dat, as_of)
    quantity, unit = table.quantity.fill_null(1), table.unit_of_measure.fill_null("each")
    value = table.line_value.fill_null(table.price * quantity)
    counts_units = unit == "each"
    told = table.mutate(
        quantity=quantity,
        unit_of_measure=unit,
        units=_units(quantity, counts_units),
        price=ibis.ifelse(counts_units, table.price, None),
        regular_price=ibis.ifelse(counts_units, table.regular_price, None),
        line_value=value,
        paid=table.paid.fill_null(value),
    )
    return typed(told, contracts.TRANSACTIONS)


def _units(quantity: ir.NumericValue, counts_units: ir.BooleanValue) -> ir.IntegerValue:
    """The quantity, if it counts units; else 1, and -1 for a return. Null where it is no such number."""
    one = ibis.ifelse(quantity < 0, -1, 1).cast("int64")
    if quantity.type().is_integer():
        return ibis.ifelse(counts_units, quantity, one)
    one = ibis.ifelse(quantity.isnan() | quantity.isinf(), None, one)
    return ibis.ifelse(counts_units, whole(quantity), one)


def _returned_on(landed: ir.Table, as_of: AsOf) -> ir.DateValue:
    """The local day a line came back; null where the shop doesn't say."""
    if "returned_at" not in landed.columns:
        return ibis.null("date")
    return local_day_of(landed.returned_at, as_of.timezone, as_of.years)


def prepare_promo(landed: ir.Table, articles: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed article and week that begins before the as-of.

    Later weeks may well be planned, but their rows carry no time they were known from.
    """
    table = _by_monday(complete(newest_known(landed, as_of), "promo", as_of)).mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    table = table.filter((_.week < ibis.literal(as_of.day)) | _.week.isnull())
    return table.left_join(articles.select("article_id", "article_number"), "article_id")


def _by_monday(promo: ir.Table) -> ir.Table:
    """Promotions whose `week` is its Monday."""
    return promo.mutate(week=monday(_.week))


def _numbered(table: ir.Table, of: str) -> ir.Table:
    """With `OF_number`, the place of OF_id among all, equal ids alike: whole numbers are grouped faster.

    The ids are numbered by themselves: whole rows would be carried through the sort.
    """
    ids = table.filter(_[f"{of}_id"].notnull()).select(f"{of}_id").distinct()
    numbers = ids.mutate(**{f"{of}_number": ibis.row_number().over(ibis.window(order_by=f"{of}_id"))})
    return beside(table, numbers, on=f"{of}_id")


def _with_customer(table: ir.Table, customers: ir.Table) -> ir.Table:
    return table.left_join(customers.select("customer_id", "customer_number"), "customer_id")


PREPARED: dict[str, tuple[Callable[..., ir.Table], tuple[str, ...]]] = {
    "articles": (prepare_articles, ()),
    "categories": (prepare_categories, ()),
    "customers": (prepare_customers, ()),
    "transactions": (prepare_transactions, ("articles", "customers")),
    "orders": (prepare_orders, ("customers",)),
    "order_items": (prepare_order_items, ("articles",)),
    "promo": (prepare_promo, ("articles",)),
    "reviews": (prepare_reviews, ("articles",)),
}
"""Per table the function that makes its rows fit to be judged, and the staged tables it refers to."""


NEWEST = {"articles": ("article_id", "created_at"), "customers": ("customer_id", "signup_date")}
"""Of snapshots, the key, and the date that tells which rows of later ones were there before the as-of."""

MOMENTS = {
    "articles": ("created_at",),
    "transactions": ("timestamp", "returned_at"),
    "reviews": ("created_at",),
}
"""The columns whose local days are told."""


def judge(table: str) -> Callable[..., ir.Table]:
    """A node function that judges `table`'s rows and gives the columns that are read for `building`."""
    prepare, _refers_to = PREPARED[table]
    contract, newest_first = contracts.KEYED[table], contracts.NEWEST_FIRST.get(table, ())

    def judged(building: Collection[str], looked_at: dict[str, dict[str, Any]], *given: Any) -> ir.Table:
        *tables, as_of = given
        unique = not looked_at[table]["keys"]
        prepared = prepare(*tables, within(as_of, looked_at["years"]) if table in MOMENTS else as_of)
        return rows.judge(prepared, contract, newest_first, unique, contract.unread(building))

    return judged


def repeat_counter(table: str) -> Callable[..., dict[str, ir.Table]]:
    """A node function that counts the keys of `table` that come more than once, and finds the years of its
    MOMENTS.

    Whole rows are sorted by their key only where one does, and local days are told for these years alone.
    """
    key = contracts.KEYED[table].key

    def count_repeats(landed: ir.Table, as_of: AsOf) -> dict[str, ir.Table]:
        newest = (
            newest_of_each(landed, as_of, *NEWEST[table]) if table in NEWEST else newest_known(landed, as_of)
        )
        known = complete(newest, table, as_of)
        keyed = _by_monday(known) if table == "promo" else known
        repeats = {table: rows.count_repeats(keyed.select(*key), key)}
        return repeats | ({"years": years_of(known, MOMENTS[table])} if table in MOMENTS else {})

    return count_repeats


def counter(table: str) -> Callable[..., dict[str, ir.Table]]:
    """A node function that counts `table`'s verdicts in one scan."""

    def count(judged: ir.Table) -> dict[str, ir.Table]:
        return {table: rows.count(judged, contracts.STAGED[table])}

    return count


def rejecter(table: str) -> Callable[..., ir.Table]:
    """A node function that gives `table`'s rejected rows; without any it spares the scan."""

    def reject(judged: ir.Table, counts: dict) -> ir.Table:
        found = rows.rejected(judged, contracts.STAGED[table])
        return found if counts[table]["quarantined"] else found.limit(0)

    return reject


def acceptor(table: str) -> Callable[..., ir.Table]:
    """A node function that gives `table`'s clean rows, once their counts pass.

    The rejected ones are among its inputs so that they are kept by then: who is told of too many of them
    looks there.
    """

    def accept(judged: ir.Table, counts: dict, _rejected: ir.Table, params: StagingParams) -> ir.Table:
        rows.enforce(table, counts[table], params.ceiling(table))
        return rows.accepted(judged, contracts.STAGED[table], counts[table])

    return accept
