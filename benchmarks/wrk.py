"""The load: Debian's `wrk`, told what to send by a small Lua script, and asked for numbers."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = """
local ffi = require("ffi")
ffi.cdef("typedef struct {long s; long us;} moment; int gettimeofday(moment *m, void *zone);")
local function now()
  local m = ffi.new("moment[1]")
  ffi.C.gettimeofday(m, nil)
  return tonumber(m[0].s) + tonumber(m[0].us) / 1e6
end

local lines, at, busy = {}, 0, nil
began, ended = 0, 0
for line in io.lines(%(lines)s) do lines[#lines + 1] = line end
local headers = %(headers)s

function setup(thread) busy = thread end

function request()
  if began == 0 then began = now() end
  if %(once)s then
    at = at + 1
    if at > #lines then
      if ended == 0 then ended = now() end
      wrk.thread:stop()
      at = #lines
    end
  else
    at = at %% #lines + 1
  end
  local path, body = lines[at]:match("^(%%S+) ?(.*)$")
  return wrk.format(%(method)s, path, headers, body ~= "" and body or nil)
end

function done(summary, latency, requests)
  local spent = summary.duration / 1e6
  if busy:get("ended") > 0 then  -- all was said before the time was up
    spent = busy:get("ended") - busy:get("began")
  end
  local shape = '"requests":%%d,"seconds":%%f,"refused":%%d,"broken":%%d,"p50":%%f,"p99":%%f'
  io.write(string.format('\\nFIGURES {' .. shape .. '}\\n',
    summary.requests, spent, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class NoWrk(Exception):
    """wrk is not installed."""


@dataclass(frozen=True)
class Load:
    """What one client says, again and again."""

    method: str
    lines: Sequence[str]  # "path body": taken in turn
    headers: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # each line once only: a seat can be booked once


@dataclass(frozen=True)
class Figures:
    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    refused: int
    broken: int


def press(base_url: str, load: Load, connections: int, seconds: int) -> Figures:
    program = shutil.which("wrk")
    if program is None:
        raise NoWrk("wrk is missing. On Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "lines")
        lines.write_text("".join(line + "\n" for line in load.lines))
        told = {
            "lines": json.dumps(str(lines)),
            "headers": "{"
            + ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in load.headers.items())
            + "}",
            "once": "true" if load.once else "false",
            "method": json.dumps(load.method),
        }
        script = Path(folder, "script.lua")
        script.write_text(SCRIPT % told)
        command = [
            program,
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout",
            "10s",
            "-s",
            str(script),
            base_url,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    told = json.loads(said.partition("FIGURES ")[2])
    return Figures(
        told["requests"] / told["seconds"],
        told["p50"],
        told["p99"],
        told["requests"],
        told["refused"],
        told["broken"],
    )
