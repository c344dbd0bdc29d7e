"""Speed of the engine, measured: the engine as a user has it, its peers, and GPU kernels."""
