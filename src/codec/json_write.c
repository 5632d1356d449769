/* Writing JSON into a buffer: see json.h. */
#include <math.h>

#include "codec/json.h"

void json_out_init(struct json_out *o, struct buf *buf)
{
	*o = (struct json_out){ .buf = buf };
}

/* The comma between members, and the rule that a member of an object has a key. */
static void before_value(struct json_out *o)
{
	assert(o->buf);
	if (o->depth > 0 && o->in_object[o->depth - 1]) {
		assert(o->has_key);
		o->has_key = false;
		return;
	}
	assert(!o->has_key);
	if (o->depth == 0)
		return;
	if (o->has_member[o->depth - 1])
		buf_addc(o->buf, ',');
	o->has_member[o->depth - 1] = true;
}

static void begin(struct json_out *o, bool is_object)
{
	before_value(o);
	assert(o->depth < JSON_OUT_DEPTH);
	o->in_object[o->depth] = is_object;
	o->has_member[o->depth] = false;
	o->depth++;
	buf_addc(o->buf, is_object ? '{' : '[');
}

static void end(struct json_out *o, bool is_object)
{
	assert(o->depth > 0 && o->in_object[o->depth - 1] == is_object && !o->has_key);
	o->depth--;
	buf_addc(o->buf, is_object ? '}' : ']');
}

void json_begin_object(struct json_out *o)
{
	begin(o, true);
}

void json_end_object(struct json_out *o)
{
	end(o, true);
}

void json_begin_array(struct json_out *o)
{
	begin(o, false);
}

void json_end_array(struct json_out *o)
{
	end(o, false);
}

/* 0: as it is; 'u': \u00XX; else the letter behind the backslash. */
static const char escapes[256] = {
	['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
	['\t'] = 't', [0x00] = 'u',  [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
	[0x05] = 'u', [0x06] = 'u',  [0x07] = 'u', [0x0b] = 'u', [0x0e] = 'u', [0x0f] = 'u',
	[0x10] = 'u', [0x11] = 'u',  [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',
	[0x16] = 'u', [0x17] = 'u',  [0x18] = 'u', [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u',
	[0x1c] = 'u', [0x1d] = 'u',  [0x1e] = 'u', [0x1f] = 'u',
};

static void add_escaped(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char six[6] = { '\\', escapes[c], '0', '0', hex[c >> 4], hex[c & 15] };
	buf_add(b, (struct str){ six, escapes[c] == 'u' ? 6 : 2 });
}

static void add_quoted(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	size_t done = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!escapes[(unsigned char)s.ptr[i]])
			continue;
		buf_add(b, (struct str){ s.ptr + done, i - done });
		add_escaped(b, (unsigned char)s.ptr[i]);
		done = i + 1;
	}
	buf_add(b, str_sub(s, done, SIZE_MAX));
	buf_addc(b, '"');
}

void json_key(struct json_out *o, struct str name)
{
	assert(o->depth > 0 && o->in_object[o->depth - 1] && !o->has_key);
	if (o->has_member[o->depth - 1])
		buf_addc(o->buf, ',');
	o->has_member[o->depth - 1] = true;
	o->has_key = true;
	add_quoted(o->buf, name);
	buf_addc(o->buf, ':');
}

void json_str(struct json_out *o, struct str s)
{
	before_value(o);
	add_quoted(o->buf, s);
}

void json_int(struct json_out *o, int64_t v)
{
	before_value(o);
	buf_add_i64(o->buf, v);
}

void json_double(struct json_out *o, double v)
{
	before_value(o);
	if (!isfinite(v)) {
		buf_addz(o->buf, "null");
		return;
	}
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		double back = strtod(text, NULL);
		if (memcmp(&back, &v, sizeof v) == 0)
			break;
	}
	buf_addz(o->buf, text);
}

void json_bool(struct json_out *o, bool v)
{
	before_value(o);
	buf_addz(o->buf, v ? "true" : "false");
}

void json_null(struct json_out *o)
{
	before_value(o);
	buf_addz(o->buf, "null");
}

void json_raw(struct json_out *o, struct str valid_json)
{
	assert(valid_json.len > 0);
	before_value(o);
	buf_add(o->buf, valid_json);
}

/* Trees may be deeper than json_out's own stack; theirs is bounded by the reader. */
static void add_tree(struct buf *b, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		buf_addz(b, "null");
		return;
	case JSON_BOOL:
		buf_addz(b, v->boolean ? "true" : "false");
		return;
	case JSON_NUMBER:
		buf_add(b, v->raw); /* as written: nothing is lost */
		return;
	case JSON_STRING:
		add_quoted(b, v->text);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	bool is_object = v->type == JSON_OBJECT;
	buf_addc(b, is_object ? '{' : '[');
	json_each(child, v) {
		if (child != v->first)
			buf_addc(b, ',');
		if (is_object) {
			add_quoted(b, child->name);
			buf_addc(b, ':');
		}
		add_tree(b, child);
	}
	buf_addc(b, is_object ? '}' : ']');
}

void json_value(struct json_out *o, const struct json *v)
{
	assert(v);
	before_value(o);
	add_tree(o->buf, v);
}

void json_put_str(struct json_out *o, const char *key, struct str v)
{
	json_key(o, str_z(key));
	json_str(o, v);
}

void json_put_int(struct json_out *o, const char *key, int64_t v)
{
	json_key(o, str_z(key));
	json_int(o, v);
}

void json_put_bool(struct json_out *o, const char *key, bool v)
{
	json_key(o, str_z(key));
	json_bool(o, v);
}

void json_put_raw(struct json_out *o, const char *key, struct str valid_json)
{
	json_key(o, str_z(key));
	json_raw(o, valid_json);
}
