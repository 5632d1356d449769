/* Bytes → sections and blocks of plain text.
 *
 * The way: refuse what is no text (plaintext.c); take the title out of the front matter and drop
 * short codes (front.c); let cmark-gfm read the Markdown; walk its tree and keep what a teacher
 * would read aloud (paragraphs, items, quotes), not code, tables, images or markup.
 * Paragraphs of embedded HTML are kept as paragraphs, its lists are not.  A manual page and a
 * page of HTML become Markdown first (manual.c, html.c).
 */
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>

#include "makers/lesson/plan/html.h"
#include "makers/lesson/plan/reader.h"

/* --- cmark's tree --- */

static struct str node_text(cmark_node *n)
{
	return str_z(cmark_node_get_literal(n));
}

static void html_inline(struct reader *r, struct str tag, int *hidden)
{
	if (str_starts(tag, STR("<br")))
		buf_addc(&r->text, '\n');
	if (str_starts(tag, STR("<sup")))
		*hidden = 1;
	if (str_starts(tag, STR("</sup")))
		*hidden = 0;
}

static bool is_hidden_node(cmark_node_type t)
{
	return t == CMARK_NODE_IMAGE || t == CMARK_NODE_FOOTNOTE_REFERENCE;
}

static void add_emphasised(struct reader *r, struct str text)
{
	text = str_trim(text);
	if (text.len < 2 || text.len > LABEL_MAX)
		return;
	struct phrase *x = arena_new(r->arena, struct phrase, 1);
	x->text = str_dup(r->arena, text);
	x->next = r->doc->emphasised;
	r->doc->emphasised = x;
}

/* Plain text of a paragraph's or heading's inlines into r->text. */
static void read_inlines(struct reader *r, cmark_node *parent)
{
	buf_clear(&r->text);
	r->strong_end = 0;
	r->has_code_lead = false;
	r->all_emphasis = true;
	int emphasis = 0, hidden = 0, skip = 0;
	size_t set_off = 0; /* where the emphasis began */
	cmark_iter *it = cmark_iter_new(parent);
	cmark_event_type ev;
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node *n = cmark_iter_get_node(it);
		cmark_node_type t = cmark_node_get_type(n);
		bool is_enter = ev == CMARK_EVENT_ENTER;
		if (is_hidden_node(t))
			skip += is_enter ? (cmark_node_first_child(n) ? 1 : 0) : -1;
		if (skip > 0)
			continue;
		if (t == CMARK_NODE_STRONG && !is_enter && r->strong_end == 0 &&
		    !cmark_node_previous(n) && cmark_node_parent(n) == parent)
			r->strong_end = r->text.len;
		if (t == CMARK_NODE_STRONG || t == CMARK_NODE_EMPH) {
			emphasis += is_enter ? 1 : -1;
			if (is_enter)
				set_off = r->text.len;
			else
				add_emphasised(r, str_sub(buf_str(&r->text), set_off, r->text.len));
		}
		if (t == CMARK_NODE_SOFTBREAK)
			text_clean(&r->text, STR(" "));
		else if (t == CMARK_NODE_LINEBREAK)
			buf_addc(&r->text, '\n');
		else if (t == CMARK_NODE_HTML_INLINE)
			html_inline(r, node_text(n), &hidden);
		else if ((t == CMARK_NODE_TEXT || t == CMARK_NODE_CODE) && !hidden) {
			r->all_emphasis &= emphasis > 0;
			bool is_lead = t == CMARK_NODE_CODE && r->text.len == 0;
			text_clean(&r->text, node_text(n));
			r->has_code_lead |= is_lead;
			if (is_lead && cmark_node_parent(n) == parent)
				r->strong_end = r->text.len;
		}
	}
	cmark_iter_free(it);
}

static void read_heading(struct reader *r, int level)
{
	struct str title = title_clean(buf_str(&r->text));
	if (title.len == 0)
		return;
	title = str_dup(r->arena, title);
	if (r->first_heading.len == 0)
		r->first_heading = title;
	open_section(r, title, level);
}

static bool is_inside(cmark_node *n, cmark_node_type type)
{
	for (int i = 0; n && i < NESTING_MAX; i++, n = cmark_node_parent(n))
		if (cmark_node_get_type(n) == type)
			return true;
	return false;
}

/* Two blanks are too few to nest an item below "1.  ", but its author meant that. */
static bool is_set_in(cmark_node *list, cmark_node *item)
{
	cmark_node *first = cmark_node_first_child(list);
	return cmark_node_get_start_column(item) >= cmark_node_get_start_column(first) + 2;
}

static void mark_item(struct reader *r, cmark_node *paragraph, struct block *b)
{
	cmark_node *item = cmark_node_parent(paragraph), *list = cmark_node_parent(item);
	if (cmark_node_first_child(item) != paragraph || !list)
		return;
	void *known = cmark_node_get_user_data(list);
	if (!known) {
		known = (void *)(uintptr_t)++r->n_lists;
		cmark_node_set_user_data(list, known);
	}
	b->list = (uint32_t)(uintptr_t)known;
	if (is_set_in(list, item)) {
		b->list = ++r->n_lists;
		b->item = 2; /* begins no list of its own */
		return;
	}
	b->is_ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
	uintptr_t n = (uintptr_t)cmark_node_get_user_data(item);
	b->item = (uint32_t)n;
}

static void read_paragraph(struct reader *r, cmark_node *n)
{
	struct block **at = r->next_block;
	read_inlines(r, n);
	bool is_item = cmark_node_parent(n) &&
	               cmark_node_get_type(cmark_node_parent(n)) == CMARK_NODE_ITEM;
	bool is_quote = is_inside(n, CMARK_NODE_BLOCK_QUOTE);
	close_block(r, is_quote ? BLOCK_QUOTE : is_item ? BLOCK_ITEM : BLOCK_PARAGRAPH);
	if (*at && is_item)
		mark_item(r, n, *at);
}

/* The list of which this one is the rest: code, or what an item that ends in a colon
 * announces, stands between them at the margin. */
static cmark_node *list_before(const struct reader *r, cmark_node *list)
{
	cmark_node *between = cmark_node_previous(list);
	cmark_node *before = between ? cmark_node_previous(between) : NULL;
	if (!before || cmark_node_get_type(before) != CMARK_NODE_LIST ||
	    cmark_node_get_list_type(before) != cmark_node_get_list_type(list))
		return NULL;
	bool is_code = cmark_node_get_type(between) == CMARK_NODE_CODE_BLOCK;
	bool is_told = cmark_node_get_type(between) == CMARK_NODE_PARAGRAPH && r->is_announced;
	return is_code || is_told ? before : NULL;
}

static void number_items(const struct reader *r, cmark_node *list)
{
	cmark_node *before = list_before(r, list);
	uintptr_t i = before ? 1 : 0; /* only the first of a list is its first item */
	if (before)
		cmark_node_set_user_data(list, cmark_node_get_user_data(before));
	for (cmark_node *n = cmark_node_first_child(list); n; n = cmark_node_next(n))
		cmark_node_set_user_data(n, (void *)++i);
}

static bool is_table(cmark_node *n)
{
	return strcmp(cmark_node_get_type_string(n), "table") == 0;
}

static cmark_node *parse(struct str text);
static void walk(struct reader *r, cmark_node *root);

/* HTML inside Markdown.  What it becomes holds none, so this goes no deeper. */
static void read_html(struct reader *r, struct str html)
{
	struct buf markdown = BUF_INIT(PLAN_BYTES_MAX * 8);
	html_piece_to_markdown(r->arena, html, &markdown);
	if (markdown.len > 0) {
		cmark_node *root = parse(buf_str(&markdown));
		walk(r, root);
		cmark_node_free(root);
	}
	buf_fini(&markdown);
}

static void walk(struct reader *r, cmark_node *root)
{
	cmark_iter *it = cmark_iter_new(root);
	cmark_event_type ev;
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node *n = cmark_iter_get_node(it);
		cmark_node_type t = cmark_node_get_type(n);
		if (ev != CMARK_EVENT_ENTER)
			continue;
		bool is_leaf = true;
		if (t == CMARK_NODE_HEADING) {
			read_inlines(r, n);
			read_heading(r, cmark_node_get_heading_level(n));
		} else if (t == CMARK_NODE_PARAGRAPH) {
			read_paragraph(r, n);
		} else if (t == CMARK_NODE_HTML_BLOCK) {
			read_html(r, node_text(n));
			is_leaf = false;
		} else if (t == CMARK_NODE_CODE_BLOCK) {
			if (r->last_block && r->last_block->section == r->section)
				block_read_code(r->arena, r->last_block, node_text(n));
		} else if (is_table(n)) {
			read_table(r, n);
		} else {
			if (t == CMARK_NODE_LIST)
				number_items(r, n);
			is_leaf = false;
		}
		if (t == CMARK_NODE_THEMATIC_BREAK)
			r->after_break = true;
		else if (t == CMARK_NODE_HEADING)
			r->after_break = false;
		if (is_leaf)
			cmark_iter_reset(it, n, CMARK_EVENT_EXIT);
	}
	cmark_iter_free(it);
}

static cmark_node *parse(struct str text)
{
	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *p = cmark_parser_new(CMARK_OPT_DEFAULT);
	cmark_syntax_extension *table = cmark_find_syntax_extension("table");
	if (table)
		cmark_parser_attach_syntax_extension(p, table);
	cmark_parser_feed(p, text.ptr, text.len);
	cmark_node *root = cmark_parser_finish(p);
	cmark_parser_free(p);
	return root;
}

/* Front matter holds HTML entities and stray marks; Markdown's reader knows them. */
static struct str plain_text(struct reader *r, struct str raw)
{
	cmark_node *root = parse(raw);
	cmark_node *first = cmark_node_first_child(root);
	buf_clear(&r->text);
	if (first && cmark_node_get_type(first) == CMARK_NODE_PARAGRAPH)
		read_inlines(r, first);
	else
		text_clean(&r->text, raw);
	struct str ret = str_dup(r->arena, buf_str(&r->text));
	cmark_node_free(root);
	return ret;
}

/* --- All of it --- */

static struct str first_line(struct doc *d)
{
	struct str rest;
	struct str line = d->blocks ? str_cut(d->blocks->text, '\n', &rest) : STR("Lesson");
	if (line.len > 100) {
		line.len = 100;
		while (line.len > 0 && line.ptr[line.len - 1] != ' ')
			line.len--;
	}
	line = title_clean(line);
	return line.len > 0 ? line : STR("Lesson");
}

/* A manual page and a page of HTML become Markdown first. */
static void read_body(struct reader *r, struct str name, struct str text)
{
	struct buf clean = BUF_INIT(PLAN_BYTES_MAX * 4), made = BUF_INIT(PLAN_BYTES_MAX * 8);
	if (is_html(name, text)) {
		html_page_to_markdown(r->arena, text, &made, &r->front);
		text = buf_str(&made);
	} else {
		without_short_codes(without_front_matter(r->arena, text, &r->front), &clean);
		text = buf_str(&clean);
		if (is_manual(text)) {
			manual_to_markdown(r->arena, text, &made, &r->front);
			text = buf_str(&made);
		}
	}
	text_bound_nesting((char *)(uintptr_t)text.ptr, text.len);
	cmark_node *root = parse(text);
	walk(r, root);
	cmark_node_free(root);
	buf_fini(&clean);
	buf_fini(&made);
}

static struct str title_of(struct reader *r)
{
	struct str ret = { "", 0 };
	if (r->front.title.len > 0)
		ret = title_clean(plain_text(r, r->front.title));
	if (ret.len == 0)
		ret = r->first_heading;
	return ret.len > 0 ? ret : str_dup(r->arena, first_line(r->doc));
}

enum rc doc_read(struct arena *a, struct str name, struct str text, struct doc *ret,
                 struct err *err)
{
	enum rc rc = text_check(text, err);
	if (rc != RC_OK)
		return rc;
	struct doc d = { 0 };
	struct reader r = {
		.arena = a, .doc = &d, .next_block = &d.blocks, .next_section = &d.sections
	};
	buf_init(&r.text, PLAN_BYTES_MAX * 4);
	open_section(&r, STR("Introduction"), 0);
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	read_body(&r, name, text);
	d.title = title_of(&r);
	d.abstract = plain_text(&r, r.front.abstract);
	buf_fini(&r.text);
	rc = doc_check_length(&d, err);
	if (rc == RC_OK)
		*ret = d;
	return rc;
}
