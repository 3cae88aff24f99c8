"""Where runs of encoders are told of: MLflow, which only those pipelines need."""

from ml_etl.tracking.catalog import MlflowRun

__all__ = ["MlflowRun"]
