"""A headless Chromium, spoken to over its DevTools protocol: opens a page, reads it, clicks, takes a picture."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

_PATIENCE = 60
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--hide-scrollbars",
)
# Resolves when the text is on the page and its scripts have run; the page tells, so nobody polls.
_WAIT = """
new Promise((resolve) => {
  const shown = () => document.readyState !== "loading" && document.body.innerText.includes(TEXT);
  const look = () => { if (shown()) { observer.disconnect(); resolve(true); } };
  const observer = new MutationObserver(look);
  observer.observe(document, {childList: true, subtree: true, characterData: true});
  document.addEventListener("DOMContentLoaded", look);
  look();
})
"""
_TEXT_IN_SIGHT = """
(() => {
  const element = document.querySelector(SELECTOR);
  const box = element.getBoundingClientRect();
  return box.top < window.innerHeight && box.bottom > 0 ? element.innerText : "";
})()
"""
# The innermost element that shows the text.
_CLICK = """
(() => {
  const holds = [...document.body.querySelectorAll("*")].filter((e) => e.innerText && e.innerText.includes(TEXT));
  holds[holds.length - 1].click();
})()
"""


def executable() -> str | None:
    """Where Chromium is; None when this machine has none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        #: The addresses that pages asked for.
        self.requests: list[str] = []

    def open(self, url: str) -> None:
        """Go to an address; a new one of the same file counts too."""
        self._command("Page.navigate", url="about:blank")
        self._command("Page.navigate", url=url)

    def wait_for(self, text: str) -> None:
        """Wait until the page shows a text."""
        self._evaluate(_WAIT.replace("TEXT", json.dumps(text)))

    def text_of(self, selector: str) -> str:
        """What the first element that a CSS selector names shows; empty when it is out of sight."""
        return str(self._evaluate(_TEXT_IN_SIGHT.replace("SELECTOR", json.dumps(selector))))

    def click(self, text: str) -> None:
        """Click on what shows a text."""
        self._evaluate(_CLICK.replace("TEXT", json.dumps(text)))

    def click_at(self, selector: str) -> None:
        """Click on the element that a CSS selector names."""
        event = "new MouseEvent('click', {bubbles: true})"
        self._evaluate(f"document.querySelector({json.dumps(selector)}).dispatchEvent({event})")

    def address_in(self, selector: str, text: str, link: str) -> str:
        """Where a link leads, inside the element that a CSS selector names and that shows a text."""
        found = f"[...document.querySelectorAll({json.dumps(selector)})].find((e) => e.innerText.includes(TEXT))"
        return str(self._evaluate(f"{found.replace('TEXT', json.dumps(text))}.querySelector({json.dumps(link)}).href"))

    def type_into(self, selector: str, text: str) -> None:
        """Put a text into an input."""
        self._evaluate(
            f"Object.assign(document.querySelector({json.dumps(selector)}), {{value: {json.dumps(text)}}})"
            ".dispatchEvent(new Event('input'))"
        )

    def choose(self, selector: str, value: str) -> None:
        """Choose a value in a list of choices."""
        self._evaluate(
            f"Object.assign(document.querySelector({json.dumps(selector)}), {{value: {json.dumps(value)}}})"
            ".dispatchEvent(new Event('change'))"
        )

    def count(self, selector: str) -> int:
        """How many elements a CSS selector names."""
        return int(self._evaluate(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def text(self) -> str:
        """What the page shows, as text."""
        return str(self._evaluate("document.body.innerText"))

    def can_reach(self, address: str) -> bool:
        """Whether what runs in the page can send something to an address."""
        attempt = f"fetch({json.dumps(address)}, {{mode: 'no-cors'}}).then(() => true, () => false)"
        return bool(self._evaluate(attempt))

    def count_requests(self) -> None:
        """Note, from now on, what pages ask for."""
        self._command("Network.enable")

    def value_of(self, expression: str) -> Any:
        """What an expression of JavaScript gives, a promise awaited."""
        return self._evaluate(expression)

    def show_as(self, width: int, height: int, *, dark: bool) -> None:
        """Show pages at that size and in that theme."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", features=[scheme])
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def picture(self, path: Path, width: int, height: int, *, dark: bool = False) -> None:
        """Write a picture of the page at that size, in the format that the name of the file ends with."""
        self.show_as(width, height, dark=dark)
        shot = self._command("Page.captureScreenshot", format=path.suffix.lstrip("."), quality=60)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _evaluate(self, expression: str) -> Any:
        result = self._command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def _command(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=_PATIENCE))
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            if message.get("id") == self._number:
                assert "error" not in message, message["error"]
                return dict(message["result"])


@contextmanager
def open_browser(profile: Path) -> Iterator[Page]:
    """A browser with an empty profile, and one tab of it."""
    program = executable()
    assert program is not None
    process = subprocess.Popen(
        [program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(profile)},
        text=True,
    )
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("DevTools listening on "))
        address = said.removeprefix("DevTools listening on ").strip()
        with connect(address, max_size=None) as browser:
            target = _call(browser, {"method": "Target.createTarget", "params": {"url": "about:blank"}})["targetId"]
        with connect(f"{address.partition('/devtools')[0]}/devtools/page/{target}", max_size=None) as connection:
            yield Page(connection)
    finally:
        process.terminate()
        process.wait()


def _call(connection: ClientConnection, command: dict[str, Any]) -> dict[str, Any]:
    connection.send(json.dumps({"id": 1, **command}))
    while True:
        message = json.loads(connection.recv(timeout=_PATIENCE))
        if message.get("id") == 1:
            return dict(message["result"])


def tab_or_skip(folders: pytest.TempPathFactory) -> Iterator[Page]:
    """What a fixture of a browser tab does: open one, or skip the test where there is no Chromium."""
    if executable() is None:
        pytest.skip("no Chromium on this machine")
    with open_browser(folders.mktemp("profile")) as tab:
        yield tab
