"""Is it up, what does it promise, and what did the contract suite say of it."""

from functools import cache
from importlib.metadata import version

import msgspec

from sandbox.control.call import Call, Desk, Parts, Reply
from sandbox.control.refusals import refused

REPORT_FILE = "report.json"


def get_health(call: Call, desk: Desk) -> Reply:
    return Reply({"status": "ok", "version": _version()})


def get_control_document(call: Call, parts: Parts) -> Reply:
    source = parts.own_document.sources.contents[""]
    return Reply(source.decode(), media_type="application/yaml")


def get_contract_report(call: Call, parts: Parts) -> Reply:
    folder = parts.report
    file = folder / REPORT_FILE if folder is not None and folder.is_dir() else folder
    if file is None or not file.is_file():
        message = (
            "No contract report is here. Start the server with --report DIR and run "
            "`bardge-contract run --target … --report DIR`."
        )
        raise refused("resource_not_found", message)
    return Reply(msgspec.json.decode(file.read_bytes()))


@cache
def _version() -> str:
    return version("bardge-sandbox")
