"""Find places and actors in a text, and the region it is about."""
