"""Electricity rates: what a kWh costs at a time."""

RATES = "/resources/electricity-rates/v2.0"
RATE = "/resources/electricity-rates/v2.0/{electricityRate}"
