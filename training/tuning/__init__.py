"""Search for the hyper-parameters that a family learns best with."""
