#!/usr/bin/env python3
"""Embeds openapi.yaml as a C string, so that the server can show its contract offline."""
import sys

output, source = sys.argv[1:]
data = open(source, "rb").read()
with open(output, "w", encoding="ascii") as out:
    out.write("/* Made by embed_openapi.py from openapi.yaml. */\n#include <stddef.h>\n\n")
    out.write("extern const char takt_openapi[];\nextern const size_t takt_openapi_n;\n")
    out.write("const char takt_openapi[] = {\n")
    for at in range(0, len(data), 16):
        row = ", ".join(str(b if b < 128 else b - 256) for b in data[at : at + 16])
        out.write(f"\t{row},\n")
    out.write("};\nconst size_t takt_openapi_n = sizeof takt_openapi;\n")
