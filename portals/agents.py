"""Browsers in words."""

import re

from django.http import HttpRequest

_BROWSERS = ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("Chrome", "Chrome")
_SYSTEMS = ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux")


def device_name(request: HttpRequest) -> str:
    """Return a browser and its system in words, as `Chrome, Android`; names are the same in all languages."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for sign, name in _BROWSERS if f"{sign}/" in agent), "Safari" if "Safari/" in agent else "")
    if re.search(r"\b(CriOS|FxiOS)/", agent):
        browser = "Chrome" if "CriOS" in agent else "Firefox"
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system)))


def device_class(request: HttpRequest) -> str:
    """Return the kind of device: `phone`, `tablet`, `desk`, or `other` for programs and what says nothing of itself."""
    agent = request.headers.get("User-Agent", "")
    if re.search(r"bot\b|crawl|spider|preview", agent, re.IGNORECASE) or not any(sign in agent for sign, _name in _SYSTEMS):
        return "other"
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "iPhone" in agent or "Android" in agent else "desk"
