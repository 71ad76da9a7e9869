"""Behaviour that no specification tells: one module per subject, each with its table of handlers."""

from ampeco_emulator.resources import Handler

HANDLERS: dict[str, Handler] = {}
