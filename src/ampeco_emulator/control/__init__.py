"""The control plane of the emulator: its operations under /_emulator/, and the saved state."""
