"""From a checkpoint to a model file that the engine runs."""
