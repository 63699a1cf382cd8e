"""Evaluation of a finished model: its pictures are compared with photographs, the figures printed as tables."""
