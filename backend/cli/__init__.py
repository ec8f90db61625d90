"""The operator's command line: routing-ml."""


def main() -> None:
    """Run the command line; imported late so that importing the package costs nothing."""
    from backend.cli.app import run

    run()
