"""`make contract`: the suite at level full against a sandbox of its own, the reports in .report/.

    python -m tests.contract_run [options of `bardge-contract run`]

The exit code is the suite's. This sandbox is gone when the report is read, so the report links into the API
reference of the one that `make serve` starts.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.settings import Settings
from tests.running import BASE, RunningSandbox

ROOT = Path(__file__).parent.parent
REPORT = ROOT / ".report"
REFERENCE = f"http://127.0.0.1:{Settings().port}/_sandbox/reference"


def command(url: str, *options: str) -> list[str]:
    """The suite's command for a sandbox at a URL, as someone would type it who has read its welcome."""
    return [
        *(sys.executable, "-m", "contract_tests", "run", "--level", "full"),
        *("--target", url + BASE, "--control", url + "/_sandbox"),
        *("--key", "sk_sandbox_demo", "--partner-key", "sk_sandbox_partner"),
        *("--disabled-key", "sk_sandbox_disabled", *options),
    ]


def main(options: Sequence[str]) -> int:
    defaults = ("--report", str(REPORT), "--reference", REFERENCE)
    with RunningSandbox() as sandbox:
        return subprocess.run(command(sandbox.url, *defaults, *options), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
