"""Shelves, their layers and how full they are; where the next parcel should go; the cards to print."""
