"""Jobs that are sent once, repeated over conflicts only, and errors of Google's libraries in one line each."""

from types import SimpleNamespace

import pyarrow as pa
import pytest
import requests
from google.api_core import exceptions as google_errors
from google.auth import exceptions as auth_errors

from analytics_assets.warehouse import WarehouseError
from analytics_assets.warehouse.bigquery_address import BigQueryAddress, parse_address
from analytics_assets.warehouse.bigquery_client import connect
from analytics_assets.warehouse.bigquery_errors import BigQueryRefusedError, explain, explained
from analytics_assets.warehouse.bigquery_jobs import BigQueryJobs

ADDRESS = BigQueryAddress(project="my-project", location="US")
CONFLICT = google_errors.BadRequest("Transaction is aborted due to concurrent update against table my-project:d.t")
SECRET = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"


class FakeClient:
    """Answers jobs by what is given, one after the other: rows, an error of the job, or an error of sending it."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent: list[str] = []
        self.limits: list[int] = []

    def query(self, sql, *, job_config, job_id, job_retry, location):
        assert (job_retry, location) == (None, "US")
        self.sent.append(job_id)
        self.limits.append(job_config.maximum_bytes_billed)
        if isinstance(self.answers[0], tuple):
            raise self.answers.pop(0)[0]
        return self.get_job(job_id, location=location)

    def get_job(self, job_id, *, location):
        assert job_id == self.sent[-1]
        answer = self.answers.pop(0)
        failed = isinstance(answer, Exception)

        def result():
            if failed:
                raise answer
            return answer

        lost = isinstance(answer, google_errors.RetryError | google_errors.GatewayTimeout)
        state = "RUNNING" if lost else "DONE"
        return SimpleNamespace(result=result, state=state, error_result={} if failed and not lost else None)


def jobs(*answers) -> tuple[BigQueryJobs, FakeClient, list[float]]:
    client, pauses = FakeClient(*answers), []
    return BigQueryJobs(ADDRESS, client, pauses.append), client, pauses  # type: ignore[arg-type]


def test_script_is_repeated_under_another_name_as_long_as_it_is_rolled_back_over_a_conflict() -> None:
    sender, client, pauses = jobs(CONFLICT, CONFLICT, google_errors.InternalServerError("backend"), ["row"])
    assert sender.script("BEGIN TRANSACTION; COMMIT TRANSACTION;") == ["row"]
    assert len(set(client.sent)) == 4
    assert len({name.rsplit("-", 1)[0] for name in client.sent}) == 1
    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses))
    assert client.limits == [ADDRESS.maximum_bytes_billed] * 4


def test_conflict_that_lasts_is_told_and_nothing_was_written() -> None:
    sender, client, pauses = jobs(*[CONFLICT] * 10)
    with pytest.raises(WarehouseError, match=r"others kept writing to the same tables .* nothing was written"):
        sender.script("BEGIN TRANSACTION; COMMIT TRANSACTION;")
    assert (len(client.sent), len(pauses)) == (10, 9)


def test_statement_that_is_wrong_is_sent_once() -> None:
    sender, client, _ = jobs(google_errors.BadRequest("Unrecognized name: pionts"))
    with pytest.raises(BigQueryRefusedError, match=r"refused the statement: .*pionts"):
        sender.script("SELECT pionts")
    assert len(client.sent) == 1


def test_job_whose_first_answer_was_lost_is_found_by_its_name_and_not_run_twice() -> None:
    sender, client, _ = jobs((google_errors.Conflict("Already Exists: Job"),), ["row"])
    assert sender.script("SELECT 1") == ["row"]
    assert len(client.sent) == 1


def test_job_that_may_still_run_is_never_sent_again() -> None:
    sender, client, pauses = jobs(google_errors.GatewayTimeout("no answer"))
    with pytest.raises(WarehouseError, match="could not be used"):
        sender.script("BEGIN TRANSACTION; COMMIT TRANSACTION;")
    assert (len(client.sent), pauses) == (1, [])


def test_load_is_found_by_its_name_and_refuses_a_table_that_holds_rows() -> None:
    seen = {}

    def load(file, path, **named):
        seen.update(named, path=path)
        raise google_errors.Conflict("Already Exists: Job")

    def get_job(job_id, *, location):
        seen["found"] = job_id
        return SimpleNamespace(result=lambda: None)

    client = SimpleNamespace(create_table=lambda table: None, load_table_from_file=load, get_job=get_job)
    BigQueryJobs(ADDRESS, client).load([("my-project.nba_ops.s", [], pa.table({"a": [1]}))])  # type: ignore[arg-type]
    assert seen["found"] == seen["job_id"]
    settings = seen["job_config"]
    assert (settings.write_disposition, settings.source_format) == ("WRITE_EMPTY", "PARQUET")
    assert settings.parquet_options.enable_list_inference is True


def test_load_that_failed_over_a_passing_fault_is_sent_again() -> None:
    sent, pauses = [], []

    def load(file, path, *, job_id, **named):
        sent.append(job_id)
        if len(sent) > 1:
            return SimpleNamespace(result=lambda: None)
        return SimpleNamespace(result=failing, state="DONE", error_result={"reason": "backendError"})

    def failing():
        raise google_errors.ServiceUnavailable("Error encountered during execution. Retrying may solve the problem.")

    client = SimpleNamespace(create_table=lambda table: None, load_table_from_file=load)
    sender = BigQueryJobs(ADDRESS, client, pauses.append)  # type: ignore[arg-type]
    sender.load([("my-project.nba_ops.s", [], pa.table({"a": [1]}))])
    assert [job_id.rsplit("-", 1)[1] for job_id in sent] == ["1", "2"]
    assert len(pauses) == 1


FORBIDDEN = google_errors.Forbidden


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            auth_errors.DefaultCredentialsError("x"),
            "no Google credentials were found .* with `gcloud auth application-default",
        ),
        (auth_errors.RefreshError("invalid_grant: Token has been expired"), "expired or revoked; sign in with `gcloud"),
        (google_errors.Unauthorized("Request had invalid credentials"), "expired or revoked; sign in with `gcloud"),
        (google_errors.NotFound("Not found: Project my-project"), "there is no BigQuery project my-project"),
        (
            google_errors.NotFound("Not found: Dataset my-project:nba_raw was not found in location US"),
            "data set nba_raw does not exist in BigQuery project my-project; .* create it: bq --location=US mk",
        ),
        (
            FORBIDDEN(
                "Access Denied: Project my-project: User does not have bigquery.jobs.create permission in project"
            ),
            r"lack the permission bigquery\.jobs\.create .* grant them roles/bigquery\.jobUser on the project",
        ),
        (
            FORBIDDEN("Access Denied: Table p:d.t: Permission bigquery.tables.updateData denied on table p:d.t"),
            r"lack the permission bigquery\.tables\.updateData .* roles/bigquery\.dataEditor on the data set",
        ),
        (
            FORBIDDEN("Permission bigquery.tables.getData denied on table p:d.t (or it may not exist)."),
            r"; check the project in the warehouse's URL, and grant them roles/bigquery\.dataViewer on the data set",
        ),
        (
            google_errors.PermissionDenied("Permission 'bigquery.readsessions.create' denied on resource"),
            r"grant them roles/bigquery\.readSessionUser on the project",
        ),
        (FORBIDDEN("Access Denied"), r"may not use BigQuery project my-project; grant them roles/bigquery\.jobUser"),
        (
            FORBIDDEN("BigQuery API has not been used in project 1 before or it is disabled."),
            "BigQuery is not enabled in project my-project; .* gcloud services enable",
        ),
        (FORBIDDEN("Quota exceeded: Your project exceeded quota for imports"), "a quota .* is used up; wait"),
        (
            google_errors.BadRequest("Query exceeded limit for bytes billed: 1. 10485760 or higher required."),
            "would scan more than the 100 GB allowed .* raise maximum_gigabytes_billed",
        ),
        (requests.exceptions.ConnectionError("Name or service not known"), "could not be used: .* check the network"),
    ],
)
def test_error_is_one_line_with_the_remedy(error: Exception, told: str) -> None:
    with pytest.raises(WarehouseError, match=told) as raised, explained(ADDRESS):
        raise error
    assert "\n" not in str(raised.value)


def test_error_is_told_without_the_address_that_was_asked_and_in_one_line_of_bounded_length() -> None:
    error = google_errors.BadRequest(f"POST https://bigquery.googleapis.com/x?key=1: Syntax error\n at {'x' * 5000}")
    told = str(explain(error, ADDRESS))
    assert "https://" not in told
    assert "\n" not in told
    assert len(told) < 500


@pytest.mark.parametrize(
    "key", [SECRET, "not base64!", "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIsICJwcml2YXRlX2tleSI6ICJ4In0="]
)
def test_key_is_never_shown(key: str) -> None:
    with pytest.raises(WarehouseError, match="NBA_BIGQUERY_KEY is not") as raised:
        connect(parse_address("bigquery://my-project?location=US", {"NBA_BIGQUERY_KEY": key}))
    assert raised.value.__cause__ is None
    assert key not in str(raised.value)
    assert SECRET not in repr(BigQueryAddress(project="my-project", location="US", key=SECRET))
