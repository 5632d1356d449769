/* What every module shares: views of bytes, outcomes, and the words for bugs.
 *
 * Three kinds of failure never mix.  A bug aborts (assert stays on in release
 * builds).  An expected miss or a failing environment is an `enum rc`.  A failure
 * that somebody must be able to read or to program against is also put into a
 * `struct err`: a stable code, the place, and a sentence.
 */
#ifndef TAKT_BASE_BASE_H
#define TAKT_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define AUTO(fini) __attribute__((cleanup(fini)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

/* A view of bytes.  Owns nothing, assumes no terminator, travels by value. */
struct str {
	const char *ptr;
	size_t len;
};
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit)                                                                              \
	{                                                                                          \
		"" lit, sizeof(lit) - 1                                                            \
	} /* for static initialisers */
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

/* Outcomes.  Bugs abort, so they have no outcome. */
#define RC_TABLE(X)                                                                                \
	X(OK, "ok")                                                                                \
	X(INVALID, "the request makes no sense")                                                   \
	X(DENIED, "you may not do that")                                                           \
	X(NOT_FOUND, "there is no such thing")                                                     \
	X(CONFLICT, "it exists already, or has changed meanwhile")                                 \
	X(LOST, "the lease is no longer yours")                                                    \
	X(LIMIT, "a configured limit was reached")                                                 \
	X(BUSY, "try again; nothing happened")                                                     \
	X(IO, "storage or network failed; nothing happened")                                       \
	X(UNKNOWN, "the reply was lost; find out by reading")

enum rc {
#define X(name, text) RC_##name,
	RC_TABLE(X)
#undef X
	        RC_COUNT
};

const char *rc_text(enum rc rc); /* the sentence of the table, static */

/* Stable codes: what a program may rely on in an error.  They appear in
 * problem+json, in `--json` output and in docs/reference/errors.md; a code is
 * never renamed.  Each belongs to one outcome. */
#define CODE_TABLE(X)                                                                              \
	X(NONE, OK, "none")                                                                        \
	X(INVALID, INVALID, "invalid")                                                             \
	X(JSON_SYNTAX, INVALID, "json_syntax")                                                     \
	X(JSON_LIMIT, LIMIT, "json_limit")                                                         \
	X(UTF8, INVALID, "invalid_utf8")                                                           \
	X(FIELD_TYPE, INVALID, "field_type")                                                       \
	X(FIELD_RANGE, INVALID, "field_range")                                                     \
	X(FIELD_UNKNOWN, INVALID, "field_unknown")                                                 \
	X(FIELD_MISSING, INVALID, "field_missing")                                                 \
	X(SCHEMA, INVALID, "schema_mismatch")                                                      \
	X(BAD_SCHEMA, INVALID, "bad_schema")                                                       \
	X(BAD_ID, INVALID, "bad_id")                                                               \
	X(BAD_CURSOR, INVALID, "bad_cursor")                                                       \
	X(BAD_PATH, INVALID, "bad_path")                                                           \
	X(BAD_WORKFLOW, INVALID, "bad_workflow")                                                   \
	X(BAD_REFERENCE, INVALID, "bad_reference")                                                 \
	X(BAD_CONFIG, INVALID, "bad_config")                                                       \
	X(BAD_REQUEST, INVALID, "bad_request")                                                     \
	X(METHOD_NOT_ALLOWED, INVALID, "method_not_allowed")                                       \
	X(UNSUPPORTED_MEDIA_TYPE, INVALID, "unsupported_media_type")                               \
	X(HASH_MISMATCH, INVALID, "hash_mismatch")                                                 \
	X(BRIEF_TOO_SHORT, INVALID, "brief_too_short")                                             \
	X(BRIEF_TOO_LONG, INVALID, "brief_too_long")                                               \
	X(BRIEF_NOT_TEXT, INVALID, "brief_not_text")                                               \
	X(NOTHING_TO_ASK, INVALID, "nothing_to_ask")                                               \
	X(CHECK_FAILED, INVALID, "check_failed")                                                   \
	X(UNAUTHENTICATED, DENIED, "unauthenticated")                                              \
	X(FORBIDDEN, DENIED, "forbidden")                                                          \
	X(BAD_HOST, DENIED, "bad_host")                                                            \
	X(BAD_ORIGIN, DENIED, "bad_origin")                                                        \
	X(NOT_FOUND, NOT_FOUND, "not_found")                                                       \
	X(CONFLICT, CONFLICT, "conflict")                                                          \
	X(KEY_REUSED, CONFLICT, "idempotency_key_reused")                                          \
	X(WRONG_STATE, CONFLICT, "wrong_state")                                                    \
	X(APPROVAL_CHANGED, CONFLICT, "approval_changed")                                          \
	X(FOLDER_HELD, CONFLICT, "data_folder_held")                                               \
	X(SCHEMA_NEWER, CONFLICT, "schema_newer")                                                  \
	X(PORT_TAKEN, CONFLICT, "port_taken")                                                      \
	X(LEASE_LOST, LOST, "lease_lost")                                                          \
	X(TOO_LARGE, LIMIT, "too_large")                                                           \
	X(OUTPUT_TOO_LARGE, LIMIT, "output_too_large")                                             \
	X(QUEUE_FULL, LIMIT, "queue_full")                                                         \
	X(AGENTS_FULL, LIMIT, "agents_full")                                                       \
	X(TOO_DEEP, LIMIT, "too_deep")                                                             \
	X(OVERLOADED, BUSY, "overloaded")                                                          \
	X(SHUTTING_DOWN, BUSY, "shutting_down")                                                    \
	X(DISK_FULL, IO, "disk_full")                                                              \
	X(DAMAGED, IO, "damaged")                                                                  \
	X(IO, IO, "io")                                                                            \
	X(NO_SERVER, IO, "no_server")                                                              \
	X(TOOL_MISSING, NOT_FOUND, "tool_missing")                                                 \
	X(UNKNOWN_OUTCOME, UNKNOWN, "unknown_outcome")

enum code {
#define X(name, rc, text) CODE_##name,
	CODE_TABLE(X)
#undef X
	        CODE_COUNT
};

const char *code_text(enum code code); /* "lease_lost", static */
enum rc code_rc(enum code code);
enum code code_find(struct str text); /* CODE_NONE when unknown */

/* Where a failure is put into words.  Fixed size: reporting never allocates. */
struct err {
	enum rc rc;
	enum code code;
	char place[128]; /* JSON Pointer, file:line or setting; "" when there is none */
	char text[240];  /* one sentence, no final stop, no secret */
};

/* Fills *err (NULL is fine: nobody wants to read it) and returns the outcome of
 * the code, so that `return err_set(…)` is one line.  Leaves err->place empty. */
enum rc err_set(struct err *err, enum code code, const char *fmt, ...) PRINTF(3, 4);
/* Says where.  Truncates politely.  Returns err->rc. */
enum rc err_at(struct err *err, const char *fmt, ...) PRINTF(2, 3);
/* Appends "; PREFIX…" style context in front: "PREFIX: old text". */
enum rc err_prefix(struct err *err, const char *fmt, ...) PRINTF(2, 3);

#if defined __clang_analyzer__ || defined ANALYZED
/* For analyzers, which see one file at a time: behind these nothing has succeeded. */
#define err_set(...) ((void)(err_set)(__VA_ARGS__), RC_INVALID)
#define err_at(...) ((void)(err_at)(__VA_ARGS__), RC_INVALID)
#define err_prefix(...) ((void)(err_prefix)(__VA_ARGS__), RC_INVALID)
#endif

/* Memory.  All abort when memory is gone; sizes from outside are checked against
 * a limit before they get here. */
void *xmalloc(size_t size) MUST_USE;
void *xcalloc(size_t n, size_t size) MUST_USE;
void *xrealloc(void *p, size_t size) MUST_USE;
char *xstrndup(const char *ptr, size_t len) MUST_USE;

static inline size_t size_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline int64_t int64_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t int64_max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#include "base/banned.h"

#endif
