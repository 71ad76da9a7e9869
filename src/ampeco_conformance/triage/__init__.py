"""Decides what a finding counts for: reproduced or not, strict or tolerated, known or new."""
