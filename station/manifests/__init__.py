"""What carriers announce before it arrives: pushed by their systems or uploaded as a file, row by row."""
