"""Turns the metaschema documents into one C source: embed.py OUTPUT DOCUMENT…"""

import json
import sys


def c_string(text):
    """A C literal for UTF-8 text; bytes beyond ASCII in octal."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def main(output, documents):
    lines = ["/* Generated from src/codec/metaschema/. */", '#include "codec/schema_priv.h"', "",
             "const struct metaschema metaschemas[] = {"]
    for path in documents:
        with open(path, encoding="utf-8") as source:
            document = json.load(source)
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        lines.append("\t{ %s,\n\t  %s }," % (c_string(document["$id"]), c_string(text)))
    lines += ["};", "const size_t metaschemas_count = ARRAY_LEN(metaschemas);", ""]
    with open(output, "w", encoding="utf-8") as target:
        target.write("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
