"""Parameters of articles; units are in the names, reasons in conf/base/parameters/articles.yml."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

from ml_etl.contracts import SOURCE
from ml_etl.parameters import Windows


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _told(names: tuple[str, ...]) -> tuple[str, ...]:
    texts = [column.name for column in SOURCE["articles"].columns if column.type == "string"]
    if unknown := [name for name in names if name not in texts]:
        raise ValueError(
            f"articles have no text {', '.join(map(repr, unknown))}; there are {', '.join(texts)}"
        )
    return names


_Texts = Annotated[tuple[str, ...], AfterValidator(_told)]


class CatalogChangeParams(_Strict):
    """When enough has changed to embed again: this many articles, or this share of them."""

    articles: PositiveInt
    share: NonNegativeFloat


class ArticlesParams(_Strict):
    """All of it; columns are the staged articles'.

    `category_columns` are the path of an article that is in no category tree, `text_columns` the parts of
    its text in their order, `sales_days` the windows of sales, in days back from the as-of.
    """

    category_columns: _Texts = Field(min_length=1)
    text_columns: _Texts
    sales_days: Windows = Field(min_length=1)
    min_share_of_previous: NonNegativeFloat
    catalog_change: CatalogChangeParams
