"""Training pictures: reading, cropping, augmentation, shuffling, batches."""
