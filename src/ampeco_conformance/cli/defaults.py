"""The `defaults:` of tenants.yaml: values of options that the command line leaves out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import WORKSPACE
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.plugin.option_table import TARGET, options_of
from ampeco_conformance.plugin.option_values import Option, Program
from ampeco_conformance.target.safety import Safety
from ampeco_conformance.target.tenants_file import read_defaults, settings_of

#: What is decided anew for every run: its target, its permission, its secrets, and what belongs to this run alone.
_EACH_TIME = {
    *(
        "tenant",
        "tenants_file",
        "base_url",
        "token_env",
        "api",
        "yes_really",
        "header",
        "show_values",
        "defect",
        "variant",
    ),
    *("last_failed", "dry_run", "json_events", "export_har", "shard", "run_id"),
}


def _key(option: Option) -> str:
    return (option.run_name or option.name).removeprefix("--").replace("-", "_")


#: The options that can have a default, by their key in the file.
KEYS = {_key(option): option for option in options_of(Program.RUN) if _key(option) not in _EACH_TIME}
#: Those that every command has that talks to a target.
_OF_TARGETS = {option.key for option in TARGET}


def defaults_for(command: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The defaults of a command, by the names of its values; the settings of a tenant that is named go before.

    Raises ConfigurationError for a wrong file.
    """
    given = _given(arguments, "--tenants-file")
    file = Path(given or WORKSPACE / "tenants.yaml")
    if not file.is_file() and (given is None or file.exists() or command != "run"):
        # Who needs the file says that it is missing; a run that names no tenant does not need it.
        return {}
    values, tenant = checked_defaults(file), _given(arguments, "--tenant")
    settled = set() if tenant is None else settings_of(file, tenant) - {"safety"}
    of_command = values.keys() if command == "run" else _OF_TARGETS
    return {key: value for key, value in values.items() if key in of_command and key not in settled}


def checked_defaults(file: Path) -> dict[str, Any]:
    """All defaults in a file, as click takes them. Raises ConfigurationError for the first thing wrong with them."""
    return {KEYS[key].key: value for key, value in _checked(read_defaults(file), f"{file}: defaults").items()}


def _checked(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key in given:
        if key in _EACH_TIME:
            raise ConfigurationError(f"{where}: `{key}` counts on the command line only; leave it out here")
        if key not in KEYS:
            hint = did_you_mean(key, KEYS, f"known are {', '.join(sorted(KEYS))}")
            raise ConfigurationError(f"{where}: unknown key {key!r}; {hint}")
    if given.get("safety", Safety.READ_ONLY) != Safety.READ_ONLY:
        raise ConfigurationError(
            f"{where}: `safety: {given['safety']}` could raise the level of a target; only "
            f"{Safety.READ_ONLY} is possible"
        )
    return {key: _value(KEYS[key], value, f"{where}: {key}") for key, value in given.items()}


def _value(option: Option, value: Any, where: str) -> Any:
    if option.is_flag:
        if not isinstance(value, bool):
            raise ConfigurationError(f"{where}: must be true or false, not {value!r}")
        return value
    if option.is_repeatable:
        values = value if isinstance(value, list) else [value]
        return [_text(option, single, where) for single in values]
    return _text(option, value, where)


def _text(option: Option, value: Any, where: str) -> str:
    """The value as it stands on the command line."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigurationError(f"{where}: must be a text or a number, not {value!r}")
    text = str(value)
    if option.choices and text not in option.choices:
        raise ConfigurationError(f"{where}: must be one of {', '.join(option.choices)}, not {text!r}")
    try:
        option.value_of(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    return text


def _given(arguments: Sequence[str], option: str) -> str | None:
    """The value of an option on the command line."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--":
            break
        name, sign, value = argument.partition("=")
        if name == option:
            return value if sign else following
    return None
