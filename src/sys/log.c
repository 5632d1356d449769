/* The log: see log.h.
 *
 * A line is built in one buffer and written by one write(2), so that lines of several
 * threads and processes do not mix.  What comes from outside (paths, header values) may
 * be any bytes: control characters are escaped and broken UTF-8 is replaced, so that a
 * line is always one line and, as JSON, always valid. */
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "sys/log.h"

#include "base/str.h"
#include "sys/env.h"

enum { FIELD_MAX = 2048, LINE_MAX_BYTES = 64 * 1024 };

static const char *const level_names[] = { "debug", "info", "warn", "error", "off" };

static _Atomic int least_level = LOG_INFO;
static atomic_bool is_json_wanted;
static char program_name[32] = "takt";

void log_setup(enum log_level least, bool is_json, const char *program)
{
	atomic_store(&least_level, (int)least);
	atomic_store(&is_json_wanted, is_json);
	snprintf(program_name, sizeof program_name, "%s", program);
}

enum log_level log_level_least(void)
{
	return (enum log_level)atomic_load_explicit(&least_level, memory_order_relaxed);
}

bool log_level_parse(struct str text, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (str_eqz(text, level_names[i])) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static void add_escaped_byte(struct buf *b, unsigned char c)
{
	if (c == '"' || c == '\\') {
		buf_addc(b, '\\');
		buf_addc(b, (char)c);
	} else if (c == '\n') {
		buf_add(b, STR("\\n"));
	} else if (c == '\t') {
		buf_add(b, STR("\\t"));
	} else if (c < 0x20 || c == 0x7f) {
		buf_addf(b, "\\u%04x", c);
	} else {
		buf_addc(b, (char)c);
	}
}

static void add_well_formed(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		add_escaped_byte(b, (unsigned char)s.ptr[i]);
}

static void add_quoted(struct buf *b, struct str s)
{
	bool is_cut = s.len > FIELD_MAX;
	s.len = size_min(s.len, FIELD_MAX);
	buf_addc(b, '"');
	while (s.len) {
		size_t good = utf8_check(s);
		add_well_formed(b, str_sub(s, 0, good));
		if (good == s.len)
			break;
		buf_add(b, STR("\xef\xbf\xbd"));
		s = str_sub(s, good + 1, s.len);
	}
	buf_addz(b, is_cut ? "…\"" : "\"");
}

/* In a plain line a value without spaces and quotes needs no quotes. */
static bool is_plain_word(struct str s)
{
	if (s.len == 0 || s.len > 128)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '"' || s.ptr[i] == '=')
			return false;
	return true;
}

static void add_time(struct buf *b)
{
	int64_t ms = env_wall_ms(&env_system);
	time_t s = (time_t)(ms / 1000);
	struct tm t;
	gmtime_r(&s, &t);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
	         t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(ms % 1000));
}

static void add_json_line(struct buf *b, enum log_level level, const char *message,
                          const struct log_field *fields, size_t n)
{
	buf_add(b, STR("{\"time\":\""));
	add_time(b);
	buf_addf(b, "\",\"level\":\"%s\",\"program\":", level_names[level]);
	add_quoted(b, str_z(program_name));
	buf_add(b, STR(",\"message\":"));
	add_quoted(b, str_z(message));
	for (size_t i = 0; i < n; i++) {
		buf_addc(b, ',');
		add_quoted(b, str_z(fields[i].name));
		buf_addc(b, ':');
		if (fields[i].is_int)
			buf_add_i64(b, fields[i].integer);
		else
			add_quoted(b, fields[i].text);
	}
	buf_add(b, STR("}\n"));
}

static void add_plain_line(struct buf *b, enum log_level level, const char *message,
                           const struct log_field *fields, size_t n)
{
	add_time(b);
	buf_addf(b, " %-5s %s: ", level_names[level], program_name);
	add_well_formed(b, str_z(message));
	for (size_t i = 0; i < n; i++) {
		buf_addf(b, " %s=", fields[i].name);
		if (fields[i].is_int)
			buf_add_i64(b, fields[i].integer);
		else if (is_plain_word(fields[i].text))
			buf_add(b, fields[i].text);
		else
			add_quoted(b, fields[i].text);
	}
	buf_addc(b, '\n');
}

/* A pipe may take a part; a reader that is gone or full loses the line, we lose
 * nothing. */
static void write_line(struct str line)
{
	while (line.len) {
		ssize_t n = write(STDERR_FILENO, line.ptr, line.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		line = str_sub(line, (size_t)n, line.len);
	}
}

void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t n)
{
	assert(level < LOG_OFF && message);
	if (level < log_level_least())
		return;
	int saved = errno;
	AUTO(buf_fini) struct buf b = BUF_INIT(LINE_MAX_BYTES);
	if (atomic_load(&is_json_wanted))
		add_json_line(&b, level, message, fields, n);
	else
		add_plain_line(&b, level, message, fields, n);
	if (buf_rc(&b) != RC_OK) { /* many long fields: better the message alone than half */
		buf_clear(&b);
		const struct log_field cut[] = { LOG_INT("fields_dropped", (int64_t)n) };
		if (atomic_load(&is_json_wanted))
			add_json_line(&b, level, message, cut, 1);
		else
			add_plain_line(&b, level, message, cut, 1);
	}
	write_line(buf_str(&b));
	errno = saved;
}

void log_note(enum log_level level, const char *message)
{
	log_write(level, message, NULL, 0);
}

void log_err(enum log_level level, const char *message, const struct err *err)
{
	const struct log_field fields[] = {
		LOG_STR("code", str_z(code_text(err->code))),
		LOG_STR("error", str_z(err->text)),
		LOG_STR("place", str_z(err->place)),
	};
	log_write(level, message, fields, err->place[0] ? 3 : 2);
}
