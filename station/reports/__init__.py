"""Reports: read-only numbers, and everything a station keeps as files to take along. No table is of this room."""
