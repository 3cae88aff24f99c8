"""articles: what is sold: texts, prices, sales, and what changed since the previous release."""

from ml_etl.pipelines.articles.pipeline import create_pipeline

__all__ = ["create_pipeline"]
