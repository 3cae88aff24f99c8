"""reviews: what customers write, read for sentiment and aspects, searchable by words and by meaning."""

from ml_etl.pipelines.reviews.pipeline import create_pipeline

__all__ = ["create_pipeline"]
