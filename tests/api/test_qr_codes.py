"""The image in `qr_code` is one that a scanner reads: it is decoded here, pixel by pixel."""

import base64
import struct
import subprocess
import sys
import zlib

import pytest
import zxingcpp

from sandbox.api.answers.access_codes import PIXELS_PER_MODULE, QUIET_ZONE, qr_image
from sandbox.domain.access_codes import ALPHABET


def pixels(data_uri: str) -> list[list[int]]:
    """Rows of grey values out of a PNG of one bit per pixel, as ours are."""
    head, _, body = data_uri.partition(",")
    assert head == "data:image/png;base64"
    png = base64.b64decode(body, validate=True)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        chunks[name] = chunks.get(name, b"") + png[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, color = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, color) == (1, 0), "one bit, grey"
    packed = zlib.decompress(chunks[b"IDAT"])
    rows = unfiltered(packed, stride=(width + 7) // 8, height=height)
    return [[255 * (row[x // 8] >> (7 - x % 8) & 1) for x in range(width)] for row in rows]


def unfiltered(packed: bytes, *, stride: int, height: int) -> list[bytes]:
    """Each row is as it stands, or the difference to the one above: PNG's filters 0 and 2."""
    rows = [bytes(stride)]
    for at in range(0, height * (stride + 1), stride + 1):
        kind, row = packed[at], packed[at + 1 : at + 1 + stride]
        assert kind in (0, 2)
        rows.append(bytes((a + b) % 256 for a, b in zip(row, rows[-1], strict=True)) if kind else row)
    return rows[1:]


def scanned(rows: list[list[int]]) -> list[str]:
    image = memoryview(bytes(grey for row in rows for grey in row)).cast("B", shape=[len(rows), len(rows[0])])
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("text", ["0000000000", "7K3MQ9XD0Z", ALPHABET])
def test_a_scanner_reads_the_code_back(text: str) -> None:
    assert scanned(pixels(qr_image(text))) == [text]


def test_a_quiet_zone_surrounds_the_code() -> None:
    rows = pixels(qr_image("7K3MQ9XD0Z"))
    margin = QUIET_ZONE * PIXELS_PER_MODULE
    assert all(set(row) == {255} for row in (*rows[:margin], *rows[-margin:]))
    assert all(set(row[:margin] + row[-margin:]) == {255} for row in rows)


def test_making_images_costs_nothing_until_the_first_code_is_made() -> None:
    asked = "import sys, sandbox.api.operations.access_codes; print('segno' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
