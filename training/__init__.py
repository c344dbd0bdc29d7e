"""Training: photographs in, a checkpoint with its recipe out; evaluation of what came of it."""
