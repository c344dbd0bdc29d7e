"""How near predicted colours come to the true ones."""
