"""The scheduler process: work that is due, done once however often it is tried."""
