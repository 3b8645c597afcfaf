"""People and devices that sign in: accounts, memberships with their roles, device tokens."""
