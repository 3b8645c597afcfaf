"""Payments: what is asked of people, what providers say of it, what is given back, and whether both books agree."""
