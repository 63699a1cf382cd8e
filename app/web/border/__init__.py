"""The border: what every request must pass before Gradio sees it (`guard.py`), and how connections are bounded."""
