"""Makes the models that the app loads: one trainer, one short file for each objective."""
