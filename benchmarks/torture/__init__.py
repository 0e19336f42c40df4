"""A harness that kills, crowds, starves and wears out the project, and counts what is lost, doubled or silent."""
