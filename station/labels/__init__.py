"""Check-in by a picture of a label: what can be read in it, and what a person confirmed."""
