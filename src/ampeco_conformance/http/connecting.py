"""The settings of httpx for a connection, and the proxy that it goes through."""

import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.urls import is_loopback
from ampeco_conformance.target.connection import Connection, checked_bundle


def client_settings(base_url: str, connection: Connection) -> dict[str, Any]:
    """What httpx needs to know. Raises ConfigurationError for what the environment names and cannot be used."""
    proxy_of(base_url, connection)
    if (authorities := os.environ.get("SSL_CERT_FILE")) and not is_loopback(base_url):
        checked_bundle(Path(authorities), "SSL_CERT_FILE")
    # A forward proxy of the environment cannot see this machine's loopback.
    return {
        "trust_env": not is_loopback(base_url),
        "proxy": connection.proxy,
        "verify": _tls_context(base_url, connection),
    }


def proxy_of(base_url: str, connection: Connection) -> tuple[str, str] | None:
    """Where the proxy is named, and its address without credentials; None for a direct connection.

    Raises ConfigurationError for a SOCKS proxy of the environment, and for what is the address of no proxy.
    """
    if connection.proxy is not None:
        return "--proxy", connection.proxy
    parts = urlsplit(base_url)
    if is_loopback(base_url) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if address := proxies.get(scheme):
            proxy = urlsplit(address if "://" in address else f"http://{address}")
            variable = f"{scheme.upper()}_PROXY"
            if proxy.scheme.startswith("socks"):
                raise ConfigurationError(
                    f"{variable} names a SOCKS proxy, which is not supported; unset it, or give an HTTP proxy with "
                    "--proxy"
                )
            if not _is_address(proxy):
                raise ConfigurationError(
                    f"{variable} must look like http://proxy.example.com:3128; correct or unset it"
                )
            return variable, f"{proxy.scheme}://{proxy.netloc.rpartition('@')[2]}"
    return None


def _is_address(proxy: SplitResult) -> bool:
    try:
        return proxy.scheme in ("http", "https") and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        return False


def _tls_context(base_url: str, connection: Connection) -> ssl.SSLContext | bool:
    """The default context, which loads the certificate authorities; an empty one for plain HTTP on loopback."""
    if connection.ca_bundle is not None:
        context = httpx.create_ssl_context()
        context.load_verify_locations(cafile=connection.ca_bundle)
        return context
    if base_url.startswith("http://") and is_loopback(base_url):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return True
