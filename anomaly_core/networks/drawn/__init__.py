"""A backbone that has only ever seen drawn images."""
