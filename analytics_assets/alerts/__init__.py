"""Alerts: what is told to people, what was silenced or suppressed instead, and how it is delivered."""
