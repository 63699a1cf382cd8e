"""The sources of training pictures: one short file for each kind."""
