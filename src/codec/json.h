/* JSON (RFC 8259): a reader into an arena and a push writer.
 *
 * Reading gives an immutable tree.  Every value knows its exact bytes in the input
 * (`raw`), so that a payload passes through takt byte for byte, and where it began
 * (`at`), so that an error can name the place.  Strings without escapes point into
 * the input: the input must live as long as the tree.  Refused: anything that RFC 8259
 * refuses, invalid UTF-8, lone surrogates, duplicate keys of one object, NUL inside
 * keys, more depth or values than the limits say.  64-bit integers are exact.
 */
#ifndef TAKT_CODEC_JSON_H
#define TAKT_CODEC_JSON_H

#include "base/base.h"
#include "base/str.h"

struct arena;

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool boolean;       /* JSON_BOOL */
	bool is_int;        /* JSON_NUMBER: written as or equal to an integer that fits int64 */
	uint32_t count;     /* members of an array or object */
	size_t at;          /* offset of the first byte in the input */
	struct str raw;     /* the value's bytes in the input */
	struct str name;    /* its key, decoded, when it is a member of an object */
	struct str text;    /* JSON_STRING, decoded */
	double number;      /* JSON_NUMBER, always */
	int64_t integer;    /* JSON_NUMBER, when is_int */
	struct json *first; /* first child */
	struct json *next;  /* next sibling */
};

struct json_limits {
	size_t bytes_max;   /* of the whole input */
	uint32_t depth_max; /* nested arrays and objects */
	uint32_t values_max;
};
extern const struct json_limits json_limits_default; /* 1 MiB, 64 deep, 100,000 values */

/* CODE_JSON_SYNTAX, CODE_JSON_LIMIT or CODE_UTF8, with "line:column" (bytes, from 1)
 * as the place.  `limits` NULL means the default. */
enum rc json_read(struct arena *a, struct str in, const struct json_limits *limits,
                  const struct json **ret, struct err *err) MUST_USE;

/* The member of that name; NULL when v is NULL, no object, or has none. */
const struct json *json_get(const struct json *v, struct str name);
#define json_getz(v, lit) json_get((v), STR(lit))
/* Text of a string member, or `otherwise` when it is missing or no string. */
struct str json_get_str(const struct json *v, const char *name, struct str otherwise);
int64_t json_get_int(const struct json *v, const char *name, int64_t otherwise);
bool json_get_bool(const struct json *v, const char *name, bool otherwise);
const struct json *json_at(const struct json *array, size_t index);
/* JSON Pointer (RFC 6901); "" is v itself.  NULL when there is nothing there. */
const struct json *json_pointer(const struct json *v, struct str pointer);
/* Equal as JSON Schema means it: 1 and 1.0 are, member order does not matter. */
bool json_equal(const struct json *a, const struct json *b);
/* json_each(child, parent) { … }: the members of an object, the elements of an array. */
#define json_each(child, parent)                                                                   \
	for (const struct json *child = (parent)->first; child; child = child->next)

/* --- Writing.  Misuse (a key without object, two values for a key) is a bug and
 * asserts; what does not fit the buffer shows in buf_rc(). --- */
enum { JSON_OUT_DEPTH = 64 };
struct json_out {
	struct buf *buf;
	uint32_t depth;
	bool has_key;
	uint8_t in_object[JSON_OUT_DEPTH]; /* by depth */
	bool has_member[JSON_OUT_DEPTH];
};
void json_out_init(struct json_out *o, struct buf *buf);
void json_begin_object(struct json_out *o);
void json_end_object(struct json_out *o);
void json_begin_array(struct json_out *o);
void json_end_array(struct json_out *o);
void json_key(struct json_out *o, struct str name);
#define json_keyz(o, lit) json_key((o), STR(lit))
void json_str(struct json_out *o, struct str s); /* s must be UTF-8; escaped as needed */
void json_int(struct json_out *o, int64_t v);
void json_double(struct json_out *o, double v); /* shortest that reads back; NaN, inf: null */
void json_bool(struct json_out *o, bool v);
void json_null(struct json_out *o);
void json_raw(struct json_out *o, struct str valid_json); /* inserted as it is */
/* Writes the tree in its own words (members in order, minimal white space). */
void json_value(struct json_out *o, const struct json *v);
/* Key and value in one line; the most common case. */
void json_put_str(struct json_out *o, const char *key, struct str v);
void json_put_int(struct json_out *o, const char *key, int64_t v);
void json_put_bool(struct json_out *o, const char *key, bool v);
void json_put_raw(struct json_out *o, const char *key, struct str valid_json);

#endif
