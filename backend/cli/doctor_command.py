"""routing-ml doctor: every check, with what to do about what it found."""

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, print_table


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(epilog=EXIT_CODES_HELP)(doctor)


def doctor(as_json: JsonFlag = False) -> None:
    """Check this machine and this installation, repair model files where that is safe, and say what to do."""
    from backend.cli.doctor.examination import examine
    from backend.cli.doctor.finding import any_needs_attention
    from backend.settings import PROJECT_ROOT

    findings = examine(PROJECT_ROOT)
    needs_attention = any_needs_attention(findings)
    if as_json:
        print_json({"healthy": not needs_attention, "findings": findings})
    else:
        rows = ((finding.verdict.value, finding.check, finding.detail) for finding in findings)
        print_table("", ("verdict", "check", "found"), rows)
        for finding in findings:
            if finding.remedy:
                typer.echo(f"→ {finding.check}: {finding.remedy}")
    if needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)
