"""What hangs on a kiosk's pins and cables: door, lamp, beeper and ticket printer; each may be missing."""
