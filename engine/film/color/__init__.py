"""Colour along time: motion, scenes, references, and the frames that are painted."""
