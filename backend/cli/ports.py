"""Whether a TCP port of this machine can be listened on."""

import socket


def port_is_free(port: int, host: str = "0.0.0.0") -> bool:  # noqa: S104 - asks, never listens
    """Tell whether a server could listen there; a port in TIME_WAIT counts as free, as for uvicorn."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: SO_REUSEADDR would let two listen at once
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
