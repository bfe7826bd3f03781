"""read_with_h5py.py FILE: a label file as JSON, read without Polar's code. Exit 77: h5py is missing."""

import json
import math
import sys

try:
    import h5py
except ImportError:
    sys.exit(77)


def plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return value


with h5py.File(sys.argv[1], "r") as file:
    content = {
        "attributes": {
            name: value if isinstance(value, str) else value.item() for name, value in file.attrs.items()
        },
        "columns": {},
    }
    for group in ("examples", "programs"):
        for name, column in file[group].items():
            content["columns"][f"{group}/{name}"] = {
                "type": "str" if h5py.check_string_dtype(column.dtype) else column.dtype.str,
                "values": [plain(value) for value in column[()].tolist()],
            }
    json.dump(content, sys.stdout, ensure_ascii=True)
