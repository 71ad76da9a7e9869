"""Request data: cases from Schemathesis, sample bodies, texts, and ids that exist on the target."""
