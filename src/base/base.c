/* Outcomes, codes, and memory that aborts: see base.h. */
#include "base/base.h"

#include <stdarg.h>

static const char *const rc_texts[] = {
#define X(name, text) [RC_##name] = text,
	RC_TABLE(X)
#undef X
};

static const struct {
	enum rc rc;
	const char *text;
} codes[] = {
#define X(name, rc, text) [CODE_##name] = { RC_##rc, text },
	CODE_TABLE(X)
#undef X
};

const char *rc_text(enum rc rc)
{
	assert(rc < RC_COUNT);
	return rc_texts[rc];
}

const char *code_text(enum code code)
{
	assert(code < CODE_COUNT);
	return codes[code].text;
}

enum rc code_rc(enum code code)
{
	assert(code < CODE_COUNT);
	return codes[code].rc;
}

enum code code_find(struct str text)
{
	for (enum code c = CODE_NONE + 1; c < CODE_COUNT; c++)
		if (strlen(codes[c].text) == text.len &&
		    memcmp(codes[c].text, text.ptr, text.len) == 0)
			return c;
	return CODE_NONE;
}

/* What was cut by length must still be UTF-8: drops the beginning of a character whose
 * end did not fit. */
static void cut_at_character(char *text)
{
	size_t len = strlen(text), back = 0;
	while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == len)
		return;
	unsigned char lead = (unsigned char)text[len - 1 - back];
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (want > back + 1)
		text[len - 1 - back] = '\0';
}

/* What they are to analyzers. */
#undef err_set
#undef err_at
#undef err_prefix

enum rc err_set(struct err *err, enum code code, const char *fmt, ...)
{
	enum rc rc = code_rc(code);
	if (!err)
		return rc;
	err->rc = rc;
	err->code = code;
	err->place[0] = '\0';
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	cut_at_character(err->text);
	return rc;
}

enum rc err_at(struct err *err, const char *fmt, ...)
{
	if (!err)
		return RC_INVALID;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(err->place, sizeof err->place, fmt, ap);
	va_end(ap);
	cut_at_character(err->place);
	return err->rc;
}

enum rc err_prefix(struct err *err, const char *fmt, ...)
{
	if (!err)
		return RC_INVALID;
	char old[sizeof err->text];
	memcpy(old, err->text, sizeof old);
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof err->text)
		snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", old);
	cut_at_character(err->text);
	return err->rc;
}

static void *or_die(void *p)
{
	if (!p) {
		fputs("takt: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return or_die(realloc(p, size ? size : 1));
}

char *xstrndup(const char *ptr, size_t len)
{
	char *s = xmalloc(len + 1);
	if (len)
		memcpy(s, ptr, len);
	s[len] = '\0';
	return s;
}
