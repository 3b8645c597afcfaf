"""A resident's own pages on the phone: what waits for them, at every station that knows their number."""
