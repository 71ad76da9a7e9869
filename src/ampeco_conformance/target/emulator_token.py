"""The token of the embedded emulator, and the environment variable that hands another one to it."""

TOKEN_VARIABLE = "AMPECO_EMULATOR_TOKEN"
# In two parts: Hypothesis takes texts of the source for data, and would send the token as a name.
DEFAULT_TOKEN = "-".join(("emulator", "token"))
