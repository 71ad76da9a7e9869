"""The token of the embedded emulator, and the environment variable that hands another one to it."""

TOKEN_VARIABLE = "AMPECO_EMULATOR_TOKEN"
DEFAULT_TOKEN = "emulator-token"
