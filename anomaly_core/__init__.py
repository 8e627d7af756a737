"""The engine of Ringfence: arrays in, arrays out, no user interface and no database."""
