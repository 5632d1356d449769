/* makers/lesson/check/html_read.c: see html_read.h.  Strict on purpose: what it does not
 * know is HTML_BAD, so that a page which passes holds nothing unexpected. */
#include "makers/lesson/check/html_read.h"

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == ':';
}

static struct str take(struct html_reader *r, size_t to)
{
	struct str ret = str_sub(r->in, r->at, to - r->at);
	for (size_t i = 0; i < ret.len; i++)
		r->line += ret.ptr[i] == '\n';
	r->at = to;
	return ret;
}

bool html_is_void(struct str name)
{
	return str_eqz(name, "meta") || str_eqz(name, "link") || str_eqz(name, "br") ||
	       str_eqz(name, "hr") || str_eqz(name, "input") || str_eqz(name, "img");
}

/* From "<" to behind its ">", which no quoted value hides. */
static size_t tag_end(struct str in, size_t at)
{
	bool is_quoted = false;
	for (; at < in.len; at++) {
		if (in.ptr[at] == '"')
			is_quoted = !is_quoted;
		else if (in.ptr[at] == '>' && !is_quoted)
			return at + 1;
	}
	return SIZE_MAX;
}

static struct html_item read_tag(struct html_reader *r)
{
	struct html_item ret = { .kind = HTML_BAD, .line = r->line };
	size_t end = tag_end(r->in, r->at);
	if (end == SIZE_MAX) {
		r->at = r->in.len;
		return ret;
	}
	struct str tag = take(r, end);
	struct str inside = str_sub(tag, 1, tag.len - 2);
	if (str_eq_nocase(inside, STR("!DOCTYPE html"))) {
		ret.kind = HTML_DOCTYPE;
		return ret;
	}
	bool is_close = str_starts(inside, STR("/"));
	inside = str_sub(inside, is_close, inside.len);
	size_t n = 0;
	while (n < inside.len && is_name_byte(inside.ptr[n]))
		n++;
	ret.name = str_sub(inside, 0, n);
	ret.attributes = str_trim(str_sub(inside, n, inside.len));
	if (n > 0 && !(is_close && ret.attributes.len > 0))
		ret.kind = is_close ? HTML_CLOSE : HTML_OPEN;
	return ret;
}

/* Whether the text that begins here is the content of script or style. */
static struct str raw_element(const struct html_reader *r)
{
	static const char *const names[] = { "script", "style" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t open = r->at;
		while (open > 0 && r->in.ptr[open - 1] != '<' && r->in.ptr[open - 1] != '\n')
			open--;
		struct str tag = str_sub(r->in, open, r->at - open);
		struct str name = str_z(names[i]);
		if (str_ends(tag, STR(">")) && str_starts(tag, name) &&
		    !is_name_byte(tag.ptr[name.len]))
			return name;
	}
	return STR("");
}

struct html_item html_next(struct html_reader *r)
{
	struct html_item ret = { .kind = HTML_END, .line = r->line };
	struct str raw = raw_element(r);
	size_t to;
	if (r->at >= r->in.len)
		return ret;
	if (raw.len > 0) {
		to = r->at;
		do {
			to = str_find(r->in, STR("</"), to);
			to = to == SIZE_MAX ? r->in.len : to + 2;
		} while (to < r->in.len && !str_eq_nocase(str_sub(r->in, to, raw.len), raw));
		to = to < r->in.len ? to - 2 : to;
		if (to > r->at) {
			ret.kind = HTML_TEXT;
			ret.text = take(r, to);
			return ret;
		}
	}
	if (r->in.ptr[r->at] == '<')
		return read_tag(r);
	to = str_find(r->in, STR("<"), r->at);
	ret.kind = HTML_TEXT;
	ret.text = take(r, to == SIZE_MAX ? r->in.len : to);
	return ret;
}

bool html_attribute(struct str *rest, struct str *name, struct str *value, bool *is_bad)
{
	struct str s = str_trim(*rest);
	size_t n = 0;
	*is_bad = false;
	*value = STR("");
	if (s.len == 0)
		return false;
	while (n < s.len && is_name_byte(s.ptr[n]))
		n++;
	*name = str_sub(s, 0, n);
	s = str_sub(s, n, s.len);
	if (n == 0) {
		*is_bad = true;
		*rest = STR("");
		return true;
	}
	if (str_starts(s, STR("=\""))) {
		size_t end = str_find(s, STR("\""), 2);
		*is_bad = end == SIZE_MAX;
		*value = *is_bad ? STR("") : str_sub(s, 2, end - 2);
		s = *is_bad ? STR("") : str_sub(s, end + 1, s.len);
	} else if (str_starts(s, STR("="))) {
		*is_bad = true;
	}
	*rest = s;
	return true;
}
