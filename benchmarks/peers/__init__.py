"""Other ways to do the same work, measured beside the engine in one run."""
