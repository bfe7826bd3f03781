"""check_schema.py SCHEMA RESOLVED CONFIGS: the schema against jsonschema, the YAML against PyYAML.

Exit 77: one of the two is missing.
"""

import copy
import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

resolved = yaml.safe_load(pathlib.Path(sys.argv[2]).read_text())
assert resolved["train"]["learning_rate"] == 3e-5, resolved["train"]
assert resolved["data"]["ood"] == [{"name": "b", "path": "b.jsonl", "order": "file", "offset": 0, "limit": 0}], resolved["data"]
for file in sorted(pathlib.Path(sys.argv[3]).glob("*.yaml")):
    validator.validate(yaml.safe_load(file.read_text()))
validator.validate(resolved)


def every_key(node, properties, path=""):
    """A resolved file holds every key of the schema."""
    for name, below in properties.items():
        assert name in node, path + name
        if "properties" in below:
            every_key(node[name], below["properties"], path + name + ".")


every_key(resolved, schema["properties"])


def refused(change):
    broken = copy.deepcopy(resolved)
    change(broken)
    assert not validator.is_valid(broken), broken


refused(lambda c: c.pop("name"))
refused(lambda c: c.pop("model"))
refused(lambda c: c["data"]["train"].pop("path"))
refused(lambda c: c["data"]["ood"][0].pop("path"))
refused(lambda c: c["search"].update(budgte=3))
refused(lambda c: c["search"].update(budget="x"))
refused(lambda c: c["search"].update(budget=0))
refused(lambda c: c["search"].update(budget=1.5))
refused(lambda c: c["search"].update(skips="yes"))
refused(lambda c: c["model"].update(dtype="fp23"))
refused(lambda c: c["model"].update(device="gpu"))
refused(lambda c: c["prompt"].update(template={"tail": "x"}))
refused(lambda c: c["eval"].update(policies=[]))
refused(lambda c: c["train"].update(seeds=0))
refused(lambda c: c["train"].update(seeds=[1, 1]))
refused(lambda c: c["eval"].update(layer_prices=["x"]))
refused(lambda c: c.update(name="../x"))
inline = copy.deepcopy(resolved)
inline["prompt"]["template"] = {"head": "a"}
validator.validate(inline)
