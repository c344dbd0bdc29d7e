"""How fast the engine is: pictures to measure with, measurements, reports of them."""
