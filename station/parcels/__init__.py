"""Parcels: their life cycle, pickup codes and storage clock, and the use cases of the counter."""
