"""staging: landed rows typed and renamed once, judged by row rules, split into clean views and quarantine."""

from ml_etl.pipelines.staging.pipeline import create_pipeline

__all__ = ["create_pipeline"]
