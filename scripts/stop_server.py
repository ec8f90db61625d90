"""Stop every server of this installation, however it was started.

The runbook's pkill finds "uvicorn backend.api.main:app" only; a server started as
"uvicorn api.main:app" from backend/ goes on. This finds both, on Windows too.
"""

import sys

from backend.cli.running_servers import stop_servers
from backend.settings import PROJECT_ROOT


def main() -> int:
    """Stop the servers, say which, and remove their pid file."""
    stopped = stop_servers(PROJECT_ROOT)
    (PROJECT_ROOT / "backend.pid").unlink(missing_ok=True)
    if stopped:
        sys.stdout.write(f"stopped process {', '.join(map(str, stopped))}\n")
    else:
        sys.stdout.write("no server of this installation was running\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
