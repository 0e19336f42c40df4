"""``python -m analytics_assets`` is the command line."""

from analytics_assets.cli import main

main()
