"""What couriers leave at the station: scans as they come, with consent or not, and the receipt both sides keep."""
