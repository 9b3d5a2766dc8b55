"""Read feed lists, poll feeds, parse them into entries."""
