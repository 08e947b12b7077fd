import subprocess
import sys


def test_google_clients_are_not_imported_before_they_are_needed() -> None:
    """They cost about 2 s and 90 MB; a server without connections and every command line tool does without them."""
    code = (
        "import sys, tools.registry, tools.connectors.hub\n"
        "heavy = [m for m in ('grpc', 'google.ads', 'google.analytics', 'google.api_core') if m in sys.modules]\n"
        "sys.exit(f'imported too early: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
