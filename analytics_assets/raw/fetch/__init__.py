"""Asking public services for raw data, politely, and keeping what they answered. Loading is another room's work.

``polite_http`` sends requests, ``answer_store`` keeps answers on disk, ``fetch_plan`` works off a list of requests.
These three know no service; every service has modules of its own that make the list.
"""
