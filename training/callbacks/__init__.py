"""Observers of a training run: averages, logs, patience, progress."""
