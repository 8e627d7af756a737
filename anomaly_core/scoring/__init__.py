"""A model run over any number of images, without the app: on one machine or on many.

Images are listed once and cut into blocks of a fixed size. One function scores a block: it decodes
the files as an import of the app does, has the model look at a fixed number at a time, and writes
the block as one Parquet file. Processes, shards and Ray only say who scores which block, so that
each image gets the same score, bit for bit, whoever does.
"""
