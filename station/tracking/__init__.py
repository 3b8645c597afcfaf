"""What happened to parcels as others call it: vocabularies, webhooks of carriers, and the log to pull from."""
