"""What the network is shown of a picture, and what is kept of its answer."""
