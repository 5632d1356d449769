/* Field tables: how a JSON object becomes a struct, and which error it yields when
 * it can't.  The table is the only place that names a field's type and limits.
 *
 *	static const struct field fields[] = {
 *		FIELD_STR(struct submit, kind, .is_required = true, .max = 100),
 *		FIELD_INT(struct submit, priority, .min = -100, .max = 100),
 *		FIELD_RAW(struct submit, input),
 *	};
 *	struct submit s = { .priority = 0 };            // defaults first
 *	rc = field_read(fields, ARRAY_LEN(fields), body, "", &s, err);
 *
 * A field that is absent leaves the struct as it was; JSON null counts as absent
 * unless the field is FIELD_RAW.  An unknown member is an error: CODE_FIELD_UNKNOWN
 * names it and the known ones.  err->place is the JSON Pointer (prefix + "/name").
 */
#ifndef TAKT_CODEC_FIELD_H
#define TAKT_CODEC_FIELD_H

#include "base/base.h"
#include "codec/json.h"

enum field_type {
	FIELD_TYPE_STR,    /* struct str; min and max are bytes of the decoded text */
	FIELD_TYPE_INT,    /* int64_t; min and max are the range */
	FIELD_TYPE_BOOL,   /* bool */
	FIELD_TYPE_RAW,    /* struct str: the exact bytes of any JSON value; max is bytes */
	FIELD_TYPE_VALUE,  /* const struct json *: any value; max is bytes of it */
	FIELD_TYPE_ARRAY,  /* const struct json *: an array; min and max are its count */
	FIELD_TYPE_OBJECT, /* const struct json *: an object; max is its count */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	bool is_required;
	int64_t min, max; /* max 0 means the type's default, see field.c */
	/* FIELD_TYPE_STR: when set, the allowed texts, "a|b|c". */
	const char *one_of;
	/* FIELD_TYPE_STR: when set, every byte must be one of these (ranges spelled as in
	 * tr: "a-zA-Z0-9._-"). */
	const char *bytes;
};
#define FIELD_OF(kind, st, member, ...)                                                            \
	{                                                                                          \
		.name = #member, .type = FIELD_TYPE_##kind, .offset = offsetof(st, member),        \
		__VA_ARGS__                                                                        \
	}
/* FIELD_STR(struct, member) or FIELD_STR(struct, member, .max = 10, …). */
#define FIELD_STR(st, ...) FIELD_OF(STR, st, __VA_ARGS__, )
#define FIELD_INT(st, ...) FIELD_OF(INT, st, __VA_ARGS__, )
#define FIELD_BOOL(st, ...) FIELD_OF(BOOL, st, __VA_ARGS__, )
#define FIELD_RAW(st, ...) FIELD_OF(RAW, st, __VA_ARGS__, )
#define FIELD_VALUE(st, ...) FIELD_OF(VALUE, st, __VA_ARGS__, )
#define FIELD_ARRAY(st, ...) FIELD_OF(ARRAY, st, __VA_ARGS__, )
#define FIELD_OBJECT(st, ...) FIELD_OF(OBJECT, st, __VA_ARGS__, )

/* Fills *into.  On an error *into may be partly filled; its old pointers stay valid.
 * CODE_FIELD_TYPE, _RANGE, _UNKNOWN, _MISSING. */
enum rc field_read(const struct field *fields, size_t n, const struct json *object,
                   const char *pointer_prefix, void *into, struct err *err) MUST_USE;

#endif
