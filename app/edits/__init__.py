"""Every zero-shot edit: its request, checked before it costs anything, and its evaluations. One small file each."""
