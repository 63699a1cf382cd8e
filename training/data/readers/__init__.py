"""Where training pictures come from: one short file for each kind of place."""
