"""Stocktakes: walking along the shelves with a scanner, comparing with the books, and settling what differs."""
