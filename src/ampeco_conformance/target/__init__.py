"""What is tested, and what may be done to it: tenants.yaml, one-off addresses, safety levels."""
