"""Comparison of what two models predict for the same pictures."""
