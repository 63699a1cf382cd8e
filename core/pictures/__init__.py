"""Picture files in, 8-bit sRGB out, as a browser shows them.

Nothing here loads torch: strangers' files are decoded in processes of their own, which are to stay small.
"""
