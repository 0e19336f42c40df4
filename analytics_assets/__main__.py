"""The command line, as ``nba-analytics`` and as ``python -m analytics_assets``."""

import gc


def main() -> None:
    """Load the command line and run it."""
    # Loading makes objects by the hundred thousand and no garbage; looking for it takes a tenth of a second.
    gc.disable()
    from analytics_assets.cli import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
