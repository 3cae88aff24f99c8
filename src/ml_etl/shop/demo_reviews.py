"""The demo shop's reviews: simulated from its real baskets, `simulated` in every row.

Each purchase line's own hash decides whether it is reviewed and seeds all that is drawn for it, so that later
baskets change no earlier review.
"""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.shop.reviews import food, goods, household, simulate

FILES = (Path(__file__), *sorted(Path(simulate.__file__).parent.glob("*.py")))
"""What the reviews depend on."""

REVIEWED_SHARE = 0.0086
"""Of purchase lines of merchandise: about 12,000 reviews of the year."""
_SEED = "2017"
_NO_GOODS = ("FUEL", "MISCELLANEOUS", "COUPON", "POSTAL CENTER", "PHOTO & VIDEO", "CNTRL/STORE SUP")
_VOCABULARY = {goods.FOOD: food.FOOD, goods.HOUSEHOLD: household.HOUSEHOLD}


def reviews(lines: ir.Table, raw: dict[str, ir.Table], share: float = REVIEWED_SHARE) -> ir.Table:
    """One review per reviewed purchase line, as the shop would have them at the end of its last day."""
    newest = lines.timestamp.max().to_pyarrow().as_py()
    written = simulate.simulate(_named(_reviewed(lines, raw["products"], share).to_pyarrow()), _VOCABULARY)
    return ibis.memtable(written).filter(_.created_at <= ibis.literal(newest))


def _reviewed(lines: ir.Table, products: ir.Table, share: float) -> ir.Table:
    """The lines whose hash falls below `share`, with the hashes of line, article and customer."""
    described = products.select("department", "product_category", article_id=_.product_id.cast("string"))
    bought = lines.filter(_.quantity > 0).inner_join(described, "article_id")
    digests = bought.mutate(
        digest=_digest(_.basket_id + "-" + _.article_id),
        article_digest=_digest(_.article_id),
        customer_digest=_digest("customer-" + _.customer_id),
    )
    below = f"{int(share * 16**8):08x}"
    goods_only = ~_.department.isin(_NO_GOODS) & (_.product_category != "COUPON/MISC ITEMS").fill_null(True)
    return digests.filter(goods_only & (_.digest.substr(0, 8) < below)).order_by("digest")


def _digest(text: ibis.Deferred) -> ibis.Deferred:
    return (text + "/" + _SEED).hexdigest("md5")


def _named(lines: pa.Table) -> pa.Table:
    """The lines as `simulate` takes them."""
    pairs = zip(lines["product_category"].to_pylist(), lines["department"].to_pylist(), strict=True)
    named = [goods.named(category, department) for category, department in pairs]
    columns = ["customer_id", "article_id", "digest", "article_digest", "customer_digest"]
    return (
        lines.select(columns)
        .append_column("at", lines["timestamp"].cast(pa.timestamp("us")))
        .append_column("noun", pa.array([noun for noun, _kind in named], pa.string()))
        .append_column("goods", pa.array([kind for _noun, kind in named], pa.string()))
    )
