"""Where requests meet the model: loading, turns, and which requests still count."""
