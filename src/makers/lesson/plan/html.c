/* HTML → Markdown.
 *
 * tidy makes a tree of whatever there is; of that tree the matter is written: <main>, or the
 * only <article>, or the body, less what surrounds the matter (menus, forms, notices) and
 * what no reader sees (scripts, styles, hidden parts).  Headings, paragraphs, lists, tables,
 * code and emphasis keep their meaning; all that Markdown would take for markup is escaped,
 * so a text can say of a page what it likes.
 *
 * tidy's time grows with the square of the nesting and its stack with the nesting, so tags
 * that nest deeper than NESTING_HTML_MAX (within a line INLINES_MAX), or have attributes without
 * end, are made blank before it sees them.
 */
#include "makers/lesson/plan/html.h"

#include "base/arena.h"
#include "makers/lesson/plan/html_tree.h"
#include "makers/lesson/plan/plaintext.h"

enum {
	NESTING_HTML_MAX = 100,
	INLINES_MAX = 16,
	ATTRIBUTE_PARTS_MAX = 1000,
	SNIFF_BYTES = 4096,
	HEAD_TEXT_MAX = 10000
};

/* --- Is it HTML? --- */

static bool starts_nocase(struct str s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && str_eq_nocase(str_sub(s, 0, n), str_z(with));
}

static bool ends_nocase(struct str s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && str_eq_nocase(str_sub(s, s.len - n, s.len), str_z(with));
}

/* What follows white space, an XML declaration and comments. */
static struct str without_prolog(struct str s)
{
	for (;;) {
		s = str_trim(s);
		const char *end = str_starts(s, STR("<!--")) ? "-->"
		                  : str_starts(s, STR("<?")) ? "?>"
		                                             : NULL;
		size_t at = end ? str_find(s, str_z(end), 0) : SIZE_MAX;
		if (at == SIZE_MAX)
			return s;
		s = str_sub(s, at + strlen(end), s.len);
	}
}

bool is_html(struct str name, struct str text)
{
	struct str head = without_prolog(str_sub(text, 0, SNIFF_BYTES));
	bool is_named = ends_nocase(name, ".html") || ends_nocase(name, ".htm") ||
	                ends_nocase(name, ".xhtml");
	return starts_nocase(head, "<!doctype html") || starts_nocase(head, "<html") ||
	       starts_nocase(head, "<head") || starts_nocase(head, "<body") ||
	       (is_named && head.len > 0 && head.ptr[0] == '<');
}

/* --- Nesting --- */

/* Elements that never hold others, or that end by themselves before the next of their kind. */
static bool is_counted(struct str name)
{
	return !one_of(name, "area base br col embed hr img input link meta source track wbr "
	                     "!doctype li p td th tr dt dd option thead tbody tfoot colgroup");
}

static struct str tag_name(struct str tag)
{
	size_t n = 0;
	while (n < tag.len && !strchr(" \t\n\r/>", tag.ptr[n]))
		n++;
	return str_sub(tag, 0, n);
}

/* tidy puts every open one of these into each paragraph that follows. */
static bool is_inline(struct str name)
{
	return one_of(name, "a b big code em font i s small span strike strong tt u");
}

/* Bytes up to the tag's end; *ret_parts is how many blanks and signs of equality it has: tidy
 * compares each attribute with every other. */
static size_t tag_length(const char *tag, size_t len, size_t *ret_parts)
{
	size_t n = 0;
	*ret_parts = 0;
	while (n < len && tag[n] != '>')
		*ret_parts += strchr(" \t\r\n=", tag[n++]) != NULL;
	return n < len ? n + 1 : len;
}

static void bound_nesting(struct arena *a, char *html, size_t len)
{
	size_t blocks = 0, inlines = 0, parts = 0;
	for (size_t i = 0; i < len; i++) {
		if (html[i] != '<')
			continue;
		struct arena_mark mark = arena_mark(a);
		struct str rest = { html + i + 1, len - i - 1 };
		bool is_end = str_starts(rest, STR("/"));
		struct str name =
		        lower_case(a, tag_name(str_sub(rest, is_end, size_min(rest.len, 40))));
		bool is_letter = name.len > 0 && name.ptr[0] >= 'a' && name.ptr[0] <= 'z';
		bool is_one = is_letter && is_counted(name), is_in_line = is_inline(name);
		arena_rewind(a, mark);
		size_t *depth = is_in_line ? &inlines : &blocks;
		size_t max = is_in_line ? INLINES_MAX : NESTING_HTML_MAX;
		size_t n = is_letter ? tag_length(html + i, len - i, &parts) : 0;
		bool is_deep = is_one && !is_end && ++*depth > max;
		if (is_one && is_end && *depth > 0)
			--*depth;
		if (is_deep || (is_letter && parts > ATTRIBUTE_PARTS_MAX))
			memset(html + i, ' ', n);
	}
}

/* --- The page --- */

static TidyNode matter_of(TidyNode body)
{
	TidyNode main = html_find(body, TidyTag_MAIN);
	if (!main && html_count(body, TidyTag_ARTICLE) == 1)
		main = html_find(body, TidyTag_ARTICLE);
	return main ? main : body;
}

/* "Tides | The Harbour" → "Tides" */
static struct str without_site(struct str title)
{
	static const char *const marks[] = { " | ", " \xe2\x80\x93 ", " \xe2\x80\x94 ",
		                             " \xc2\xb7 ", " - " };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t at = str_find(title, str_z(marks[i]), 0);
		if (at != SIZE_MAX && at >= 3)
			return str_sub(title, 0, at);
	}
	return title;
}

static struct str description(TidyNode head)
{
	for (TidyNode c = head ? tidyGetChild(head) : NULL; c; c = tidyGetNext(c)) {
		if (tidyNodeGetId(c) == TidyTag_META &&
		    str_eq_nocase(html_node_attribute(c, TidyAttr_NAME), STR("description")))
			return html_node_attribute(c, TidyAttr_CONTENT);
	}
	return (struct str){ "", 0 };
}

static struct str as_markdown(struct arena *a, struct str text)
{
	struct buf clean = BUF_INIT(HEAD_TEXT_MAX), out = BUF_INIT(HEAD_TEXT_MAX * 2);
	text_clean(&clean, text);
	text_escape(&out, str_trim(buf_str(&clean)), true);
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&clean);
	buf_fini(&out);
	return ret;
}

static void read_head(struct arena *a, TidyDoc doc, TidyNode matter, struct front *ret)
{
	TidyNode h1 = html_find(matter, TidyTag_H1), head = tidyGetHead(doc);
	TidyNode title = head ? html_find(head, TidyTag_TITLE) : NULL;
	struct str text = { "", 0 };
	if (h1)
		text = html_text(doc, h1, a);
	if (text.len == 0 && title)
		text = without_site(html_text(doc, title, a));
	ret->title = as_markdown(a, text);
	ret->abstract = as_markdown(a, description(head));
}

/* What tidy thinks of the page is not asked for. */
static Bool TIDY_CALL ignore(TidyDoc doc, TidyReportLevel level, uint line, uint column,
                             ctmbstr text)
{
	(void)doc, (void)level, (void)line, (void)column, (void)text;
	return no;
}

static TidyDoc parse(struct arena *a, struct str html)
{
	TidyDoc ret = tidyCreate();
	char *text = arena_bytes(a, html.len + 1);
	memcpy(text, html.ptr, html.len);
	text[html.len] = 0;
	bound_nesting(a, text, html.len);
	(void)tidySetReportFilter(ret, ignore);
	(void)tidySetCharEncoding(ret, "utf8");
	(void)tidyOptSetBool(ret, TidyForceOutput, yes);
	(void)tidyOptSetValue(ret, TidyCustomTags, "blocklevel");
	(void)tidyParseString(ret, text);
	return ret;
}

void html_page_to_markdown(struct arena *a, struct str page, struct buf *out, struct front *ret)
{
	TidyDoc doc = parse(a, page);
	TidyNode body = tidyGetBody(doc);
	*ret = (struct front){ { "", 0 }, { "", 0 } };
	if (body) {
		TidyNode matter = matter_of(body);
		read_head(a, doc, matter, ret);
		html_write(a, doc, matter, true, out);
	}
	tidyRelease(doc);
}

void html_piece_to_markdown(struct arena *a, struct str piece, struct buf *out)
{
	TidyDoc doc = parse(a, piece);
	TidyNode body = tidyGetBody(doc);
	if (body)
		html_write(a, doc, body, false, out);
	tidyRelease(doc);
}
