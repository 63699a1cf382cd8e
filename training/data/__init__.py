"""Training pictures: read, cropped, varied, put in order and into batches."""
