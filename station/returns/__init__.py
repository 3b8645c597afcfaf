"""Parcels that go back: the return list, manifests that couriers sign, and the register of the unclaimable."""
