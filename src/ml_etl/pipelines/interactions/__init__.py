"""interactions: who bought what, how often and how recently; splits, popularity, bought together."""

from ml_etl.pipelines.interactions.pipeline import create_pipeline

__all__ = ["create_pipeline"]
