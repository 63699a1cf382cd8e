"""The published consistency models in their own layouts: OpenAI's state dicts and diffusers' folders.

Song et al. 2023 published models of ImageNet-64 and of LSUN bedrooms and cats at 256 pixels. Their network is an ADM
U-Net, which core/unet.py covers, so only names and a few shapes differ. No code of a file ever runs.
"""
