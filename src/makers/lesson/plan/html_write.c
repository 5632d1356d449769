/* The matter of a page as Markdown: a block at a time, each behind the margin of the lists and
 * quotations around it.  What its text says stays text: markup in it is escaped.
 *
 * Recursion is bounded by the nesting that html.c lets through.
 */
#include <tidy/tidybuffio.h>

#include "makers/lesson/plan/html_tree.h"

#include "base/arena.h"
#include "makers/lesson/plan/plaintext.h"

enum { MARKDOWN_MAX = PLAN_BYTES_MAX * 8 };

struct page {
	struct arena *arena;
	TidyDoc doc;
	struct buf *out;
	struct buf text;    /* of the paragraph being read, as Markdown */
	unsigned depth;     /* of lists */
	unsigned quotes;    /* of quotations */
	unsigned number;    /* of the item to be written, when its list is ordered; else 0 */
	bool is_item;       /* the next paragraph begins an item */
	bool has_lists;     /* else lists and tables are left out */
	bool ends_in_space; /* the text so far, or it is empty */
};

static void visit_all(struct page *p, TidyNode n);

/* What stands before a line: quotations first, then the lists around it. */
static void add_margin(struct page *p, bool is_first)
{
	for (unsigned i = 0; i < p->quotes; i++)
		buf_addz(p->out, "> ");
	for (unsigned i = 0; i + p->is_item < p->depth; i++)
		buf_addz(p->out, "    ");
	if (p->is_item && is_first && p->number > 0)
		buf_addz(p->out, "1.  "); /* its place is counted, not read */
	else if (p->is_item && is_first)
		buf_addz(p->out, "-   ");
	else if (p->is_item)
		buf_addz(p->out, "    ");
}

/* "1." and "1)" at the head of a paragraph begin no item. */
static void add_first_line(struct page *p, struct str line)
{
	size_t i = 0;
	while (i < line.len && line.ptr[i] >= '0' && line.ptr[i] <= '9')
		i++;
	bool is_mark = i > 0 && i < line.len && strchr(".)", line.ptr[i]);
	buf_add(p->out, str_sub(line, 0, i));
	buf_addz(p->out, is_mark ? "\\" : "");
	buf_add(p->out, str_sub(line, i, line.len));
}

static void end_paragraph(struct page *p)
{
	struct str text = str_trim(buf_str(&p->text)), rest = text;
	if (text.len > 0) {
		add_margin(p, true);
		add_first_line(p, str_cut(rest, '\n', &rest));
		while (rest.len > 0) {
			buf_addz(p->out, "\\\n");
			add_margin(p, false);
			buf_add(p->out, str_cut(rest, '\n', &rest));
		}
		buf_addz(p->out, "\n\n");
		p->is_item = false;
	}
	buf_clear(&p->text);
	p->ends_in_space = true;
}

/* One blank for any run of white space, across elements. */
static void add_words(struct page *p, struct str text)
{
	struct buf clean = BUF_INIT(MARKDOWN_MAX);
	if (text.len == 0)
		return;
	bool is_blank_first = strchr(" \t\r\n", text.ptr[0]);
	bool is_blank_last = strchr(" \t\r\n", text.ptr[text.len - 1]);
	text_clean(&clean, text);
	struct str words = str_trim(buf_str(&clean));
	if (is_blank_first && !p->ends_in_space) {
		buf_addc(&p->text, ' ');
		p->ends_in_space = true;
	}
	if (words.len > 0) {
		text_escape(&p->text, words, p->text.len == 0);
		p->ends_in_space = false;
		if (is_blank_last) {
			buf_addc(&p->text, ' ');
			p->ends_in_space = true;
		}
	}
	buf_fini(&clean);
}

/* Marks around what stands out; none around nothing. */
static void visit_marked(struct page *p, TidyNode n, const char *mark)
{
	size_t at = p->text.len;
	buf_addz(&p->text, mark);
	size_t from = p->text.len;
	bool was_space = p->ends_in_space;
	p->ends_in_space = true; /* a blank may not follow the mark */
	visit_all(p, n);
	size_t end = p->text.len;
	while (end > from && p->text.ptr[end - 1] == ' ')
		end--;
	bool has_blank = end < p->text.len;
	if (end <= from || p->text.len < from) { /* nothing, or a paragraph ended inside */
		if (p->text.len >= from)
			p->text.len = at;
		p->ends_in_space = was_space;
		return;
	}
	p->text.len = end;
	buf_addz(&p->text, mark);
	if (has_blank)
		buf_addc(&p->text, ' ');
	p->ends_in_space = has_blank;
}

static void visit_code(struct page *p, TidyNode n)
{
	struct str text = html_text(p->doc, n, p->arena);
	if (text.len == 0)
		return;
	const char *mark = str_find(text, STR("`"), 0) == SIZE_MAX ? "`" : "``";
	const char *gap = mark[1] ? " " : "";
	bool is_safe = str_find(text, STR("``"), 0) == SIZE_MAX;
	if (is_safe)
		buf_addf(&p->text, "%s%s" STR_FMT "%s%s", mark, gap, STR_ARG(text), gap, mark);
	else
		text_escape(&p->text, text, p->text.len == 0);
	p->ends_in_space = false;
}

static void visit_heading(struct page *p, TidyNode n)
{
	struct str text = html_text(p->doc, n, p->arena);
	end_paragraph(p);
	if (text.len == 0)
		return;
	p->is_item = false;
	for (int i = tidyNodeGetName(n)[1] - '0'; i > 0; i--)
		buf_addc(p->out, '#'); /* h2: two */
	buf_addc(p->out, ' ');
	struct str rest = text, line = str_cut(rest, '\n', &rest);
	text_escape(p->out, line, false);
	buf_addz(p->out, "\n\n");
}

/* Whether all its text is that of links. */
static bool is_of_links(TidyNode n)
{
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		ctmbstr name = tidyNodeGetName(c);
		if (tidyNodeGetType(c) == TidyNode_Text ||
		    (!(name && strcmp(name, "a") == 0) && !is_of_links(c)))
			return false;
	}
	return true;
}

static void visit_list(struct page *p, TidyNode n)
{
	end_paragraph(p);
	if (!p->has_lists || is_of_links(n))
		return; /* a way to other pages */
	bool is_ordered = tidyNodeGetId(n) == TidyTag_OL;
	unsigned i = 0;
	p->depth++;
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		if (html_is_left_out(c))
			continue;
		p->is_item = true;
		p->number = is_ordered ? ++i : 0;
		visit_all(p, c);
		end_paragraph(p);
	}
	p->is_item = false;
	p->depth--;
	buf_addz(p->out, "<!-- -->\n\n"); /* two lists in a row are two */
}

/* A term and what is said of it are an item with a lead, as the options of a manual are. */
static void visit_definitions(struct page *p, TidyNode n)
{
	end_paragraph(p);
	p->depth++;
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		if (tidyNodeGetId(c) == TidyTag_DT) {
			struct str term = html_text(p->doc, c, p->arena);
			bool is_code = html_find(c, TidyTag_CODE) != NULL;
			end_paragraph(p);
			p->is_item = true;
			p->number = 0;
			if (is_code && str_find(term, STR("`"), 0) == SIZE_MAX) {
				buf_addf(&p->text, "**`" STR_FMT "`:** ", STR_ARG(term));
			} else if (term.len > 0) {
				buf_addz(&p->text, "**");
				text_escape(&p->text, term, true);
				buf_addz(&p->text, ":** ");
			}
			p->ends_in_space = true;
		} else {
			visit_all(p, c);
			end_paragraph(p);
		}
	}
	p->is_item = false;
	p->depth--;
}

static void add_fence(struct page *p)
{
	add_margin(p, false);
	buf_addz(p->out, "~~~~~~~~~~~~\n");
}

static void visit_code_block(struct page *p, TidyNode n)
{
	struct buf text = BUF_INIT(MARKDOWN_MAX);
	end_paragraph(p);
	p->is_item = false;
	html_add_text(p->doc, n, &text);
	struct str rest = buf_str(&text);
	add_fence(p);
	while (rest.len > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		if (str_starts(str_trim(line), STR("~")))
			continue; /* would close the fence */
		add_margin(p, false);
		buf_addf(p->out, STR_FMT "\n", STR_ARG(line));
	}
	add_fence(p);
	buf_addc(p->out, '\n');
	buf_fini(&text);
}

/* Pages of old lay their text out in tables; others hold figures. */
static bool is_layout(TidyNode table)
{
	return html_count(table, TidyTag_TH) == 0 &&
	       html_count(table, TidyTag_P) + html_count(table, TidyTag_H1) +
	                       html_count(table, TidyTag_H2) + html_count(table, TidyTag_DIV) >
	               2;
}

static void visit_row(struct page *p, TidyNode row, bool *is_first)
{
	unsigned n = 0;
	for (TidyNode c = tidyGetChild(row); c; c = tidyGetNext(c)) {
		struct str text = html_text(p->doc, c, p->arena);
		buf_addz(p->out, "| ");
		for (size_t i = 0; i < text.len; i++) {
			char ch = text.ptr[i] == '\n' ? ' ' : text.ptr[i];
			if (strchr("|\\`<*_[", ch))
				buf_addc(p->out, '\\');
			buf_addc(p->out, ch);
		}
		buf_addc(p->out, ' ');
		n++;
	}
	buf_addz(p->out, "|\n");
	for (unsigned i = 0; *is_first && i < n; i++)
		buf_addz(p->out, i + 1 < n ? "| --- " : "| --- |\n");
	*is_first = false;
}

static void visit_rows(struct page *p, TidyNode n, bool *is_first)
{
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		if (tidyNodeGetId(c) == TidyTag_TR)
			visit_row(p, c, is_first);
		else
			visit_rows(p, c, is_first);
	}
}

static void visit_table(struct page *p, TidyNode n)
{
	bool is_first = true;
	end_paragraph(p);
	if (is_layout(n)) {
		visit_all(p, n);
	} else if (p->has_lists && p->depth + p->quotes == 0) {
		visit_rows(p, n, &is_first);
		buf_addc(p->out, '\n');
	}
	end_paragraph(p);
}

static void visit_text(struct page *p, TidyNode n)
{
	TidyBuffer b;
	tidyBufInit(&b);
	if (tidyNodeGetValue(p->doc, n, &b) && b.bp)
		add_words(p, (struct str){ (const char *)b.bp, b.size });
	tidyBufFree(&b);
}

static void visit_block(struct page *p, TidyNode n)
{
	end_paragraph(p);
	visit_all(p, n);
	end_paragraph(p);
}

static void visit_quotation(struct page *p, TidyNode n)
{
	end_paragraph(p);
	p->quotes++;
	visit_block(p, n);
	p->quotes--;
}

static void visit_break(struct page *p, TidyNode n)
{
	(void)n;
	buf_addc(&p->text, '\n');
	p->ends_in_space = true;
}

static void visit_rule(struct page *p, TidyNode n)
{
	(void)n;
	end_paragraph(p);
	buf_addz(p->out, "---\n\n");
}

static void visit_strong(struct page *p, TidyNode n)
{
	visit_marked(p, n, "**");
}

static void visit_emphasis(struct page *p, TidyNode n)
{
	visit_marked(p, n, "*");
}

/* Elements that are not here are blocks. */
static const struct element {
	const char *names;
	void (*visit)(struct page *p, TidyNode n);
} elements[] = {
	{ "h1 h2 h3 h4 h5 h6", visit_heading },
	{ "ul ol", visit_list },
	{ "dl", visit_definitions },
	{ "pre", visit_code_block },
	{ "table", visit_table },
	{ "blockquote", visit_quotation },
	{ "br", visit_break },
	{ "hr", visit_rule },
	{ "b strong", visit_strong },
	{ "i em dfn cite var", visit_emphasis },
	{ "code kbd samp", visit_code },
	{ "a abbr acronym bdi bdo big data del font ins label mark q ruby small span strike sub "
	  "time "
	  "tt u wbr",
	  visit_all },
};

static void visit(struct page *p, TidyNode n)
{
	ctmbstr name = tidyNodeGetName(n);
	if (tidyNodeGetType(n) == TidyNode_Text)
		visit_text(p, n);
	if (!name || html_is_left_out(n))
		return;
	for (size_t i = 0; i < ARRAY_LEN(elements); i++)
		if (one_of(str_z(name), elements[i].names)) {
			elements[i].visit(p, n);
			return;
		}
	visit_block(p, n);
}

static void visit_all(struct page *p, TidyNode n)
{
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c))
		visit(p, c);
}

void html_write(struct arena *a, TidyDoc doc, TidyNode matter, bool has_lists, struct buf *out)
{
	struct page p = {
		.arena = a, .doc = doc, .out = out, .has_lists = has_lists, .ends_in_space = true
	};
	buf_init(&p.text, MARKDOWN_MAX);
	visit_all(&p, matter);
	end_paragraph(&p);
	buf_fini(&p.text);
}
