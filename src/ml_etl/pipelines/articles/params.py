"""Parameters of articles; units are in the names, reasons in conf/base/parameters/articles.yml."""

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveInt


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CatalogChangeParams(_Strict):
    """When enough has changed to embed again: this many articles, or this share of them."""

    articles: PositiveInt
    share: NonNegativeFloat


class ArticlesParams(_Strict):
    """All of it; columns are the staged articles'.

    `category_columns` are the path of an article that is in no category tree, `text_columns` the parts of
    its text in their order, `sales_days` the windows of sales, in days back from the as-of.
    """

    category_columns: tuple[str, ...]
    text_columns: tuple[str, ...]
    sales_days: tuple[PositiveInt, ...]
    min_share_of_previous: NonNegativeFloat
    catalog_change: CatalogChangeParams
