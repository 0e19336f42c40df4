"""Planning and running backfills from the command line; Dagit launches the same assets by itself."""
