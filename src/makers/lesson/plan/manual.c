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
#include "makers/lesson/plan/plaintext.h"

enum {
	TAG_MAX = 50,
	HEADING_MAX = 60,
	INDENT_MAX = 40,
	GAP_MIN = 2,
	HANGING = 7 /* columns from a tag to its text: a tag of six leaves one blank */
};
#define FENCE "~~~~~~~~~~~~\n"

struct line {
	struct str text; /* trimmed */
	size_t indent;
};

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

static struct line read_line(struct str *rest)
{
	struct str raw = str_cut(*rest, '\n', rest);
	size_t indent = 0, i = 0;
	for (; i < raw.len && (raw.ptr[i] == ' ' || raw.ptr[i] == '\t'); i++)
		indent = raw.ptr[i] == '\t' ? indent / 8 * 8 + 8 : indent + 1;
	return (struct line){ str_trim(raw), indent };
}

static struct line next_line(struct str rest)
{
	return read_line(&rest);
}

bool is_manual(struct str text)
{
	size_t n = 0, deep = 0;
	struct str rest = text;
	while (rest.len > 0) {
		struct line l = read_line(&rest);
		n += l.text.len > 0;
		deep += l.text.len > 0 && l.indent >= 3;
	}
	return deep * 2 > n;
}

/* The indent that most lines have. */
static size_t usual_indent(struct str text)
{
	size_t count[INDENT_MAX] = { 0 }, best = 0;
	struct str rest = text;
	while (rest.len > 0) {
		struct line l = read_line(&rest);
		if (l.text.len > 0 && l.indent > 0 && l.indent < INDENT_MAX)
			count[l.indent]++;
	}
	/* The smallest that many lines have: deeper ones are the texts of tags. */
	size_t max = 0;
	for (size_t i = 0; i < INDENT_MAX; i++)
		max = count[i] > max ? count[i] : max;
	while (best + 1 < INDENT_MAX && count[best] * 4 < max)
		best++;
	return best;
}

static bool is_heading(const struct page *p, const struct line *l)
{
	struct line next = next_line(p->rest);
	return l->indent < p->margin && l->text.len <= HEADING_MAX && l->text.ptr[0] >= 'A' &&
	       l->text.ptr[0] <= 'Z' && !strchr(".,;", l->text.ptr[l->text.len - 1]) &&
	       (next.text.len == 0 || next.indent > l->indent);
}

/* Two or more blanks after a tag: what it means stands on the same line. */
static size_t tag_end(struct str text)
{
	for (size_t i = 1; i + GAP_MIN < text.len && i <= TAG_MAX; i++)
		if ((text.ptr[i] == ' ' && text.ptr[i + 1] == ' ') || text.ptr[i] == '\t')
			return i;
	return text.len;
}

static bool is_option_text(struct str t)
{
	return t.len >= 2 && !str_starts(t, STR("---")) &&
	       (t.ptr[0] == '-' || t.ptr[0] == '.' || t.ptr[0] == '+') && t.ptr[1] != ' ' &&
	       t.ptr[1] != '.' && t.len <= TAG_MAX;
}

/* "0", "126": what a program ends with. */
static bool is_status(struct str t)
{
	size_t n = 0;
	while (n < t.len && t.ptr[n] >= '0' && t.ptr[n] <= '9')
		n++;
	return n > 0 && n <= 3 && n == t.len;
}

/* What a tag may be: an option, or one word without an end; no sentence, no bullet. */
static bool is_tag(struct str t)
{
	if (is_status(t))
		return true;
	if (t.len < 2 || t.len > TAG_MAX || str_find(t, STR("`"), 0) != SIZE_MAX)
		return false;
	if (is_option_text(t))
		return true;
	bool is_letter = (t.ptr[0] | 32) >= 'a' && (t.ptr[0] | 32) <= 'z';
	return is_letter && words_in(t) <= 3 && !strchr(".,;:", t.ptr[t.len - 1]);
}

/* --- The head of a page --- */

/* "TAR(1)" */
static bool is_reference(struct str word)
{
	size_t open = str_find(word, STR("("), 0);
	return open != SIZE_MAX && open > 0 && open + 2 < word.len &&
	       word.ptr[word.len - 1] == ')' && word.ptr[open + 1] >= '0' &&
	       word.ptr[open + 1] <= '9';
}

/* "TAR(1)      GNU Manual      TAR(1)" above, "GNU      July 2020      TAR(1)" below */
static bool is_running_head(const struct line *l)
{
	size_t at = l->text.len;
	while (at > 0 && !strchr(" \t", l->text.ptr[at - 1]))
		at--;
	bool has_gap = at > 1 && (l->text.ptr[at - 1] == '\t' || l->text.ptr[at - 2] == ' ');
	return l->indent == 0 && has_gap && is_reference(str_sub(l->text, at, l->text.len));
}

/* "tar - an archiving utility" → "tar: an archiving utility" */
static struct str page_title(struct arena *a, struct str text)
{
	struct buf name = BUF_INIT(PLAN_LINE_MAX * 8), title = BUF_INIT(PLAN_LINE_MAX * 16);
	struct str rest = text;
	while (rest.len > 0 && !str_eqz(read_line(&rest).text, "NAME"))
		continue;
	for (struct line l = read_line(&rest); l.text.len > 0; l = read_line(&rest))
		buf_addf(&name, "%s" STR_FMT, name.len > 0 ? " " : "", STR_ARG(l.text));
	struct str whole = buf_str(&name);
	size_t dash = str_find(whole, STR(" - "), 0);
	if (dash != SIZE_MAX) {
		text_escape(&title, str_sub(whole, 0, dash), true);
		buf_addz(&title, ": ");
		text_escape(&title, str_sub(whole, dash + 3, whole.len), false);
	}
	struct str ret = str_dup(a, buf_str(&title));
	buf_fini(&name);
	buf_fini(&title);
	return ret;
}

/* "EXIT STATUS" shouts: "Exit status" */
static void add_heading(struct buf *out, struct str text)
{
	bool is_loud = true;
	for (size_t i = 0; i < text.len; i++)
		is_loud &= !(text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool is_lowered = is_loud && i > 0 && c >= 'A' && c <= 'Z';
		buf_addc(out, is_lowered ? (char)(c + 32) : c);
	}
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

static void add_tag(struct page *p, const struct line *l, struct str tag, struct str text)
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
static size_t column_at(const struct line *l, size_t to)
{
	size_t column = l->indent;
	for (size_t i = 0; i < to; i++)
		if ((l->text.ptr[i] & 0xc0) != 0x80)
			column = l->text.ptr[i] == '\t' ? column / 8 * 8 + 8 : column + 1;
	return column;
}

/* "PATH   Where …" with the rest of the text below "Where", or nothing below. */
static bool is_word_with_text(const struct line *l, const struct line *next, struct str tag,
                              struct str text)
{
	if (text.len == 0 || !is_tag(tag) || memchr(tag.ptr, ' ', tag.len))
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

static bool read_tag(struct page *p, const struct line *l)
{
	struct line next = next_line(p->rest);
	size_t end = tag_end(l->text);
	if (end > HANGING && fills_hanging(l->text))
		end = HANGING - 1;
	struct str tag = str_sub(l->text, 0, end),
	           text = str_trim(str_sub(l->text, end, l->text.len));
	bool is_deeper = next.text.len > 0 && next.indent > l->indent + 1;
	bool is_next_tag = p->body > 0 && l->indent <= p->tag_indent;
	if (p->is_open && (!is_next_tag || !is_option_text(tag)))
		return false; /* a word in the middle of a paragraph */
	if (text.len > 0 && (is_option_text(tag) || is_word_with_text(l, &next, tag, text))) {
		add_tag(p, l, tag, text);
		return true;
	}
	if (text.len > 0 || !is_deeper || !is_tag(l->text))
		return false;
	add_tag(p, l, l->text, text);
	return true;
}

/* --- A list that a program printed --- */

/* Where the text begins: behind a gap, or behind one blank at the column of the others. */
static bool read_entry(const struct line *l, size_t column, struct entry *ret)
{
	size_t end = tag_end(l->text), from = end;
	for (size_t i = 1; end == l->text.len && column > 0 && i < l->text.len; i++)
		if (l->text.ptr[i - 1] == ' ' && column_at(l, i) == column)
			end = from = i;
	ret->tag = str_trim(str_sub(l->text, 0, end));
	while (from < l->text.len && strchr(" \t", l->text.ptr[from]))
		from++;
	ret->text = str_sub(l->text, from, l->text.len);
	ret->column = column_at(l, from);
	return is_option_text(ret->tag) && ret->text.len > 1 && (ret->text.ptr[0] | 32) >= 'a' &&
	       (ret->text.ptr[0] | 32) <= 'z' && (column == 0 || ret->column == column);
}

/* Two lines of one form at least: one alone may be anything. */
static bool begins_printed_list(const struct page *p, const struct line *l, struct entry *e)
{
	struct line next = next_line(p->rest);
	struct entry second;
	return read_entry(l, 0, e) && next.indent == l->indent &&
	       read_entry(&next, e->column, &second);
}

static void end_printed_list(struct page *p)
{
	end_paragraph(p);
	p->column = p->body = p->tag_indent = 0;
}

static void add_entry(struct page *p, const struct line *l, const struct entry *e)
{
	end_code(p);
	p->column = e->column;
	p->is_note = false;
	add_tag(p, l, e->tag, e->text);
}

/* Whether the line belongs to such a list, which it may end. */
static bool read_printed(struct page *p, const struct line *l)
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
static bool lies_too_deep(const struct page *p, const struct line *l)
{
	size_t base = p->body > 0 && l->indent > p->tag_indent ? p->body : p->margin;
	return l->indent > base;
}

static void read_bullet(struct page *p, const struct line *l, struct str text)
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

static void read_text(struct page *p, const struct line *l)
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

static void read_any(struct page *p, const struct line *l)
{
	struct str item = after_bullet(l->text, p->is_open);
	if (read_printed(p, l))
		return;
	if (l->text.len == 0) {
		end_paragraph(p);
		end_code(p);
	} else if (is_running_head(l)) {
		end_paragraph(p);
	} else if (is_heading(p, l)) {
		end_paragraph(p);
		end_code(p);
		p->body = p->tag_indent = 0;
		buf_addf(p->out, "\n%s ", l->indent == 0 ? "##" : "###");
		add_heading(p->out, l->text);
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
	ret->title = page_title(a, text);
	struct page p = { .rest = text, .out = out, .margin = usual_indent(text) };
	while (p.rest.len > 0) {
		bool may_begin = !p.is_open && !p.is_fenced && p.column == 0;
		size_t table = may_begin ? manual_table(p.rest, out) : 0;
		if (table > 0) {
			p.rest = str_sub(p.rest, table, p.rest.len);
			continue;
		}
		struct line l = read_line(&p.rest);
		read_any(&p, &l);
	}
	end_paragraph(&p);
	end_code(&p);
}
