"""The day book: a day is opened, worked in shifts, counted, closed and signed."""
