#!/usr/bin/python3
"""Turns one file into a C array: embed.py NAME HEADER INPUT OUTPUT."""
import sys


def main():
    name, header, source, target = sys.argv[1:]
    with open(source, "rb") as f:
        data = f.read()
    with open(target, "w", encoding="ascii") as f:
        f.write(f'#include "{header}"\n\nconst unsigned char {name}[] = {{\n')
        for at in range(0, len(data), 16):
            f.write("\t" + ", ".join(str(b) for b in data[at:at + 16]) + ",\n")
        f.write("\t0,\n};\n")
        f.write(f"const size_t {name}_len = {len(data)};\n")


main()
