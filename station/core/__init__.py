"""What every room stands on: settings, database, ids, clock, errors, actors, permissions, idempotency."""
