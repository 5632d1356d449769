/* YAML → JSON value: see yaml.h.
 *
 * libyaml's events are written as JSON text, and that text is read by the JSON reader:
 * so every value has raw bytes, numbers have one meaning, and there is one place that
 * builds trees.  Beside the text stands a list of places, one per value in order of
 * appearance; it gives each value its offset in the YAML.
 *
 * libyaml counts characters, we count bytes: byte_of() walks along, since events come
 * in the order of the text.
 */
#include <yaml.h>

#include "codec/yaml.h"

#include "base/arena.h"
#include "codec/json_priv.h"

enum { YAML_DEPTH_MAX = 512, ESCAPE_GROWTH = 8 };

struct place {
	size_t at, key_at;
};

struct level {
	bool is_object, is_value; /* is_value: a key was read, its value comes next */
	bool has_member;
};

struct source {
	yaml_parser_t parser;
	struct str in;
	struct json_limits limits;
	struct buf out; /* JSON text */
	struct place *places;
	size_t n_places, cap_places;
	size_t key_at;
	struct level levels[YAML_DEPTH_MAX];
	uint32_t depth;
	size_t chars, bytes; /* the same place, counted in both ways */
	struct err *err;
};

/* --- places and errors --- */

static size_t byte_of(struct source *s, size_t chars)
{
	if (chars < s->chars)
		s->chars = s->bytes = 0;
	while (s->chars < chars && s->bytes < s->in.len) {
		s->bytes++;
		while (s->bytes < s->in.len && ((unsigned char)s->in.ptr[s->bytes] & 0xc0) == 0x80)
			s->bytes++;
		s->chars++;
	}
	return s->bytes;
}

static enum rc refuse(struct source *s, size_t at, enum code code, const char *sentence)
{
	unsigned line, column;
	text_place(s->in, at, &line, &column);
	err_set(s->err, code, "%s", sentence);
	if (s->err)
		err_at(s->err, "%u:%u", line, column);
	return code_rc(code);
}

static enum rc libyaml_failed(struct source *s)
{
	const yaml_parser_t *p = &s->parser;
	char text[200];
	if (p->error == YAML_MEMORY_ERROR)
		abort();
	snprintf(text, sizeof text, "%s%s%s", p->problem ? p->problem : "no valid YAML",
	         p->context ? " " : "", p->context ? p->context : "");
	if (p->error == YAML_READER_ERROR)
		return refuse(s, p->problem_offset, CODE_INVALID, text);
	return refuse(s, byte_of(s, p->problem_mark.index), CODE_INVALID, text);
}

/* --- plain scalars: the core schema of YAML 1.2 --- */

enum plain {
	PLAIN_TEXT,
	PLAIN_NULL,
	PLAIN_TRUE,
	PLAIN_FALSE,
	PLAIN_INT,
	PLAIN_FLOAT,
	PLAIN_BASED,
	PLAIN_NOT_FINITE
};

static bool is_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(s, words[i]))
			return true;
	return false;
}

static size_t count_digits(struct str s, size_t from)
{
	size_t n = 0;
	while (from + n < s.len && s.ptr[from + n] >= '0' && s.ptr[from + n] <= '9')
		n++;
	return n;
}

/* [-+]? ( digits ( . digits* )? | . digits ) ( [eE] [-+]? digits )? */
static enum plain number_kind(struct str s)
{
	size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
	size_t whole = count_digits(s, i), part = 0;
	i += whole;
	bool has_point = i < s.len && s.ptr[i] == '.';
	if (has_point) {
		part = count_digits(s, i + 1);
		i += 1 + part;
	}
	if (whole + part == 0)
		return PLAIN_TEXT;
	bool has_exponent = i < s.len && (s.ptr[i] | 0x20) == 'e';
	if (has_exponent) {
		i++;
		i += i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+');
		size_t digits = count_digits(s, i);
		if (digits == 0)
			return PLAIN_TEXT;
		i += digits;
	}
	if (i != s.len)
		return PLAIN_TEXT;
	return has_point || has_exponent ? PLAIN_FLOAT : PLAIN_INT;
}

static int based_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* 0x… and 0o…; RC_INVALID when it is neither, RC_LIMIT when it is too large. */
static enum rc based_integer(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (s.len < 3 || s.ptr[0] != '0' || (s.ptr[1] != 'x' && s.ptr[1] != 'o'))
		return RC_INVALID;
	uint64_t base = s.ptr[1] == 'x' ? 16 : 8;
	bool is_large = false;
	for (size_t i = 2; i < s.len; i++) {
		uint64_t digit = (uint64_t)based_digit(s.ptr[i]);
		if (digit >= base)
			return RC_INVALID;
		is_large = is_large || v > UINT64_MAX / base;
		v = v * base + digit;
	}
	*ret = v;
	return is_large ? RC_LIMIT : RC_OK;
}

static enum plain plain_kind(struct str s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
	static const char *const trues[] = { "true", "True", "TRUE" };
	static const char *const falses[] = { "false", "False", "FALSE" };
	static const char *const not_finite[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN" };
	uint64_t unused;
	if (is_any(s, nulls, ARRAY_LEN(nulls)))
		return PLAIN_NULL;
	if (is_any(s, trues, ARRAY_LEN(trues)))
		return PLAIN_TRUE;
	if (is_any(s, falses, ARRAY_LEN(falses)))
		return PLAIN_FALSE;
	size_t sign = s.ptr[0] == '-' || s.ptr[0] == '+';
	if (is_any(str_sub(s, sign, SIZE_MAX), not_finite, ARRAY_LEN(not_finite)))
		return PLAIN_NOT_FINITE;
	if (based_integer(s, &unused) != RC_INVALID)
		return PLAIN_BASED;
	return number_kind(s);
}

/* YAML writes +1, 007, .5 and 1. where JSON wants 1, 7, 0.5 and 1.0. */
static void add_number(struct buf *out, struct str s)
{
	if (s.ptr[0] == '-')
		buf_addc(out, '-');
	if (s.ptr[0] == '-' || s.ptr[0] == '+')
		s = str_sub(s, 1, SIZE_MAX);
	size_t whole = count_digits(s, 0), zeros = 0;
	while (zeros + 1 < whole && s.ptr[zeros] == '0')
		zeros++;
	buf_add(out, whole ? str_sub(s, zeros, whole - zeros) : STR("0"));
	s = str_sub(s, whole, SIZE_MAX);
	if (s.len && s.ptr[0] == '.') {
		size_t part = count_digits(s, 1);
		buf_addc(out, '.');
		buf_add(out, part ? str_sub(s, 1, part) : STR("0"));
		s = str_sub(s, 1 + part, SIZE_MAX);
	}
	buf_add(out, s);
}

/* --- events → JSON text --- */

static struct level *top(struct source *s)
{
	return s->depth ? &s->levels[s->depth - 1] : NULL;
}

/* Is the next node the key of a mapping? */
static bool is_key_next(struct source *s)
{
	return top(s) && top(s)->is_object && !top(s)->is_value;
}

static enum rc begin_value(struct source *s, size_t at)
{
	struct level *level = top(s);
	if (s->n_places == s->limits.values_max)
		return refuse(s, at, CODE_JSON_LIMIT, "more values than the limit");
	if (s->n_places == s->cap_places) {
		s->cap_places = s->cap_places ? s->cap_places * 2 : 64;
		s->places = xrealloc(s->places, s->cap_places * sizeof *s->places);
	}
	s->places[s->n_places++] = (struct place){ at, s->key_at };
	if (!level)
		return RC_OK;
	if (!level->is_object && level->has_member)
		buf_addc(&s->out, ',');
	level->has_member = true;
	level->is_value = false;
	return RC_OK;
}

static void add_text(struct source *s, struct str text)
{
	struct json_out o;
	json_out_init(&o, &s->out);
	json_str(&o, text);
}

static enum rc add_key(struct source *s, struct str text, bool is_plain, size_t at)
{
	struct level *level = top(s);
	if (is_plain && plain_kind(text) != PLAIN_TEXT)
		return refuse(s, at, CODE_INVALID, "a key must be a string; put it in quotes");
	if (text.len && memchr(text.ptr, '\0', text.len))
		return refuse(s, at, CODE_INVALID, "a key must not contain NUL");
	if (level->has_member)
		buf_addc(&s->out, ',');
	add_text(s, text);
	buf_addc(&s->out, ':');
	level->is_value = true;
	s->key_at = at;
	return RC_OK;
}

static enum rc add_plain(struct source *s, struct str text, size_t at)
{
	uint64_t v = 0;
	switch (plain_kind(text)) {
	case PLAIN_TEXT:
		add_text(s, text);
		return RC_OK;
	case PLAIN_NULL:
		buf_addz(&s->out, "null");
		return RC_OK;
	case PLAIN_TRUE:
		buf_addz(&s->out, "true");
		return RC_OK;
	case PLAIN_FALSE:
		buf_addz(&s->out, "false");
		return RC_OK;
	case PLAIN_INT:
	case PLAIN_FLOAT:
		add_number(&s->out, text);
		return RC_OK;
	case PLAIN_BASED:
		if (based_integer(text, &v) != RC_OK)
			return refuse(s, at, CODE_JSON_LIMIT, "the integer has more than 64 bits");
		buf_addf(&s->out, "%llu", (unsigned long long)v);
		return RC_OK;
	case PLAIN_NOT_FINITE:
		return refuse(s, at, CODE_INVALID, "a number must be finite");
	}
	abort();
}

static enum rc on_scalar(struct source *s, const yaml_event_t *e, size_t at)
{
	struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };
	bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (e->data.scalar.anchor)
		return refuse(s, at, CODE_INVALID, "anchors are not allowed");
	if (e->data.scalar.tag)
		return refuse(s, at, CODE_INVALID, "tags are not allowed");
	if (is_key_next(s))
		return add_key(s, text, is_plain, at);
	enum rc rc = begin_value(s, at);
	if (rc != RC_OK)
		return rc;
	if (is_plain)
		return add_plain(s, text, at);
	add_text(s, text);
	return RC_OK;
}

static enum rc on_begin(struct source *s, bool is_object, bool has_anchor, bool has_tag, size_t at)
{
	if (has_anchor)
		return refuse(s, at, CODE_INVALID, "anchors are not allowed");
	if (has_tag)
		return refuse(s, at, CODE_INVALID, "tags are not allowed");
	if (is_key_next(s))
		return refuse(s, at, CODE_INVALID, "a key must be a string");
	if (s->depth == s->limits.depth_max)
		return refuse(s, at, CODE_JSON_LIMIT, "nested deeper than the limit");
	enum rc rc = begin_value(s, at);
	if (rc != RC_OK)
		return rc;
	s->levels[s->depth++] = (struct level){ .is_object = is_object };
	buf_addc(&s->out, is_object ? '{' : '[');
	return RC_OK;
}

static enum rc on_end(struct source *s)
{
	buf_addc(&s->out, top(s)->is_object ? '}' : ']');
	s->depth--;
	return RC_OK;
}

static enum rc on_document(struct source *s, const yaml_event_t *e, size_t at)
{
	if (s->n_places)
		return refuse(s, at, CODE_INVALID, "only one document is allowed");
	if (e->data.document_start.tag_directives.start !=
	    e->data.document_start.tag_directives.end)
		return refuse(s, at, CODE_INVALID, "tags are not allowed");
	return RC_OK;
}

static enum rc on_event(struct source *s, const yaml_event_t *e)
{
	size_t at = byte_of(s, e->start_mark.index);
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(s, e, at);
	case YAML_MAPPING_START_EVENT:
		return on_begin(s, true, e->data.mapping_start.anchor, e->data.mapping_start.tag,
		                at);
	case YAML_SEQUENCE_START_EVENT:
		return on_begin(s, false, e->data.sequence_start.anchor, e->data.sequence_start.tag,
		                at);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return on_end(s);
	case YAML_ALIAS_EVENT:
		return refuse(s, at, CODE_INVALID, "aliases are not allowed");
	case YAML_DOCUMENT_START_EVENT:
		return on_document(s, e, at);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return RC_OK;
	}
	abort();
}

static enum rc read_events(struct source *s)
{
	bool is_end = false;
	while (!is_end) {
		yaml_event_t event;
		if (!yaml_parser_parse(&s->parser, &event))
			return libyaml_failed(s);
		is_end = event.type == YAML_STREAM_END_EVENT;
		enum rc rc = on_event(s, &event);
		yaml_event_delete(&event);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* --- JSON text → tree --- */

/* Numbers the values in order of appearance: `at` holds an index for a moment. */
static enum rc number_values(struct source *s, struct json *v, size_t *next)
{
	v->at = (*next)++;
	for (struct json *child = v->first; child; child = child->next) {
		enum rc rc = number_values(s, child, next);
		if (rc != RC_OK)
			return rc;
	}
	const struct json *twice = v->type == JSON_OBJECT ? json_duplicate(v) : NULL;
	if (!twice)
		return RC_OK;
	return refuse(s, s->places[twice->at].key_at, CODE_INVALID,
	              "the key stands twice in one mapping");
}

static void set_places(const struct source *s, struct json *v)
{
	v->at = s->places[v->at].at;
	for (struct json *child = v->first; child; child = child->next)
		set_places(s, child);
}

static enum rc build_tree(struct source *s, struct arena *a, const struct json **ret)
{
	const struct json *root;
	size_t next = 0;
	if (s->n_places == 0) { /* nothing but comments */
		enum rc rc = begin_value(s, 0);
		if (rc != RC_OK)
			return rc;
		buf_addz(&s->out, "null");
	}
	if (buf_rc(&s->out) != RC_OK)
		return refuse(s, 0, CODE_JSON_LIMIT, "the text is too large");
	enum rc rc = json_read_repeating(a, str_dup(a, buf_str(&s->out)), s->limits.depth_max,
	                                 &root, s->err);
	if (rc != RC_OK)
		return rc;
	struct json *tree = (struct json *)root; /* ours until it is handed out */
	rc = number_values(s, tree, &next);
	if (rc != RC_OK)
		return rc;
	assert(next == s->n_places);
	set_places(s, tree);
	*ret = tree;
	return RC_OK;
}

static enum rc read_source(struct source *s, struct arena *a, const struct json **ret)
{
	size_t bad = utf8_check(s->in);
	if (s->in.len > s->limits.bytes_max)
		return refuse(s, 0, CODE_JSON_LIMIT, "the text has more bytes than the limit");
	if (bad < s->in.len)
		return refuse(s, bad, CODE_UTF8, "the text is not UTF-8 here");
	enum rc rc = read_events(s);
	return rc == RC_OK ? build_tree(s, a, ret) : rc;
}

enum rc yaml_read(struct arena *a, struct str in, const struct json_limits *limits,
                  const struct json **ret, struct err *err)
{
	assert(a && ret && (in.ptr || in.len == 0));
	struct source *s = xcalloc(1, sizeof *s);
	s->in = in.len ? in : STR("");
	s->err = err;
	s->limits = limits ? *limits : json_limits_default;
	assert(s->limits.depth_max <= YAML_DEPTH_MAX);
	buf_init(&s->out, s->limits.bytes_max * ESCAPE_GROWTH + 64);
	if (!yaml_parser_initialize(&s->parser))
		abort();
	yaml_parser_set_encoding(&s->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&s->parser, (const unsigned char *)s->in.ptr, s->in.len);
	enum rc rc = read_source(s, a, ret);
	yaml_parser_delete(&s->parser);
	buf_fini(&s->out);
	free(s->places);
	free(s);
	return rc;
}
