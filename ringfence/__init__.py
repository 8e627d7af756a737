"""Ringfence as one installed program; in a wheel, the app lies in this folder."""

__version__ = "0.1.0"
