"""What carriers pay the station for each parcel (派费): agreed fees, and how they come into the books."""
