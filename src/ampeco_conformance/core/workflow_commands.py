"""Annotations of GitHub Actions, as workflow commands."""


def annotation(level: str, title: str, message: str, *, file: str = "", line: int = 0, column: int = 0) -> str:
    """One annotation: `level` is error, warning or notice; the place is left out where it is not known."""
    place = {"file": file, "line": line, "col": column, "title": title}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items() if value)
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
