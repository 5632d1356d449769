/* The log: one line per event on standard error, JSON or plain text.
 *
 *	LOG(LOG_INFO, "listening", LOG_STR("address", addr), LOG_INT("port", port));
 *
 * A line has time, level, message, and fields; strings are escaped and cut at 2 KiB.
 * Never pass a secret.  Any thread.  Lines are written whole, by one write(2). */
#ifndef TAKT_SYS_LOG_H
#define TAKT_SYS_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

struct log_field {
	const char *name;
	bool is_int;
	int64_t integer;
	struct str text;
};
#define LOG_STR(name, s) ((struct log_field){ (name), false, 0, (s) })
#define LOG_INT(name, i) ((struct log_field){ (name), true, (i), { 0 } })

void log_setup(enum log_level least, bool is_json, const char *program);
enum log_level log_level_least(void);
bool log_level_parse(struct str text, enum log_level *ret);
/* A line without fields, and one with. */
void log_note(enum log_level level, const char *message);
void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t n);
/* A failure: its code, place and text become fields. */
void log_err(enum log_level level, const char *message, const struct err *err);

#define LOG(level, message, ...)                                                                   \
	log_write((level), (message), (const struct log_field[]){ __VA_ARGS__ },                   \
	          sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
