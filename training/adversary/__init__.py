"""The critic of adversarial objectives, and the random variations of its input."""
