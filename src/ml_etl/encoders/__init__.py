"""Texts and images to unit vectors, each distinct content once; models are loaded when they are needed."""

from ml_etl.encoders.catalog import TextEncoder

__all__ = ["TextEncoder"]
