"""What happened: the custody log, the anchors that pin it, refused scans and the outbox."""
