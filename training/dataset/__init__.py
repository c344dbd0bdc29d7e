"""From photographs on disk to training batches."""
