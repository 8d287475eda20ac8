"""Wheel, source distribution, versions: what is given to others."""
