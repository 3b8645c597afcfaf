"""Cities and stations: what a station is called, when it is open and by which rules it works."""
