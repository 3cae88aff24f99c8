"""events: what people click, their sessions, funnels and habits; added to every few minutes."""

from ml_etl.pipelines.events.pipeline import create_pipeline

__all__ = ["create_pipeline"]
