/* Questions about lists: which of these does the text count among …?
 *
 * A list belongs to the line that introduces it ("A design system provides:").  The key is
 * an item, the alternatives are items of other lists that begin with the same sort of
 * word, so that only who knows the list can tell.
 */
#include "makers/lesson/plan/plan.h"

enum { ITEMS_MIN = 3, ITEM_BYTES_MAX = 140, SHARED_WITH_LIST_MAX = 1 };

static struct str item_of(const struct block *b)
{
	return b->first ? without_end(b->first->text) : (struct str){ "", 0 };
}

static bool is_item(const struct block *b)
{
	struct str t = item_of(b);
	return b->list > 0 && b->first && b->first == b->last && b->label_len == 0 &&
	       !b->is_aside && !b->section->is_aside && t.len >= 12 && t.len <= ITEM_BYTES_MAX &&
	       words_in(t) >= 3 && !b->first->is_first_person &&
	       memchr(t.ptr, '?', t.len) == NULL && memchr(t.ptr, '\n', t.len) == NULL &&
	       memchr(t.ptr, ':', t.len) == NULL;
}

static bool is_loose(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "this these those it its they their them he she here below "
		                      "following i my"))
			return true;
	return false;
}

/* The line before the list, when it says what is listed. */
static const struct sentence *intro_of(const struct block *before, const struct block *first)
{
	if (!before || before->list > 0 || before->section != first->section || before->is_aside)
		return NULL;
	const struct sentence *s = before->last;
	if (!s || !str_ends(s->text, STR(":")) || s->n_words < 4 || s->n_words > 22 ||
	    is_loose(s) || !can_be_put(s) || s->is_second_person)
		return NULL;
	return s;
}

struct listing {
	struct planner *p;
	const struct sentence *intro;
	const struct block *first;
};

static bool is_of(const struct listing *l, const struct block *b)
{
	return b->list == l->first->list;
}

/* Of orders none is asked: advice from one list would be good advice in any other. */
enum form { FORM_ORDER, FORM_GERUND, FORM_CLAUSE, FORM_PHRASE };

/* The first word decides the form: a noun phrase, an order, a clause. */
static enum form form_of(const struct block *b)
{
	const struct sentence *s = b->first;
	if (is_imperative(s))
		return FORM_ORDER;
	if (s->tokens[0].tag == TAG_VERB && !s->tokens[0].word->is_past)
		return s->tokens[0].word->is_gerund ? FORM_GERUND : FORM_ORDER;
	return s->is_whole ? FORM_CLAUSE : FORM_PHRASE;
}

static bool is_near_list(const struct listing *l, const struct block *x)
{
	if (shared_stems(l->intro, x->first) > SHARED_WITH_LIST_MAX)
		return true;
	for (const struct block *b = l->first; b && (b->list == 0 || is_of(l, b)); b = b->next)
		if (is_of(l, b) && b->first &&
		    shared_stems(b->first, x->first) > SHARED_WITH_LIST_MAX)
			return true;
	return false;
}

static void distract_item(const struct listing *l, const struct block *key, struct distractors *ret)
{
	ret->n = 0;
	uint32_t list = 0;
	for (int pass = 0; pass < 2; pass++) /* one from each list first */
		for (const struct block *x = l->p->doc->blocks; x && ret->n < 3; x = x->next) {
			if (!is_item(x) || is_of(l, x) || form_of(x) != form_of(key) ||
			    (pass == 0 && x->list == list) || is_near_list(l, x))
				continue;
			struct str t = item_of(x);
			bool is_known = t.len > key->text.len * 3 || t.len * 3 < key->text.len;
			for (size_t i = 0; i < ret->n; i++)
				is_known |= str_eq(ret->text[i], t);
			if (is_known)
				continue;
			ret->text[ret->n++] = t;
			list = x->list;
		}
}

static uint32_t count_items(const struct listing *l)
{
	uint32_t n = 0;
	for (const struct block *b = l->first; b; b = b->next)
		n += is_of(l, b);
	return n;
}

static void ask_listing(const struct listing *l, struct questions *all)
{
	struct planner *p = l->p;
	struct distractors d = { .n = 0 };
	const struct block *key = NULL;
	for (const struct block *b = l->first; b && d.n < 3; b = b->next)
		if (is_of(l, b) && is_item(b) && form_of(b) != FORM_ORDER &&
		    shared_stems(l->intro, b->first) == 0) {
			key = b;
			distract_item(l, b, &d);
		}
	if (d.n < 3 || count_items(l) < ITEMS_MIN)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, key->first, 0.95);
	struct str intro = say(p, l->intro, l->intro->lead, l->intro->n);
	intro.len--; /* the colon */
	q->prompt = str_fmt(p->arena,
	                    "Which of these belongs to the list in the text? \xe2\x80\x9c" STR_FMT
	                    ": \xe2\x80\xa6\xe2\x80\x9d",
	                    STR_ARG(intro));
	q->answer = item_of(key);
	q->distractors = d;
	q->difficulty = 2;
	q->source = str_fmt(p->arena, STR_FMT "\n" STR_FMT, STR_ARG(l->intro->text),
	                    STR_ARG(key->first->text));
	q->explanation = text_says(p, q->source);
}

void ask_lists(struct planner *p, struct questions *all)
{
	const struct block *before = NULL;
	uint32_t seen = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		if (b->list > seen && b->item == 1 && !b->section->is_aside) {
			seen = b->list;
			struct listing l = { p, intro_of(before, b), b };
			if (l.intro)
				ask_listing(&l, all);
		}
		before = b;
	}
}
