"""Runs requests on the model: loading, turns, and which requests are still wanted."""
