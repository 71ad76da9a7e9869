"""The data that an emulator starts with."""
