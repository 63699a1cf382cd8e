"""Distances: between two pictures, and between two sets of them."""
