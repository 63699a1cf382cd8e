"""The critic of adversarial objectives, and what it gets to see."""
