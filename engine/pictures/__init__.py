"""One picture: formats, readers, orientation, colour profiles, and the colour put into it."""
