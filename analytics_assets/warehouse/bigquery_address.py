"""Where a BigQuery warehouse is and how to reach it, read from a URL and the environment."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from analytics_assets.warehouse.interface import WarehouseError

PREFIX = "bigquery://"
EXAMPLE = "bigquery://my-project?location=US"
KEY_VARIABLE = "NBA_BIGQUERY_KEY"
# The first is the variable that Google's own client reads.
EMULATOR_VARIABLE = "BIGQUERY_EMULATOR_HOST"
STORAGE_EMULATOR_VARIABLE = "BIGQUERY_STORAGE_EMULATOR_HOST"
_BYTES_A_GIGABYTE = 2**30
PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]{0,99})?")
_LOCATION = re.compile(r"[A-Za-z]+(?:-[a-z]+[0-9]*)?")


@dataclass(frozen=True, kw_only=True)
class BigQueryAddress:
    """A project, a location and how to get in.

    Attributes:
        project: Google Cloud project that holds the data sets and pays.
        location: Where the data sets lie, such as ``US`` or ``europe-west1``.
        maximum_bytes_billed: What one query or read may scan at most.
        dataset_prefix: What stands before the name of every data set, so that several warehouses fit into a project.
        key: Base64 of a service account's key file; None takes application default credentials. Never shown.
        emulator: URL of an emulator's REST interface, and host and port of its Storage API.
    """

    project: str
    location: str
    maximum_bytes_billed: int = 100 * _BYTES_A_GIGABYTE
    dataset_prefix: str = ""
    key: str | None = field(default=None, repr=False)
    emulator: tuple[str, str] | None = None

    def key_document(self) -> dict[str, Any] | None:
        """The key file's content.

        Raises:
            WarehouseError: The key is not base64 of a JSON document.
        """
        if self.key is None:
            return None
        try:
            document = json.loads(base64.b64decode(self.key, validate=True))
            if not isinstance(document, dict):
                raise ValueError("not an object")
        except (binascii.Error, ValueError):
            # Without its cause: that would quote the key.
            raise WarehouseError(
                f"{KEY_VARIABLE} is not a service account's key file in base64; set it to the output of base64 KEY.json"
            ) from None
        return document


def parse_address(url: str, environment: Mapping[str, str]) -> BigQueryAddress:
    """The address that a URL names.

    Args:
        url: ``bigquery://project?location=US``, with ``&maximum_gigabytes_billed=50`` for another limit and
            ``&dataset_prefix=test_`` for data sets called ``test_nba_raw`` and so on.
        environment: May hold a key in ``NBA_BIGQUERY_KEY`` and an emulator in ``BIGQUERY_EMULATOR_HOST`` and
            ``BIGQUERY_STORAGE_EMULATOR_HOST``.

    Raises:
        WarehouseError: The URL or the key does not have this form.
    """
    project, _, options = url.removeprefix(PREFIX).partition("?")
    try:
        stated = dict(parse_qsl(options, strict_parsing=True)) if options else {}
        location = stated.pop("location")
        gigabytes = float(stated.pop("maximum_gigabytes_billed", 100))
        prefix = stated.pop("dataset_prefix", "")
    except (KeyError, ValueError) as error:
        raise WarehouseError(f"the warehouse's URL must name its location: write {EXAMPLE}") from error
    if stated or not gigabytes > 0:
        raise WarehouseError(
            f"the warehouse's URL has options that are not known; known are location, maximum_gigabytes_billed and "
            f"dataset_prefix, as in {EXAMPLE}&maximum_gigabytes_billed=50&dataset_prefix=test_"
        )
    if not (PROJECT.fullmatch(project) and _LOCATION.fullmatch(location) and _PREFIX.fullmatch(prefix)):
        raise WarehouseError(f"the warehouse's URL does not name a project and its location: write {EXAMPLE}")
    hosts = (environment.get(EMULATOR_VARIABLE), environment.get(STORAGE_EMULATOR_VARIABLE))
    address = BigQueryAddress(
        project=project,
        location=location,
        maximum_bytes_billed=int(gigabytes * _BYTES_A_GIGABYTE),
        dataset_prefix=prefix,
        key=environment.get(KEY_VARIABLE) or None,
        emulator=(hosts[0], hosts[1]) if hosts[0] and hosts[1] else None,
    )
    address.key_document()
    return address
