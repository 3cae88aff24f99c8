"""Searching what is released: articles by meaning, reviews by words and meaning."""
