"""Colour on tensors: CIELAB, bins of chroma, colour differences."""
