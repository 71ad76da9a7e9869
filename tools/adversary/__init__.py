"""Servers in front of the emulator: faulty ones unlike its named defects, and correct ones unlike it."""
