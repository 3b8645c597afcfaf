"""The people of carriers who bring and fetch parcels: who they are, for whom they drive, and their own pages."""
