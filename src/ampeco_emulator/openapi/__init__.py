"""What the emulator reads from the specification: endpoints, schemas, validation and sample values."""
