"""What a visitor has given or made, kept for half an hour: photographs, uploads, results."""
