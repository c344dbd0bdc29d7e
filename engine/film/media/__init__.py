"""Containers and frames of a film: reading, encoding, colour tags, timestamps."""
