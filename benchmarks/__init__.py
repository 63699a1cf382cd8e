"""Scripts that measure speed or quality and print a table. Compare figures of one run only."""
