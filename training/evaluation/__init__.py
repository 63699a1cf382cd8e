"""The figures of a finished model: its pictures, compared with photographs, as tables."""
