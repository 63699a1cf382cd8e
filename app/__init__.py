"""What a person touches: the page, the command line, the API. Knows core, is known by nobody."""

__version__ = "0.1.0"
