-- Run once by PostgreSQL's image when its volume is new: alerts and silences live apart from Dagster's own tables.
CREATE DATABASE nba_ops;
