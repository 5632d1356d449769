/* A literal left out of a sentence: an option, a command, a file, a variable.
 *
 *	cloze  "Complete the sentence with an option from the text: … _____ …"
 *
 * What a manual sets down letter by letter is what its reader must know, and nothing else
 * fits in its place.  A literal that the rest of the sentence spells out, or that stands
 * among others, is not asked for.
 */
#include "makers/lesson/plan/plan.h"

enum { LITERAL_MIN = 3, LITERAL_MAX = 24, WORDS_MIN = 9, WORDS_MAX = 28, PART_MIN = 3 };

enum literal { LITERAL_NONE, LITERAL_OPTION, LITERAL_COMMAND, LITERAL_FILE, LITERAL_VARIABLE };

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_of(struct str s, const char *marks)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_small(s.ptr[i] | 32) && !(s.ptr[i] >= '0' && s.ptr[i] <= '9') &&
		    !strchr(marks, s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool is_variable(struct str w)
{
	bool has_bar = false;
	for (size_t i = 0; i < w.len; i++) {
		has_bar |= w.ptr[i] == '_' && i > 0 && i + 1 < w.len;
		if (!(w.ptr[i] >= 'A' && w.ptr[i] <= 'Z') && w.ptr[i] != '_')
			return false;
	}
	return has_bar;
}

static enum literal literal_of(struct str w)
{
	if (w.len < LITERAL_MIN || w.len > LITERAL_MAX)
		return LITERAL_NONE;
	if (w.ptr[0] == '-' && is_of(w, "-") && is_small(w.ptr[w.len - 1] | 32) &&
	    (w.ptr[1] == '-' || is_small(w.ptr[1])))
		return LITERAL_OPTION;
	if (w.ptr[0] == '.' && is_of(str_sub(w, 1, w.len), "") && is_small(w.ptr[1]))
		return LITERAL_COMMAND;
	if ((w.ptr[0] == '/' || str_starts(w, STR("~/"))) && is_of(w, "/.-_~") &&
	    w.ptr[w.len - 1] != '/')
		return LITERAL_FILE;
	return is_variable(w) ? LITERAL_VARIABLE : LITERAL_NONE;
}

/* The word without the quotes and marks around it. */
static struct str bare(struct str w)
{
	static const char *const marks[] = { "'",
		                             "\"",
		                             "`",
		                             "(",
		                             ")",
		                             ",",
		                             ";",
		                             ":",
		                             "\xe2\x80\x98",
		                             "\xe2\x80\x99",
		                             "\xe2\x80\x9c",
		                             "\xe2\x80\x9d" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);
		if (w.len > n && str_starts(w, str_z(marks[i]))) {
			w = str_sub(w, n, w.len);
			i = SIZE_MAX; /* from the first mark again */
		} else if (w.len > n && str_ends(w, str_z(marks[i]))) {
			w.len -= n;
			i = SIZE_MAX;
		}
	}
	if (w.len > 1 && w.ptr[w.len - 1] == '.')
		w.len--;
	return w;
}

/* A part of the name stands elsewhere in the sentence. */
static bool is_spelt_out(struct planner *p, struct str name, struct str rest)
{
	size_t from = 0;
	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && is_small(name.ptr[i] | 32))
			continue;
		struct str part = str_sub(name, from, i > from ? i - from : 0);
		from = i + 1;
		if (part.len >= PART_MIN && span_stands_in(p->arena, p->lexicon, part, rest))
			return true;
	}
	return false;
}

static const char *name_of(enum literal kind)
{
	static const char *const names[] = { "", "an option", "a command", "the name of a file",
		                             "the name of a variable" };
	return names[kind];
}

static void accept_bare(struct planner *p, struct question *q)
{
	size_t at = 0;
	while (at < q->answer.len && strchr("-.", q->answer.ptr[at]))
		at++;
	if (at > 0)
		q->accepted[q->n_accepted++] = str_sub(q->answer, at, q->answer.len);
	struct str small = lower_case(p->arena, q->answer);
	if (!str_eq(small, q->answer))
		q->accepted[q->n_accepted++] = small;
}

/* "-p and --stat", "e.g. -vkp": another would do as well. */
static bool is_one_of_several(struct str head, struct str tail)
{
	static const char *const before[] = {
		"(", " and ", " or ", ", ", "e.g. ", " as ", " like "
	};
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (str_ends(head, str_z(before[i])))
			return true;
	return str_starts(tail, STR(" or ")) || str_starts(tail, STR(" and ")) ||
	       str_starts(tail, STR(","));
}

/* How many literals the sentence has; the last of them in *ret. */
static size_t find_literal(struct str text, struct str *ret)
{
	size_t n = 0;
	struct str rest = text;
	while (rest.len > 0) {
		struct str w = bare(str_cut(rest, ' ', &rest));
		if (literal_of(w) != LITERAL_NONE) {
			*ret = w;
			n++;
		}
	}
	return n;
}

static void ask_literal(struct planner *p, struct questions *all, struct sentence *s)
{
	struct str text = say(p, s, s->lead, s->n), w = { "", 0 };
	if (find_literal(text, &w) != 1 || !stands_once(s, w))
		return;
	size_t at = str_find(text, w, 0);
	struct str head = str_sub(text, 0, at), tail = str_sub(text, at + w.len, text.len);
	struct str context = str_fmt(p->arena, STR_FMT " " STR_FMT, STR_ARG(head), STR_ARG(tail));
	if (head.len == 0 || is_one_of_several(head, tail) || is_spelt_out(p, w, context))
		return;
	struct question *q = question_add(p, all, Q_CLOZE, s, sentence_worth(s) + 0.2);
	q->prompt = str_fmt(p->arena,
	                    "Complete the sentence with %s from the text: " STR_FMT "_____" STR_FMT,
	                    name_of(literal_of(w)), STR_ARG(head), STR_ARG(tail));
	q->answer = w;
	q->difficulty = 3;
	q->explanation = text_says(p, s->text);
	accept_bare(p, q);
}

void ask_identifiers(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s) && s->n_words >= WORDS_MIN &&
		    s->n_words <= WORDS_MAX)
			ask_literal(p, all, s);
}
