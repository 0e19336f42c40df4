"""What BigQuery's errors mean and what to do about them, in one line each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from google.api_core import exceptions as google_errors
from google.auth import exceptions as auth_errors

from analytics_assets.warehouse.bigquery_address import KEY_VARIABLE, BigQueryAddress
from analytics_assets.warehouse.interface import WarehouseError

_LONGEST = 300
# The least role that holds each permission, and where to grant it.
_ROLES = {
    "bigquery.jobs.create": ("roles/bigquery.jobUser", "the project"),
    "bigquery.readsessions": ("roles/bigquery.readSessionUser", "the project"),
    "bigquery.datasets.create": ("roles/bigquery.user", "the project"),
    "bigquery.tables.getData": ("roles/bigquery.dataViewer", "the data set"),
    "bigquery.tables.get": ("roles/bigquery.dataViewer", "the data set"),
    "bigquery.datasets.get": ("roles/bigquery.dataViewer", "the data set"),
    "bigquery.tables.": ("roles/bigquery.dataEditor", "the data set"),
}
_CONFLICT = re.compile(r"concurrent update|could not serialize|transaction is aborted", re.IGNORECASE)
# Reasons that Google's documentation tells to try again after a pause.
_PASSING = {"rateLimitExceeded", "jobRateLimitExceeded", "backendError", "jobBackendError", "internalError"}
_SIGN_IN = (
    f"sign in with `gcloud auth application-default login`, or name a key file in GOOGLE_APPLICATION_CREDENTIALS, "
    f"or put a key into {KEY_VARIABLE}"
)


class BigQueryRefusedError(RuntimeError):
    """BigQuery refused one statement, for example over a column's type; other tables may be fine."""


@contextmanager
def explained(address: BigQueryAddress) -> Iterator[None]:
    """Turn errors of Google's libraries inside the block into one line that says what to do.

    Raises:
        WarehouseError: The warehouse cannot be used as it is set up.
        BigQueryRefusedError: A single statement was refused.
    """
    try:
        yield
    except (google_errors.GoogleAPIError, auth_errors.GoogleAuthError, requests.exceptions.RequestException) as error:
        raise explain(error, address) from error


def is_worth_repeating(error: Exception) -> bool:
    """Whether a failed job has changed nothing and may well succeed after a pause: conflicts and passing faults."""
    if isinstance(error, google_errors.ServerError | google_errors.TooManyRequests | google_errors.Aborted):
        return True
    return bool(_CONFLICT.search(str(error))) or bool(_reasons(error) & _PASSING)


def explain(error: Exception, address: BigQueryAddress) -> RuntimeError:
    """The error that says in one line what is wrong and what to do next; never holds a credential."""
    told = _told(error)
    project = address.project
    if isinstance(error, auth_errors.DefaultCredentialsError):
        return WarehouseError(f"no Google credentials were found for BigQuery project {project}; {_SIGN_IN}")
    if isinstance(error, auth_errors.RefreshError | google_errors.Unauthorized):
        return WarehouseError(
            f"Google does not accept the credentials for BigQuery project {project}: expired or revoked; {_SIGN_IN}"
        )
    if isinstance(error, google_errors.Forbidden):
        return _forbidden(error, told, address)
    if isinstance(error, google_errors.NotFound):
        return _not_found(told, address)
    if "bytesBilledLimitExceeded" in _reasons(error) or "limit for bytes billed" in told:
        return WarehouseError(
            f"BigQuery would scan more than the {address.maximum_bytes_billed / 2**30:g} GB allowed for one statement; "
            f"ask for fewer dates, or raise maximum_gigabytes_billed in the warehouse's URL ({told})"
        )
    if _CONFLICT.search(told):
        return WarehouseError(
            f"others kept writing to the same tables of BigQuery project {project}, so nothing was written; "
            f"run the dates again when the other run has ended ({told})"
        )
    if isinstance(error, google_errors.BadRequest):
        return BigQueryRefusedError(f"BigQuery project {project} refused the statement: {told}")
    return WarehouseError(f"BigQuery project {project} could not be used: {told}; check the network and try again")


def missing_dataset(dataset: str, address: BigQueryAddress) -> WarehouseError:
    """The error for a data set that does not exist."""
    return WarehouseError(
        f"data set {dataset} does not exist in BigQuery project {address.project}; check the project in the "
        f"warehouse's URL, or create it: bq --location={address.location} mk --dataset {address.project}:{dataset}"
    )


def other_location(dataset: str, found: str, address: BigQueryAddress) -> WarehouseError:
    """The error for a data set that lies elsewhere than the URL says."""
    return WarehouseError(
        f"data set {dataset} of BigQuery project {address.project} lies in {found}, not in {address.location}; "
        f"write bigquery://{address.project}?location={found}"
    )


def _forbidden(error: google_errors.Forbidden, told: str, address: BigQueryAddress) -> WarehouseError:
    project = address.project
    if "has not been used in project" in told or "has not enabled BigQuery" in told or "is disabled" in told:
        return WarehouseError(
            f"BigQuery is not enabled in project {project}; check the project in the warehouse's URL, or enable it: "
            f"gcloud services enable bigquery.googleapis.com bigquerystorage.googleapis.com --project {project}"
        )
    if _reasons(error) & {"quotaExceeded", "rateLimitExceeded"} or "Quota exceeded" in told:
        return WarehouseError(f"a quota of BigQuery project {project} is used up; wait or have it raised ({told})")
    if "billingNotEnabled" in _reasons(error) or "billing" in told.lower():
        return WarehouseError(f"BigQuery project {project} has no billing account; link one ({told})")
    permission = re.search(r"bigquery\.[A-Za-z.]+[A-Za-z]", told)
    if permission is None:
        return WarehouseError(
            f"the credentials may not use BigQuery project {project}; grant them roles/bigquery.jobUser and "
            f"roles/bigquery.readSessionUser on the project, and roles/bigquery.dataEditor on its data sets ({told})"
        )
    role, place = next(
        (grant for start, grant in _ROLES.items() if permission[0].startswith(start)),
        ("roles/bigquery.dataEditor", "the data set"),
    )
    # Google does not tell strangers what exists, so a mistyped project looks like a missing permission.
    doubt = "check the project in the warehouse's URL, and " if "may not exist" in told else ""
    return WarehouseError(
        f"the credentials lack the permission {permission[0]} in BigQuery project {project}; "
        f"{doubt}grant them {role} on {place} ({told})"
    )


def _not_found(told: str, address: BigQueryAddress) -> WarehouseError:
    if re.search(r"[Nn]ot found: Project", told):
        return WarehouseError(
            f"there is no BigQuery project {address.project}, or the credentials may not see it; check the project in "
            f"the warehouse's URL (gcloud projects list)"
        )
    dataset = re.search(r"[Nn]ot found: Dataset (?:\S+[:.])?([A-Za-z_][A-Za-z0-9_]*)", told)
    if dataset:
        return missing_dataset(dataset[1], address)
    return WarehouseError(f"BigQuery project {address.project} has nothing under that name: {told}; create it first")


def _reasons(error: Exception) -> set[str]:
    details = getattr(error, "errors", None) or []
    return {str(detail.get("reason")) for detail in details if isinstance(detail, dict)}


def _told(error: Exception) -> str:
    """Google's message in one line, without the address that was asked and without what follows the message."""
    details = getattr(error, "errors", None) or []
    messages = [detail["message"] for detail in details if isinstance(detail, dict) and detail.get("message")]
    text = messages[0] if messages else str(getattr(error, "message", error))
    text = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) https?://\S+: ", "", " ".join(text.split()))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
