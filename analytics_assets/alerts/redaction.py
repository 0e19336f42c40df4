"""Taking secrets out of texts before they reach the ledger, a log, Dagit or a message. Pure.

What is secret is told by the environment (delivery URLs, variables with names such as ``…_TOKEN``) and by shape
(credentials in URLs, bearer tokens, private keys).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

# An Event or a dataclass with the same fields and more.
AnyEvent = TypeVar("AnyEvent", bound=Any)
ALERT_URLS_VARIABLE = "NBA_ALERT_URLS"
MASK = "***"

_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|WEBHOOK|SIGNATURE|"
    r"(^|[_+-])(PASS|PWD|AUTH|AUTHORIZATION|KEY|SIG)$",
    re.IGNORECASE,
)
# Shorter values are words and numbers that occur in any text.
_SHORTEST_SECRET = 4
_SHORTEST_VALUE = 6
_CERTAINLY_A_TOKEN = 20
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s\"'<>]+", re.IGNORECASE)
_ROUTED_ENTRY = re.compile(r"[a-z_]+(?:,[a-z_]+)*=(?=[a-z])", re.IGNORECASE)
_SHAPES = (
    # Up to the last @, because passwords hold what they should not; bounded, so that long texts stay quick.
    # Wherever the scheme begins: an escaped control character may stand right before it.
    (re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^\s\"'<>]{0,500}@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(discord(?:app)?\.com/api/webhooks/)[^\s\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(api\.telegram\.org/bot)[^\s\"'<>/]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\b(?:xox[a-z]-|gh[pousr]_|AKIA|sk-|AIza)[A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"), MASK),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    (
        re.compile(
            r"([\"']?\b[A-Za-z0-9_-]{0,40}(?:token|secret|password|passwd|pwd|api_?key|access_?key|private_?key|signature)"
            r"[\"']?\s*[=:]\s*[\"']?)(?!\*{3})[^\s\"'&,;)}\]]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


class Redactor:
    """Replaces secrets by ``***``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Redact these values besides everything that has the shape of a secret."""
        known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
        # Longest first, so that a part of a secret does not leave the rest of it behind.
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Redactor":
        """A redactor of the secrets that these environment variables hold."""
        return cls(secrets_of(environment))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape, masked in _SHAPES:
            text = shape.sub(masked, text)
        return text

    def value(self, value: Any) -> Any:
        """A JSON-able value with every text in it redacted, also keys."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(str(key)): self.value(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(entry) for entry in value]
        return value

    def event(self, event: AnyEvent) -> AnyEvent:
        """The event with its texts redacted; its key, table, date and run stay."""
        return replace(
            event,
            subject=self(event.subject),
            error_class=self(event.error_class),
            text=self(event.text),
            details=self.value(event.details),
        )


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """Values that must never be shown: of variables with secret names, passwords in URLs, parts of delivery URLs."""
    found: set[str] = set()
    for name, value in environment.items():
        if name == ALERT_URLS_VARIABLE:
            for entry in value.split():
                found |= secrets_of_delivery_url(address_of(entry))
            continue
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_VALUE:
            found.add(value)
        for match in _URL.finditer(value):
            password = _split(match.group()).password
            found |= _spellings(password) if password else set()
    return found


def address_of(entry: str) -> str:
    """The URL of an entry of ``NBA_ALERT_URLS``, without the kinds that are routed to it."""
    routed = _ROUTED_ENTRY.match(entry)
    return entry[routed.end() :] if routed and "://" in entry[routed.end() :] else entry


def secrets_of_delivery_url(url: str) -> set[str]:
    """A delivery URL and those of its parts that could be tokens.

    Any part can be one: many services put tokens where others have a host, a user or a path. Passwords are always
    secret, also a user without one; other parts when they do not look like words or host names.
    """
    parts = _split(url)
    found = _spellings(url)
    if parts.password or parts.username:
        found |= _spellings(parts.password or parts.username)
    words = [*re.split(r"[/\\]+", parts.path), parts.fragment, parts.username or ""]
    if "." not in (parts.hostname or ""):
        # Taken from the text, because a parsed host is in lower case.
        words.append(parts.netloc.rpartition("@")[2].partition(":")[0])
    for name, value in parse_qsl(parts.query):
        if _SECRET_NAME.search(name):
            found |= _spellings(value)
        words.append(value)
    for word in words:
        found |= _spellings(word) if _could_be_a_token(unquote(word)) else set()
    return found


def _could_be_a_token(word: str) -> bool:
    mixed = any(character.isdigit() for character in word) or word.lower() != word != word.upper()
    return len(word) >= _CERTAINLY_A_TOKEN or (len(word) >= _SHORTEST_VALUE and mixed)


def _spellings(secret: str) -> set[str]:
    return {secret, unquote(secret)}


def _split(url: str) -> Any:
    """Parts of a URL, empty ones when it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.username
    except ValueError:
        return urlsplit("")
    return parts
