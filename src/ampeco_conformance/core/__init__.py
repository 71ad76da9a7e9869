"""The basis of the suite: errors, exchanges, findings, redaction, profiles and URLs."""
