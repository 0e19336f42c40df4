"""Connecting to BigQuery: its REST interface for jobs and tables, its Storage API for reading."""

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from google.oauth2 import service_account

from analytics_assets.warehouse.bigquery_address import KEY_VARIABLE, BigQueryAddress
from analytics_assets.warehouse.bigquery_errors import explained
from analytics_assets.warehouse.interface import WarehouseError

# A batch of rows may be larger than what gRPC takes by default.
_UNLIMITED = [("grpc.max_receive_message_length", -1)]


def connect(address: BigQueryAddress) -> bigquery.Client:
    """The client of an address, with its key or application default credentials.

    Raises:
        WarehouseError: There are no credentials, or the key is none.
    """
    if address.emulator:
        return bigquery.Client(
            project=address.project,
            location=address.location,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": address.emulator[0]},
        )
    key = address.key_document()
    if key is None:
        with explained(address):
            return bigquery.Client(project=address.project, location=address.location)
    try:
        credentials = service_account.Credentials.from_service_account_info(key)
    except ValueError:
        # Without its cause: that may quote the key.
        raise WarehouseError(f"{KEY_VARIABLE} is not the key file of a service account; create a new key") from None
    return bigquery.Client(project=address.project, location=address.location, credentials=credentials)


def connect_for_reading(address: BigQueryAddress, client: bigquery.Client) -> BigQueryReadClient:
    """The client of the Storage API that goes with a client: same credentials, or same emulator."""
    if address.emulator:
        channel = grpc.insecure_channel(address.emulator[1], options=_UNLIMITED)
        return BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
    return BigQueryReadClient(credentials=client._credentials)
