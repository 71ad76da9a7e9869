"""What we assert beyond the checks of Schemathesis, one check per function."""
