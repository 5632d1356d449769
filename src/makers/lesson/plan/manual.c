/* A manual page as `man` prints it → Markdown.
 *
 *	TAR(1)      GNU Manual      TAR(1)   → nothing
 *	NAME                                 → ## NAME
 *	       tar - an archiving utility    → the title, "tar: an archiving utility"
 *	EXIT STATUS                          → ## Exit status
 *	       paragraph, indented           → paragraph at the margin
 *	       -q, --quiet                   → - **`-q, --quiet`:** what stands below
 *	              what stands below
 *	       -q     on the same line       → the same
 *	       o  bullet                     → - bullet
 *	                  $ command          → code: what lies deeper than its text
 *
 * What a program prints about its own commands (".help" and two lines or more of a command
 * with what it does) is read as if each line were a tag; a note below, deeper than the text of
 * the line, is a line of its own.
 *
 * A line that ends in U+2010 or in a hyphen goes on with the next one.  Everything else
 * that Markdown would take for markup is escaped.
 */
#include "makers/lesson/plan/manual.h"
#include "makers/lesson/plan/plaintext.h"

enum {
	HEADING_MAX = 60,
	GAP_MIN = 2,
	HANGING = 7 /* columns from a tag to its text: a tag of six leaves one blank */
};
#define FENCE "~~~~~~~~~~~~\n"

/* A command or an option with what it does on the same line. */
struct entry {
	struct str tag, text;
	size_t column; /* where the text begins */
};

struct page {
	struct str rest;
	struct buf *out;
	size_t margin;     /* where paragraphs begin */
	size_t body;       /* where the text of the last tag begins; 0: there is none */
	size_t tag_indent; /* where that tag began */
	size_t column;     /* where the texts of a printed list begin; 0: there is none */
	bool is_open;      /* a paragraph or an item is being written */
	bool is_code, is_fenced, is_note;
};

static bool is_heading(const struct page *p, const struct manual_line *l)
{
	struct manual_line next = manual_next_line(p->rest);
	return l->indent < p->margin && l->text.len <= HEADING_MAX && l->text.ptr[0] >= 'A' &&
	       l->text.ptr[0] <= 'Z' && !strchr(".,;", l->text.ptr[l->text.len - 1]) &&
	       (next.text.len == 0 || next.indent > l->indent);
}

/* --- Paragraphs, tags and code --- */

static void end_paragraph(struct page *p)
{
	if (p->is_open)
		buf_addz(p->out, "\n\n");
	p->is_open = false;
}

/* Text of a running paragraph. */
static void add_text(struct page *p, struct str text)
{
	struct str hyphen = STR("\xe2\x80\x90"); /* U+2010: a word goes on */
	bool is_first = !p->is_open;
	p->is_open = true;
	bool goes_on = str_ends(text, hyphen);
	bool is_joined = text.len > 2 && text.ptr[text.len - 1] == '-' &&
	                 (text.ptr[text.len - 2] | 32) >= 'a' &&
	                 (text.ptr[text.len - 2] | 32) <= 'z';
	struct str shown = goes_on ? str_sub(text, 0, text.len - hyphen.len) : text;
	text_escape(p->out, shown, is_first);
	if (!goes_on && !is_joined)
		buf_addc(p->out, ' ');
}

/* Code stands between fences; what would close them early is left out. */
static void add_code(struct page *p, struct str line)
{
	if (!p->is_fenced)
		buf_addz(p->out, FENCE);
	p->is_fenced = true;
	if (line.len > 0 && line.ptr[0] != '~')
		buf_addf(p->out, STR_FMT "\n", STR_ARG(line));
}

static void end_code(struct page *p)
{
	if (p->is_fenced)
		buf_addz(p->out, FENCE "\n");
	p->is_code = p->is_fenced = false;
}

static void add_tag(struct page *p, const struct manual_line *l, struct str tag, struct str text)
{
	end_paragraph(p);
	buf_addf(p->out, "- **`" STR_FMT "`:** ", STR_ARG(tag));
	p->is_open = true;
	p->tag_indent = l->indent;
	p->body = l->indent + 1;
	if (text.len > 0)
		add_text(p, text);
}

/* The column, tabs counted, at which the byte `to` of the line stands. */
static size_t column_at(const struct manual_line *l, size_t to)
{
	size_t column = l->indent;
	for (size_t i = 0; i < to; i++)
		if ((l->text.ptr[i] & 0xc0) != 0x80)
			column = l->text.ptr[i] == '\t' ? column / 8 * 8 + 8 : column + 1;
	return column;
}

/* "PATH   Where …" with the rest of the text below "Where", or nothing below. */
static bool is_word_with_text(const struct manual_line *l, const struct manual_line *next,
                              struct str tag, struct str text)
{
	if (text.len == 0 || !manual_is_tag(tag) || memchr(tag.ptr, ' ', tag.len))
		return false;
	size_t from = (size_t)(text.ptr - l->text.ptr),
	       gap = column_at(l, from) - column_at(l, tag.len);
	return next->text.len > 0
	               ? next->indent == column_at(l, from) && next->indent > l->indent + 2
	               : gap > GAP_MIN;
}

/* "-stats Print …": no room for a second blank. */
static bool fills_hanging(struct str t)
{
	return t.len > HANGING + 2 && t.ptr[0] == '-' &&
	       memchr(t.ptr, ' ', HANGING) == t.ptr + HANGING - 1 && t.ptr[HANGING] >= 'A' &&
	       t.ptr[HANGING] <= 'Z' && t.ptr[HANGING + 1] >= 'a' && t.ptr[HANGING + 1] <= 'z';
}

static bool read_tag(struct page *p, const struct manual_line *l)
{
	struct manual_line next = manual_next_line(p->rest);
	size_t end = manual_tag_end(l->text);
	if (end > HANGING && fills_hanging(l->text))
		end = HANGING - 1;
	struct str tag = str_sub(l->text, 0, end),
	           text = str_trim(str_sub(l->text, end, l->text.len));
	bool is_deeper = next.text.len > 0 && next.indent > l->indent + 1;
	bool is_next_tag = p->body > 0 && l->indent <= p->tag_indent;
	if (p->is_open && (!is_next_tag || !manual_is_option(tag)))
		return false; /* a word in the middle of a paragraph */
	if (text.len > 0 && (manual_is_option(tag) || is_word_with_text(l, &next, tag, text))) {
		add_tag(p, l, tag, text);
		return true;
	}
	if (text.len > 0 || !is_deeper || !manual_is_tag(l->text))
		return false;
	add_tag(p, l, l->text, text);
	return true;
}

/* --- A list that a program printed --- */

/* Where the text begins: behind a gap, or behind one blank at the column of the others. */
static bool read_entry(const struct manual_line *l, size_t column, struct entry *ret)
{
	size_t end = manual_tag_end(l->text), from = end;
	for (size_t i = 1; end == l->text.len && column > 0 && i < l->text.len; i++)
		if (l->text.ptr[i - 1] == ' ' && column_at(l, i) == column)
			end = from = i;
	ret->tag = str_trim(str_sub(l->text, 0, end));
	while (from < l->text.len && strchr(" \t", l->text.ptr[from]))
		from++;
	ret->text = str_sub(l->text, from, l->text.len);
	ret->column = column_at(l, from);
	return manual_is_option(ret->tag) && ret->text.len > 1 && (ret->text.ptr[0] | 32) >= 'a' &&
	       (ret->text.ptr[0] | 32) <= 'z' && (column == 0 || ret->column == column);
}

/* Two lines of one form at least: one alone may be anything. */
static bool begins_printed_list(const struct page *p, const struct manual_line *l, struct entry *e)
{
	struct manual_line next = manual_next_line(p->rest);
	struct entry second;
	return read_entry(l, 0, e) && next.indent == l->indent &&
	       read_entry(&next, e->column, &second);
}

static void end_printed_list(struct page *p)
{
	end_paragraph(p);
	p->column = p->body = p->tag_indent = 0;
}

static void add_entry(struct page *p, const struct manual_line *l, const struct entry *e)
{
	end_code(p);
	p->column = e->column;
	p->is_note = false;
	add_tag(p, l, e->tag, e->text);
}

/* Whether the line belongs to such a list, which it may end. */
static bool read_printed(struct page *p, const struct manual_line *l)
{
	struct entry e;
	if (p->column == 0) {
		if (!p->is_code || !begins_printed_list(p, l, &e))
			return false;
		add_entry(p, l, &e);
		return true;
	}
	if (l->indent == p->tag_indent && read_entry(l, p->column, &e)) {
		add_entry(p, l, &e);
		return true;
	}
	if (l->text.len == 0 || l->indent <= p->tag_indent) {
		end_printed_list(p);
		return l->text.len > 0 && l->text.ptr[l->text.len - 1] == '>'; /* a bare prompt */
	}
	if (!p->is_note && l->indent > p->column) {
		buf_addz(p->out, " \n  "); /* a note: a line of its own, of the same item */
		p->is_note = true;
	}
	add_text(p, l->text);
	return true;
}

/* --- Lines --- */

static bool is_command(struct str t)
{
	return t.len > 1 && (str_starts(t, STR("$ ")) || str_starts(t, STR("# ")) ||
	                     str_starts(t, STR("% ")) || str_find(t, STR("> "), 0) < 12);
}

/* Where text of this place begins: behind the last tag, else at the margin. */
static bool lies_too_deep(const struct page *p, const struct manual_line *l)
{
	size_t base = p->body > 0 && l->indent > p->tag_indent ? p->body : p->margin;
	return l->indent > base;
}

static void read_bullet(struct page *p, const struct manual_line *l, struct str text)
{
	end_paragraph(p);
	buf_addz(p->out, "- ");
	p->is_open = true;
	add_text(p, text);
	p->tag_indent = l->indent;
	p->body = l->indent + 1;
}

/* A letter or an asterisk is a bullet only where a paragraph may begin. */
static struct str after_bullet(struct str t, bool is_open)
{
	static const char *const marks[] = { "\xe2\x80\xa2", "\xc2\xb7 ", "o ", "* " };
	for (size_t i = 0; i < (is_open ? 1 : ARRAY_LEN(marks)); i++)
		if (str_starts(t, str_z(marks[i])))
			return str_trim(str_sub(t, strlen(marks[i]), t.len));
	return (struct str){ "", 0 };
}

static void read_text(struct page *p, const struct manual_line *l)
{
	if (p->body > p->tag_indent && p->body == p->tag_indent + 1 && l->indent > p->tag_indent)
		p->body = l->indent; /* the first line below the tag */
	if (!p->is_open && l->indent <= p->tag_indent)
		p->body = 0;
	p->is_code = !p->is_open && (lies_too_deep(p, l) || is_command(l->text));
	if (p->is_code)
		add_code(p, l->text);
	else
		add_text(p, l->text);
}

static void read_any(struct page *p, const struct manual_line *l)
{
	struct str item = after_bullet(l->text, p->is_open);
	if (read_printed(p, l))
		return;
	if (l->text.len == 0) {
		end_paragraph(p);
		end_code(p);
	} else if (manual_is_running_head(l)) {
		end_paragraph(p);
	} else if (is_heading(p, l)) {
		end_paragraph(p);
		end_code(p);
		p->body = p->tag_indent = 0;
		buf_addf(p->out, "\n%s ", l->indent == 0 ? "##" : "###");
		manual_add_heading(p->out, l->text);
		buf_addz(p->out, "\n\n");
	} else if (item.len > 0) {
		read_bullet(p, l, item);
	} else if (p->is_code) {
		add_code(p, l->text);
	} else if (!read_tag(p, l)) {
		read_text(p, l);
	}
}

void manual_to_markdown(struct arena *a, struct str text, struct buf *out, struct front *ret)
{
	ret->title = manual_title(a, text);
	struct page p = { .rest = text, .out = out, .margin = manual_indent(text) };
	while (p.rest.len > 0) {
		bool may_begin = !p.is_open && !p.is_fenced && p.column == 0;
		size_t table = may_begin ? manual_table(p.rest, out) : 0;
		if (table > 0) {
			p.rest = str_sub(p.rest, table, p.rest.len);
			continue;
		}
		struct manual_line l = manual_read_line(&p.rest);
		read_any(&p, &l);
	}
	end_paragraph(&p);
	end_code(&p);
}
