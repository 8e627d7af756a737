"""The fully convolutional hypersphere, and the defects that it learns from."""
