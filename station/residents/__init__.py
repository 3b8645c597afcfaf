"""The people parcels are for: recipients of one station, and the consents they gave."""
