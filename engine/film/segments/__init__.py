"""Segments of a film that are kept while a run lasts, and the film joined from them."""
