"""Realistic days of traffic driven through the services: demo data, load, long property tests."""
