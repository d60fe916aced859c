"""`make contract`: the whole contract suite, at level full, against a sandbox of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.running import BASE, RunningSandbox

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with RunningSandbox() as sandbox:
        command = [sys.executable, "-m", "contract_tests", "run", "--level", "full"]
        command += ["--target", sandbox.url + BASE, "--control", sandbox.url + "/_sandbox"]
        command += ["--report", str(ROOT / ".report"), *sys.argv[1:]]
        environment = {**os.environ, "BARDGE_CONTRACT_KEY": "sk_sandbox_demo"}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
