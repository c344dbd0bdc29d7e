"""Colour science: a float64 reference, its native CPU twin, and JPEG coefficients.

`reference` says what every operation means, `cpu` does the same fast. Nothing here knows of models,
files or devices; everything above may import this floor. Import the module that is needed:
this package itself loads nothing.
"""
