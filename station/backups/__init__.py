"""Backups: the whole database as one checked file, made while the station works, and put back."""
