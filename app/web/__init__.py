"""The page: what a visitor may send, what the page hears back, and how it looks. Knows every other room."""
