/* Questions about options, commands and files, whose lead is code: "`-q`: Say only errors."
 *
 *	choice  "Which of these does the text describe as “…”?"  others of the page
 *	        "What does “-k” do?": meanings.c
 *	short   the same, to be typed: only options whose spelling says what they do
 *	match   matches.c
 *
 * Only the first sentence behind the lead is used, and only when it can be told from what
 * the others say.
 */
#include "makers/lesson/plan/plan.h"

enum { OPTION_WORDS_MIN = 3, OPTION_WORDS_MAX = 28, ALIKE_MIN = 4, SAME_MIN = 7 };

/* Where what it does is one line, that may lack its full stop. */
static bool has_end(const struct sentence *s)
{
	const struct token *last = &s->tokens[s->n - 1];
	struct str all = s->block->text;
	size_t end = (size_t)(s->text.ptr - all.ptr) + s->text.len;
	return str_ends(s->text, STR(".")) ||
	       (s == s->block->first && (end == all.len || all.ptr[end] == '\n') &&
	        (last->tag == TAG_NOUN || last->tag == TAG_ADJECTIVE || last->tag == TAG_PROPER ||
	         last->tag == TAG_NUMBER || one_of(low(s, s->n - 1), ") off on")));
}

/* "Backup DB (default "main") to FILE": what stands in brackets is closed again. */
static bool has_fair_brackets(const struct sentence *s)
{
	int depth = 0;
	for (uint32_t i = 0; i < s->n && depth >= 0 && depth <= 1; i++)
		depth += one_of(low(s, i), "(") ? 1 : one_of(low(s, i), ")") ? -1 : 0;
	return depth == 0;
}

/* With a capital, or, as on many pages, with a small letter and no full stop. */
static bool begins_well(const struct sentence *s)
{
	return s->tokens[0].is_capital ||
	       (tag_at(s, 0) != TAG_PUNCT && !str_ends(s->text, STR(".")));
}

/* A sentence that says what the option does, not what another or what follows does. */
static bool says_what(const struct sentence *s)
{
	uint32_t n = 0;
	if (s->n_words < OPTION_WORDS_MIN || s->n_words > OPTION_WORDS_MAX || !begins_well(s) ||
	    !has_end(s) || !has_fair_brackets(s) || s->is_first_person)
		return false;
	for (uint32_t i = 0; i < s->n; i++) {
		if (one_of(low(s, i), "this these those that it they above below same like see "
		                      "equivalent synonym alias similar former latter option "
		                      "deprecated obsolete respectively [ ] { } | = < > ` : ;") &&
		    !(one_of(low(s, i), "that it they") && i > 3))
			return false;
		n += s->tokens[i].tag != TAG_PUNCT && !s->tokens[i].word->is_stop;
	}
	return n >= 2 && !one_of(low(s, 0), "if when as with unless also note the by");
}

/* "test-label": Test the volume label. */
static bool has_all_parts(struct planner *p, struct str name, struct str definition)
{
	struct str rest = name;
	size_t n = 0;
	while (rest.len > 0) {
		struct str part = str_cut(rest, '-', &rest);
		if (part.len > 0 && !span_stands_in(p->arena, p->lexicon, part, definition))
			return false;
		n += part.len > 0;
	}
	return n >= 2;
}

static bool names_itself(struct planner *p, const struct fact *f)
{
	struct str rest = f->term;
	while (rest.len > 0) {
		struct str part = str_cut(rest, ' ', &rest);
		if (!strchr("-.+", part.ptr[0]))
			continue; /* what it takes */
		while (part.len > 0 && strchr("-.,+", part.ptr[0]))
			part = str_sub(part, 1, part.len);
		while (part.len > 0 && strchr(",=", part.ptr[part.len - 1]))
			part.len--;
		if (part.len > 2 && (span_stands_in(p->arena, p->lexicon, part, f->definition) ||
		                     has_all_parts(p, part, f->definition)))
			return true;
	}
	return false;
}

/* Whether this share (of ten) of the words that one says stand in what the other says. */
static bool are_alike(const struct fact *a, const struct fact *b, uint32_t share)
{
	uint32_t n = 0, m = 0;
	for (uint32_t i = 0; i < a->sentence->n; i++)
		n += a->sentence->tokens[i].tag != TAG_PUNCT &&
		     !a->sentence->tokens[i].word->is_stop;
	for (uint32_t i = 0; i < b->sentence->n; i++)
		m += b->sentence->tokens[i].tag != TAG_PUNCT &&
		     !b->sentence->tokens[i].word->is_stop;
	uint32_t shared = shared_stems(a->sentence, b->sentence);
	return str_eq(a->term, b->term) || (shared > 0 && shared * 10 >= (n < m ? n : m) * share);
}

bool options_are_alike(const struct fact *a, const struct fact *b)
{
	return are_alike(a, b, ALIKE_MIN);
}

static bool is_unlike_all(const struct planner *p, const struct fact *f)
{
	for (const struct fact *x = p->terms->facts; x; x = x->next)
		if (x != f && x->kind == FACT_OPTION && are_alike(x, f, SAME_MIN))
			return false;
	return true;
}

/* "-C" of "-C dir, --directory=dir": the long name says what it does, the short does not. */
struct str option_letter(struct str term)
{
	bool is_short = term.len > 3 && term.ptr[0] == '-' && term.ptr[1] != '-' &&
	                strchr(" ,", term.ptr[2]) && str_find(term, STR("--"), 0) != SIZE_MAX;
	return is_short ? str_sub(term, 0, 2) : (struct str){ "", 0 };
}

/* Letters only, small: "NULL values" holds "nullvalue". */
static struct str letters_of(struct arena *a, struct str s)
{
	char *out = arena_bytes(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		if ((s.ptr[i] | 32) >= 'a' && (s.ptr[i] | 32) <= 'z')
			out[n++] = (char)(s.ptr[i] | 32);
	return (struct str){ out, n };
}

/* A part of the name, or what the option takes, stands in what it does. */
static bool tells_itself(struct planner *p, struct str term, struct str definition)
{
	size_t from = 0;
	for (size_t i = 0; i <= term.len; i++) {
		bool is_letter =
		        i < term.len && ((term.ptr[i] | 32) >= 'a' && (term.ptr[i] | 32) <= 'z');
		if (is_letter)
			continue;
		struct str part = str_sub(term, from, i > from ? i - from : 0);
		from = i + 1;
		if (part.len > 2 &&
		    (span_stands_in(p->arena, p->lexicon, part, definition) ||
		     (part.len > 3 && str_find(letters_of(p->arena, definition),
		                               letters_of(p->arena, part), 0) != SIZE_MAX)))
			return true;
	}
	return false;
}

struct str option_shown(struct planner *p, const struct fact *f)
{
	struct str rest, name = str_cut(f->term, ' ', &rest);
	bool is_one = str_find(f->term, STR(","), 0) == SIZE_MAX && name.len > 2;
	if (!tells_itself(p, f->term, f->definition))
		return f->term;
	if (is_one && !tells_itself(p, name, f->definition))
		return name; /* without what it takes */
	return option_letter(f->term);
}

bool is_clear_option(struct planner *p, const struct fact *f)
{
	return f->kind == FACT_OPTION && says_what(f->sentence) && is_unlike_all(p, f);
}

/* Both options with a dash, or both without: form must not tell. */
static bool has_same_form(struct str a, struct str b)
{
	bool is_long = str_find(a, STR("--"), 0) != SIZE_MAX;
	bool is_listed = str_find(a, STR(","), 0) != SIZE_MAX;
	bool is_status = a.ptr[0] >= '0' && a.ptr[0] <= '9';
	return is_status == (b.ptr[0] >= '0' && b.ptr[0] <= '9') &&
	       (a.ptr[0] == '-') == (b.ptr[0] == '-') && (a.ptr[0] == '.') == (b.ptr[0] == '.') &&
	       is_long == (str_find(b, STR("--"), 0) != SIZE_MAX) &&
	       is_listed == (str_find(b, STR(","), 0) != SIZE_MAX);
}

/* As the key is shown: whole, without what it takes, or by its letter. */
static struct str alternative(const struct fact *x, struct str shown)
{
	struct str rest;
	if (shown.len == 2 && shown.ptr[0] == '-')
		return option_letter(x->term);
	bool is_bare = !memchr(shown.ptr, ' ', shown.len) && !memchr(shown.ptr, ',', shown.len);
	return is_bare && str_find(x->term, STR(","), 0) == SIZE_MAX ? str_cut(x->term, ' ', &rest)
	                                                             : x->term;
}

static bool may_stand_beside(const struct fact *f, const struct fact *x, struct str shown)
{
	struct str other = alternative(x, shown);
	/* "-r" beside "-R" asks for sharp eyes, and the checks take them for one. */
	return x->kind == FACT_OPTION && x != f && other.len > 0 && !str_eq_nocase(shown, other) &&
	       has_same_form(shown, other) && str_find(f->source, other, 0) == SIZE_MAX;
}

static void distract_option(const struct planner *p, const struct fact *f, struct str shown,
                            struct distractors *ret)
{
	uint32_t n = 0;
	ret->n = 0;
	for (const struct fact *x = p->terms->facts; x; x = x->next)
		n += may_stand_beside(f, x, shown);
	for (uint32_t round = 0; round < 9 && n >= 2 && ret->n < 3; round++) {
		uint32_t want = (p->seed + f->sentence->index + round * (n / 3 + 1)) % n, k = 0;
		for (const struct fact *x = p->terms->facts; x; x = x->next)
			if (may_stand_beside(f, x, shown) && k++ == want) {
				struct str other = alternative(x, shown);
				bool is_new = !are_alike(x, f, ALIKE_MIN);
				for (size_t i = 0; i < ret->n; i++)
					is_new &= !str_eq_nocase(ret->text[i], other);
				if (is_new)
					ret->text[ret->n++] = other;
			}
	}
}

static struct str quoted_prompt(struct planner *p, const char *what, const struct fact *f)
{
	return str_fmt(p->arena, "%s \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d", what,
	               STR_ARG(f->definition));
}

static void ask_which_option(struct planner *p, struct questions *all, struct fact *f)
{
	struct distractors d = { .n = 0 };
	struct str shown = option_shown(p, f);
	bool is_guessed = shown.len == 0 && !names_itself(p, f);
	if (is_guessed)
		shown = f->term; /* guessed by some: where little else can be asked */
	if (shown.len > 0)
		distract_option(p, f, shown, &d);
	if (d.n < 2)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, f->sentence,
	                                  (d.n < 3 ? 0.75 : 0.85) - (is_guessed ? 0.4 : 0));
	q->prompt = quoted_prompt(p, "Which of these does the text describe as follows?", f);
	q->answer = shown;
	q->distractors = d;
	q->source = f->source;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
}

/* "-q" of "-q, --quiet", of "-q --quiet" and of "-q or --quiet". */
static struct str next_spelling(struct str *rest)
{
	size_t end = rest->len, next = rest->len;
	for (size_t i = 1; i < rest->len && end == rest->len; i++) {
		struct str tail = str_sub(*rest, i, rest->len);
		if (tail.ptr[0] == ',' || str_starts(tail, STR(" or -")) ||
		    str_starts(tail, STR(" -"))) {
			end = i;
			next = i + (tail.ptr[0] == ',' ? 1 : str_starts(tail, STR(" or ")) ? 4 : 1);
		}
	}
	struct str one = str_trim(str_sub(*rest, 0, end));
	*rest = str_trim(str_sub(*rest, next, rest->len));
	return one;
}

/* "-q, --quiet=WHEN" may be typed as -q, as --quiet, or whole. */
static void accept_spellings(struct question *q)
{
	struct str rest = q->answer;
	while (rest.len > 0 && q->n_accepted < 6) {
		struct str one = next_spelling(&rest), ignored;
		struct str bare = str_cut(str_cut(one, ' ', &ignored), '=', &ignored);
		if (!str_eq(one, q->answer))
			q->accepted[q->n_accepted++] = one;
		if (!str_eq(bare, one) && bare.len > 1)
			q->accepted[q->n_accepted++] = bare;
	}
}

static void ask_option_name(struct planner *p, struct questions *all, struct fact *f)
{
	if (f->term.ptr[0] != '-' || f->term.len > 30)
		return;
	struct question *q = question_add(p, all, Q_SHORT, f->sentence, 0.7);
	q->prompt = quoted_prompt(p, "Which option does the text describe as follows?", f);
	q->answer = f->term;
	q->source = f->source;
	q->difficulty = 3;
	q->explanation = text_says(p, f->source);
	accept_spellings(q);
}

void ask_options(struct planner *p, struct questions *all)
{
	for (struct fact *f = p->terms->facts; f; f = f->next)
		/* Who knows statuses by heart?  They are matched (meanings.c). */
		if (is_clear_option(p, f) && !strchr("0123456789", f->term.ptr[0])) {
			ask_which_option(p, all, f);
			ask_meaning(p, all, f);
			if (!names_itself(p, f))
				ask_option_name(p, all, f);
		}
}
