"""Settings for every test."""

from hypothesis import settings

# No deadline: the machine may be busy with other things.
settings.register_profile("onestroke", deadline=None, max_examples=40)
settings.load_profile("onestroke")
