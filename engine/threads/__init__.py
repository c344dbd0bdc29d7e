"""Threads and the bounded channels between them, for pictures and film alike."""
