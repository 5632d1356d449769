/* The lines of a manual page: how deep they stand, what may be a tag, what is no text at all. */
#include "makers/lesson/plan/manual.h"

#include "base/arena.h"
#include "makers/lesson/plan/plaintext.h"

enum { TAG_MAX = 50, INDENT_MAX = 40, GAP_MIN = 2 };

struct manual_line manual_read_line(struct str *rest)
{
	struct str raw = str_cut(*rest, '\n', rest);
	size_t indent = 0, i = 0;
	for (; i < raw.len && (raw.ptr[i] == ' ' || raw.ptr[i] == '\t'); i++)
		indent = raw.ptr[i] == '\t' ? indent / 8 * 8 + 8 : indent + 1;
	return (struct manual_line){ str_trim(raw), indent };
}

struct manual_line manual_next_line(struct str rest)
{
	return manual_read_line(&rest);
}

bool is_manual(struct str text)
{
	size_t n = 0, deep = 0;
	struct str rest = text;
	while (rest.len > 0) {
		struct manual_line l = manual_read_line(&rest);
		n += l.text.len > 0;
		deep += l.text.len > 0 && l.indent >= 3;
	}
	return deep * 2 > n;
}

/* The indent that most lines have. */
size_t manual_indent(struct str text)
{
	size_t count[INDENT_MAX] = { 0 }, best = 0;
	struct str rest = text;
	while (rest.len > 0) {
		struct manual_line l = manual_read_line(&rest);
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

/* Two or more blanks after a tag: what it means stands on the same line. */
size_t manual_tag_end(struct str text)
{
	for (size_t i = 1; i + GAP_MIN < text.len && i <= TAG_MAX; i++)
		if ((text.ptr[i] == ' ' && text.ptr[i + 1] == ' ') || text.ptr[i] == '\t')
			return i;
	return text.len;
}

bool manual_is_option(struct str t)
{
	return t.len >= 2 && !str_starts(t, STR("---")) &&
	       (t.ptr[0] == '-' || t.ptr[0] == '.' || t.ptr[0] == '+') && t.ptr[1] != ' ' &&
	       t.ptr[1] != '.' && t.len <= TAG_MAX;
}

/* "0", "126": what a program ends with. */
bool manual_is_status(struct str t)
{
	size_t n = 0;
	while (n < t.len && t.ptr[n] >= '0' && t.ptr[n] <= '9')
		n++;
	return n > 0 && n <= 3 && n == t.len;
}

/* What a tag may be: an option, or one word without an end; no sentence, no bullet. */
bool manual_is_tag(struct str t)
{
	if (manual_is_status(t))
		return true;
	if (t.len < 2 || t.len > TAG_MAX || str_find(t, STR("`"), 0) != SIZE_MAX)
		return false;
	if (manual_is_option(t))
		return true;
	bool is_letter = (t.ptr[0] | 32) >= 'a' && (t.ptr[0] | 32) <= 'z';
	return is_letter && words_in(t) <= 3 && !strchr(".,;:", t.ptr[t.len - 1]);
}

/* "TAR(1)" */
static bool is_reference(struct str word)
{
	size_t open = str_find(word, STR("("), 0);
	return open != SIZE_MAX && open > 0 && open + 2 < word.len &&
	       word.ptr[word.len - 1] == ')' && word.ptr[open + 1] >= '0' &&
	       word.ptr[open + 1] <= '9';
}

/* "TAR(1)      GNU Manual      TAR(1)" above, "GNU      July 2020      TAR(1)" below */
bool manual_is_running_head(const struct manual_line *l)
{
	size_t at = l->text.len;
	while (at > 0 && !strchr(" \t", l->text.ptr[at - 1]))
		at--;
	bool has_gap = at > 1 && (l->text.ptr[at - 1] == '\t' || l->text.ptr[at - 2] == ' ');
	return l->indent == 0 && has_gap && is_reference(str_sub(l->text, at, l->text.len));
}

/* "tar - an archiving utility" → "tar: an archiving utility" */
struct str manual_title(struct arena *a, struct str text)
{
	struct buf name = BUF_INIT(PLAN_LINE_MAX * 8), title = BUF_INIT(PLAN_LINE_MAX * 16);
	struct str rest = text;
	while (rest.len > 0 && !str_eqz(manual_read_line(&rest).text, "NAME"))
		continue;
	for (struct manual_line l = manual_read_line(&rest); l.text.len > 0;
	     l = manual_read_line(&rest))
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
void manual_add_heading(struct buf *out, struct str text)
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
