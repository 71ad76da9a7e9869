"""What a URL says about where it leads."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(base_url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
