/* What site generators put before and into Markdown: the front matter, of which title and
 * summary are kept, and short codes, of which the label of a link is. */
#include "makers/lesson/plan/plan.h"

static struct str take_line(struct str *rest)
{
	return str_cut(*rest, '\n', rest);
}

static struct str unquoted(struct str v)
{
	v = str_trim(v);
	if (v.len >= 2 && (v.ptr[0] == '"' || v.ptr[0] == '\'') && v.ptr[v.len - 1] == v.ptr[0])
		v = str_sub(v, 1, v.len - 2);
	return v;
}

/* The value of `key:` or `key =`, with the lines it continues on. */
static struct str front_value(struct arena *a, struct str front, const char *key)
{
	struct str rest = front;
	while (rest.len > 0) {
		struct str line = take_line(&rest);
		if (!str_starts(line, str_z(key)))
			continue;
		struct str v = str_trim(str_sub(line, strlen(key), line.len));
		if (v.len == 0 || (v.ptr[0] != ':' && v.ptr[0] != '='))
			continue;
		v = str_trim(str_sub(v, 1, v.len));
		if (str_eqz(v, ">") || str_eqz(v, "|") || str_eqz(v, ">-") || str_eqz(v, "|-"))
			v.len = 0; /* a block: its lines follow */
		while (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t')) {
			struct str more = str_trim(take_line(&rest));
			v = str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(v), v.len > 0 ? " " : "",
			            STR_ARG(more));
		}
		return unquoted(v);
	}
	return (struct str){ "", 0 };
}

static struct front read_front(struct arena *a, struct str front)
{
	static const char *const keys[] = { "summary", "description", "abstract", "excerpt" };
	struct front ret = { .title = front_value(a, front, "title") };
	for (size_t i = 0; i < ARRAY_LEN(keys) && ret.abstract.len == 0; i++)
		ret.abstract = front_value(a, front, keys[i]);
	return ret;
}

struct str without_front_matter(struct arena *a, struct str in, struct front *ret)
{
	struct str mark = str_starts(in, STR("+++")) ? STR("+++") : STR("---");
	struct str rest = in;
	if (!str_eq(str_trim(take_line(&rest)), mark))
		return in;
	struct str body = rest;
	while (rest.len > 0) {
		struct str line = take_line(&rest);
		if (str_eq(str_trim(line), mark)) {
			*ret = read_front(a,
			                  (struct str){ body.ptr, (size_t)(line.ptr - body.ptr) });
			return rest;
		}
	}
	return in;
}

/* The label="…" of a short code inside a sentence, which is what a reader sees there. */
static struct str code_label(struct str code)
{
	struct str key = STR("label=\"");
	size_t at = str_find(code, key, 0);
	if (at == SIZE_MAX)
		return (struct str){ "", 0 };
	size_t from = at + key.len, end = str_find(code, STR("\""), from);
	return end == SIZE_MAX ? (struct str){ "", 0 } : str_sub(code, from, end - from);
}

void without_short_codes(struct str in, struct buf *out)
{
	size_t at = 0;
	while (at < in.len) {
		size_t open = str_find(in, STR("{{"), at);
		size_t end = open == SIZE_MAX ? SIZE_MAX : str_find(in, STR("}}"), open);
		if (end == SIZE_MAX)
			break;
		char kind = open + 2 < in.len ? in.ptr[open + 2] : 0;
		bool is_code = (kind == '<' || kind == '%') && end - open < 4096;
		buf_add(out, str_sub(in, at, open - at));
		bool is_alone = (open == 0 || in.ptr[open - 1] == '\n') &&
		                (end + 2 >= in.len || in.ptr[end + 2] == '\n');
		if (is_code && is_alone)
			buf_addz(out, "\n<!-- -->\n"); /* keeps the lists around it apart */
		else if (is_code)
			buf_add(out, code_label(str_sub(in, open, end - open)));
		else
			buf_add(out, str_sub(in, open, end + 2 - open));
		at = end + 2;
	}
	buf_add(out, str_sub(in, at, in.len));
}
