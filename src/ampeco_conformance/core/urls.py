"""What a URL says about where it leads."""

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit


def is_loopback(base_url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parts_of(address: str, base: str = "") -> SplitResult:
    """The parts of an address that a target gives, from a base; what cannot be read is a host of that name."""
    try:
        return urlsplit(urljoin(base, address))
    except ValueError:
        return SplitResult("", address, "", "", "")


def is_readable(address: str) -> bool:
    """Whether an address has parts that can be told apart."""
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
