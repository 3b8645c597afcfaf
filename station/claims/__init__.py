"""What buyers say was wrong with goods of a group buy they collected, and what the station answers."""
