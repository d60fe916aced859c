"""Where the sandbox's own files lie: in a checkout beside the package, in a wheel inside it."""

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_data"
_ROOT = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent

DOCUMENT = _ROOT / "openapi.yaml"
FIXTURES = _ROOT / "fixtures"
SCENARIOS = _ROOT / "scenarios"
REQUIREMENTS = Path(__file__).parent.parent / "contract_tests" / "requirements.yaml"  # in both cases
