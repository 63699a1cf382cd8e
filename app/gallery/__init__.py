"""The pictures of docs/: example paintings and edits, as the bundled model answers them."""
