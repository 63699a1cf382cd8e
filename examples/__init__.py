"""Short programs over `core`, each to be read from top to bottom."""
