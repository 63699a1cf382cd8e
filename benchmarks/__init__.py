"""Scripts that print a table each: speed here, now, as figures to compare within one run."""
