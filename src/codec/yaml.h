/* YAML (libyaml) → our JSON value, so that one validator serves both.
 *
 * Accepts one document of the YAML 1.2 core schema: null, booleans true/false,
 * integers, floats, strings.  Refused with line and column: anchors and aliases
 * (they can blow up), tags, duplicate keys, non-string keys, several documents.
 * The tree has no raw bytes of the input; `raw` of each value is JSON text made in
 * the arena, so json_raw works alike; `at` is the byte offset in the YAML.
 */
#ifndef TAKT_CODEC_YAML_H
#define TAKT_CODEC_YAML_H

#include "base/base.h"
#include "codec/json.h"

enum rc yaml_read(struct arena *a, struct str in, const struct json_limits *limits,
                  const struct json **ret, struct err *err) MUST_USE;

/* Line and column, from 1, of a byte offset: for errors that point into a file. */
void text_place(struct str in, size_t at, unsigned *line, unsigned *column);
/* Where the value a JSON Pointer names begins; of one that is not there, the nearest above
 * it.  `root` was read from some text: the offset is into that. */
size_t pointer_at(const struct json *root, struct str pointer);

#endif
