"""colorize-batch."""
