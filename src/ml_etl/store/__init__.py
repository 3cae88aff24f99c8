"""Versioned artefacts, released whole or not at all, and the pointer readers follow.

Nothing is imported here: commands that only look at releases must not wait for an engine.
"""
