"""Scripts that measure and check what runs on an NVIDIA GPU."""
