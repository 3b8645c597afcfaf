"""Parcel companies: who they are and which waybill numbers are theirs."""
