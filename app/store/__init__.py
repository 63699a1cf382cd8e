"""Photos, uploads and results of visitors, each stored for half an hour."""
