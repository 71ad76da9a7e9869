"""What a target does that the specification does not document."""
