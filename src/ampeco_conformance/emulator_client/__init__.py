"""Starts, stops and controls the emulator as a process. It shares no code with the emulator's rules."""
