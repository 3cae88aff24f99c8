"""Versioned artefacts, released whole or not at all, and the pointer readers follow."""

from ml_etl.store.artefact import Artefact
from ml_etl.store.release import Release

__all__ = ["Artefact", "Release"]
