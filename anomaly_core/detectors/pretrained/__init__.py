"""The hypersphere on the features of a pretrained backbone."""
