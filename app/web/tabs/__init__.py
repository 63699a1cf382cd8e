"""One small file a tab."""
