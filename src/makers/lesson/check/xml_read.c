/* makers/lesson/check/xml_read.c: see xml_read.h. */
#include "makers/lesson/check/xml_read.h"

#include "base/arena.h"

enum { TEXT_MAX = 16 << 20 };

struct xml_reader {
	struct arena *arena;
	struct str in;
	size_t at;
	unsigned line;
	int depth;
	struct err *err;
};

static enum rc fail(const struct xml_reader *r, const char *what)
{
	err_set(r->err, CODE_INVALID, "%s", what);
	return err_at(r->err, "%u", r->line);
}

static int peek(const struct xml_reader *r)
{
	return r->at < r->in.len ? (unsigned char)r->in.ptr[r->at] : -1;
}

static void step(struct xml_reader *r, size_t n)
{
	for (size_t i = 0; i < n && r->at < r->in.len; i++)
		r->line += r->in.ptr[r->at++] == '\n';
}

static bool is_next(const struct xml_reader *r, const char *text)
{
	return str_starts(str_sub(r->in, r->at, r->in.len), str_z(text));
}

static void skip_blank(struct xml_reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n')
		step(r, 1);
}

static struct str read_name(struct xml_reader *r)
{
	size_t from = r->at;
	for (int c = peek(r);; c = peek(r)) {
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		bool is_later = (c >= '0' && c <= '9') || c == '-' || c == '.';
		if (!is_letter && !(is_later && r->at > from))
			break;
		step(r, 1);
	}
	return str_sub(r->in, from, r->at - from);
}

/* --- Texts --- */

static bool add_code_point(struct buf *out, uint32_t c)
{
	if (c > 0x7f || (c < 0x20 && c != '\t' && c != '\n'))
		return false; /* we write those as they are, or not at all */
	buf_addc(out, (char)c);
	return true;
}

/* At "&". */
static bool read_entity(struct xml_reader *r, struct buf *out)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' } };
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		if (is_next(r, entities[i].name)) {
			buf_addc(out, entities[i].c);
			step(r, strlen(entities[i].name));
			return true;
		}
	}
	uint32_t c = 0;
	if (!is_next(r, "&#"))
		return false;
	for (step(r, 2); peek(r) >= '0' && peek(r) <= '9' && c < 0x1000; step(r, 1))
		c = c * 10 + (uint32_t)(peek(r) - '0');
	if (peek(r) != ';')
		return false;
	step(r, 1);
	return add_code_point(out, c);
}

/* At "<![CDATA[". */
static bool read_cdata(struct xml_reader *r, struct buf *out)
{
	step(r, 9);
	size_t end = str_find(r->in, STR("]]>"), r->at);
	if (end == SIZE_MAX)
		return false;
	buf_add(out, str_sub(r->in, r->at, end - r->at));
	step(r, end + 3 - r->at);
	return true;
}

/* --- Elements --- */

static enum rc read_attributes(struct xml_reader *r, struct xml_node *node)
{
	for (skip_blank(r); peek(r) != '>' && peek(r) != '/'; skip_blank(r)) {
		struct buf value = BUF_INIT(TEXT_MAX);
		struct str name = read_name(r);
		bool is_fine = name.len > 0 && is_next(r, "=\"") &&
		               node->n_attributes < XML_ATTRIBUTES_MAX &&
		               xml_attribute(node, str_dupz(r->arena, name)).len == 0;
		if (!is_fine)
			return fail(r, "an attribute is not well-formed");
		for (step(r, 2); is_fine && peek(r) >= 0 && peek(r) != '"';) {
			if (peek(r) == '&')
				is_fine = read_entity(r, &value);
			else if ((is_fine = peek(r) != '<')) {
				buf_addc(&value, (char)peek(r));
				step(r, 1);
			}
		}
		node->attributes[node->n_attributes].name = name;
		node->attributes[node->n_attributes++].value = str_dup(r->arena, buf_str(&value));
		buf_fini(&value);
		if (!is_fine || peek(r) != '"')
			return fail(r, "a value is not well-formed");
		step(r, 1);
	}
	return RC_OK;
}

static enum rc read_element(struct xml_reader *r, struct xml_node **ret);

static enum rc read_content(struct xml_reader *r, struct xml_node *node, struct buf *text)
{
	struct xml_node **last = &node->first;
	while (!is_next(r, "</")) {
		bool is_fine = true;
		if (is_next(r, "<![CDATA[")) {
			is_fine = read_cdata(r, text);
		} else if (peek(r) == '<') {
			if (read_element(r, last) != RC_OK)
				return RC_INVALID;
			last = &(*last)->next;
		} else if (peek(r) == '&') {
			is_fine = read_entity(r, text);
		} else {
			is_fine = peek(r) >= 0 && !is_next(r, "]]>");
			buf_addc(text, (char)peek(r));
			step(r, 1);
		}
		if (!is_fine)
			return fail(r, "a text is not well-formed or not closed");
	}
	return RC_OK;
}

static enum rc end_element(struct xml_reader *r, struct xml_node *node)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	enum rc rc = read_content(r, node, &text);
	node->text = str_dup(r->arena, buf_str(&text));
	buf_fini(&text);
	if (rc != RC_OK)
		return rc;
	step(r, 2);
	if (!str_eq(read_name(r), node->name) || peek(r) != '>')
		return fail(r, "an element is closed by another name");
	step(r, 1);
	if (node->first && str_trim(node->text).len > 0)
		return fail(r, "there is text between elements");
	return RC_OK;
}

/* At "<". */
static enum rc read_element(struct xml_reader *r, struct xml_node **ret)
{
	struct xml_node *node = arena_new(r->arena, struct xml_node, 1);
	node->line = r->line;
	step(r, 1);
	node->name = read_name(r);
	*ret = node;
	if (node->name.len == 0)
		return fail(r, "this is no element");
	if (++r->depth > XML_DEPTH_MAX)
		return fail(r, "elements are nested too deep");
	enum rc rc = read_attributes(r, node);
	if (rc != RC_OK)
		return rc;
	bool is_empty = peek(r) == '/';
	step(r, is_empty ? 2 : 1);
	if (!is_empty)
		rc = end_element(r, node);
	r->depth--;
	return rc;
}

/* XML 1.0: no control characters but tab and line end, neither U+FFFE nor U+FFFF. */
static bool has_only_characters(struct str in)
{
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.ptr[i];
		if (c < 0x20 && c != '\t' && c != '\n')
			return false;
	}
	return utf8_check(in) == in.len && str_find(in, STR("\xef\xbf\xbe"), 0) == SIZE_MAX &&
	       str_find(in, STR("\xef\xbf\xbf"), 0) == SIZE_MAX;
}

enum rc xml_read(struct arena *a, struct str in, struct xml_node **ret, struct err *err)
{
	struct xml_reader r = { .arena = a, .in = in, .line = 1, .err = err };
	if (!has_only_characters(in))
		return fail(&r, "the file holds a character that XML does not allow");
	if (peek(&r) != '<')
		return fail(&r, "the file does not begin with an element");
	enum rc rc = read_element(&r, ret);
	skip_blank(&r);
	if (rc == RC_OK && r.at != in.len)
		rc = fail(&r, "there is something behind the last element");
	return rc;
}

struct str xml_attribute(const struct xml_node *node, const char *name)
{
	for (size_t i = 0; i < node->n_attributes; i++) {
		if (str_eqz(node->attributes[i].name, name))
			return node->attributes[i].value;
	}
	return STR("");
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (str_eqz(child->name, name))
			return child;
	}
	return NULL;
}
