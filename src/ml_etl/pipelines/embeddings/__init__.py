"""embeddings: the articles as vectors, what lies close to what, and how good that is."""

from ml_etl.pipelines.embeddings.pipeline import create_pipeline

__all__ = ["create_pipeline"]
