"""The kiosk at work: frames become events, events become steps of the session, effects are done."""
