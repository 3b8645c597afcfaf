"""Stationmaster: the software of a community pickup station."""

__version__ = "0.1.0"
