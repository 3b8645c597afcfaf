"""Neighbours buy together: campaigns, orders, sharing out what came, and what becomes of what is left."""
