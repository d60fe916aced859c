"""Our document in the words of OpenAPI 3.0, for peers that read no newer one. What 3.0 lacks is left out."""

from pathlib import Path
from typing import Any

import yaml

UNSAID = {
    *("webhooks", "jsonSchemaDialect", "propertyNames", "patternProperties", "unevaluatedProperties"),
    *(
        "security",
        "securitySchemes",
    ),  # connexion wants code of ours to look at keys with; it is asked without
}


def in_three_zero(document: Path) -> str:
    told = yaml.load(document.read_text("utf-8"), Loader=yaml.CSafeLoader)
    info = {name: told["info"][name] for name in ("title", "version")}
    older = {**_older(told), "openapi": "3.0.3", "info": info}
    return yaml.dump(older, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def _older(part: Any) -> Any:
    if isinstance(part, list):
        return [_older(one) for one in part]
    if not isinstance(part, dict):
        return part
    said = {
        name: _older(one) for name, one in part.items() if name not in UNSAID and not name.startswith("x-")
    }
    if "$ref" in said and isinstance(said["$ref"], str):
        return {"$ref": said["$ref"]}  # siblings of a reference mean nothing there
    if "const" in said and not isinstance(said["const"], dict):
        said["enum"] = [said.pop("const")]
    if isinstance(said.get("examples"), list):  # of a schema; those of a body are a map
        said["example"] = said.pop("examples")[0]
    if isinstance(said.get("type"), list):
        kinds = [kind for kind in said["type"] if kind != "null"]
        said |= {"type": kinds[0], "nullable": "null" in part["type"]}
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(said.get(exclusive), int | float):
            said |= {bound: said[exclusive], exclusive: True}
    return said
