"""Texts and images to unit vectors, each distinct content once; models are loaded when they are needed."""

from ml_etl.encoders.catalog import ImageEncoder, ImageFolder, TextEncoder
from ml_etl.encoders.of_card import encoder_of

__all__ = ["ImageEncoder", "ImageFolder", "TextEncoder", "encoder_of"]
