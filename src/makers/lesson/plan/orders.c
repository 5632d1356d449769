/* The steps of a numbered list that says it is a sequence, or of a bullet list that tells
 * them one after the other, to be put in order.  What is told in sentences: sequences.c. */
#include "makers/lesson/plan/plan.h"

enum {
	GAPPED_MIN = 4,    /* steps that may be shown without those between them */
	BLOCKS_SEEN = 300, /* behind the first step: a text may have lists without end */
	STEP_BYTES_MIN = 20
};

static bool has_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, str_z(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* A numbered list is a sequence only when the text says so, and no choice of options. */
static bool says_sequence(struct planner *p, struct str s)
{
	static const char *const cues[] = { "step",
		                            "stages",
		                            "phases",
		                            "how it works",
		                            "procedure",
		                            "sequence",
		                            "in this order",
		                            "activity",
		                            "activities",
		                            "recipe",
		                            "instructions",
		                            "how to",
		                            "do the following",
		                            "set up",
		                            "installing",
		                            "getting started",
		                            "workflow" };
	static const char *const options[] = {
		"option",     "path",       "types",      "kinds",     "reasons", "factors",
		"one of",     "next steps", "ways",       "either",    "tips",    "rules",
		"principles", "practices",  "guidelines", "questions", "examples"
	};
	struct str t = lower_case(p->arena, s);
	return has_any(t, cues, ARRAY_LEN(cues)) && !has_any(t, options, ARRAY_LEN(options));
}

/* "The sequence of initialization is as follows:": bullets, too, are then in order. */
static bool announces_order(struct planner *p, struct str intro)
{
	struct str t = lower_case(p->arena, intro);
	return str_ends(t, STR(":")) &&
	       (str_find(t, STR("the sequence of"), 0) != SIZE_MAX ||
	        str_find(t, STR("the order of"), 0) != SIZE_MAX ||
	        str_find(t, STR("in this order"), 0) != SIZE_MAX ||
	        str_find(t, STR("in the following order"), 0) != SIZE_MAX ||
	        str_find(t, STR("in that order"), 0) != SIZE_MAX);
}

/* "Now …", "Repeat the last two steps …" among orders: a bullet list that is a procedure. */
static bool tells_steps(const struct block *first)
{
	uint32_t n = 0, orders = 0;
	bool has_cue = false;
	size_t left = BLOCKS_SEEN;
	for (const struct block *x = first;
	     x && left-- > 0 && (x->list == 0 || x->list >= first->list); x = x->next) {
		if (x->list != first->list || !x->first)
			continue;
		const struct sentence *s = x->first;
		bool is_cue = one_of(low(s, 0), "now then finally repeat next afterwards");
		n++;
		has_cue |= is_cue && n > 1;
		orders += is_cue || is_imperative(s);
	}
	return has_cue && n >= 3 && orders + 1 >= n;
}

static struct str without_marks(struct str t)
{
	while (t.len > 0 && strchr(".;:, ", t.ptr[t.len - 1]))
		t.len--;
	return t;
}

/* Without what would tell its place, and without what announces more. */
static struct str item_text(const struct block *b)
{
	static const char *const ends[] = { " as follows", " first", " last", " next", " finally" };
	struct str t = without_marks(b->first ? b->first->text : b->text);
	size_t stop = str_find(t, STR(". "), 0); /* a second sentence without a capital */
	if (stop != SIZE_MAX && stop > STEP_BYTES_MIN)
		t = without_marks(str_sub(t, 0, stop));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_ends(t, str_z(ends[i])))
			t = without_marks(str_sub(t, 0, t.len - strlen(ends[i])));
	return t;
}

/* "The default is established as follows:" is a step; "One of these:" is half of one. */
static bool is_half(struct str whole)
{
	return str_ends(whole, STR(":")) && !str_ends(whole, STR(" as follows:"));
}

/* "There may be questions": what does not always happen is no step. */
static bool is_maybe(const struct sentence *s)
{
	for (uint32_t i = 0; s && i < s->n && i < 4; i++)
		if (one_of(low(s, i), "may might could"))
			return true;
	return false;
}

static bool is_good_item(const struct block *b)
{
	if (is_maybe(b->first))
		return false;
	struct str t = item_text(b);
	struct str whole = b->first ? b->first->text : b->text;
	return !is_half(whole) && t.len >= 8 && t.len <= 220 &&
	       str_find(t, STR("?"), 0) == SIZE_MAX && b->label_len == 0 &&
	       str_find(t, STR("\n"), 0) == SIZE_MAX && str_find(t, STR(" - "), 0) == SIZE_MAX;
}

static void ask_order(struct planner *p, struct questions *all, const struct block *intro,
                      const struct block *first)
{
	struct question q = { .score = 1.2 };
	struct buf b = BUF_INIT(3000);
	struct str title = first->section->title;
	struct str lead = intro && intro->section == first->section && intro->list == 0
	                          ? (intro->last ? intro->last->text : intro->text)
	                          : (struct str){ "", 0 };
	if (!(first->is_ordered && (says_sequence(p, lead) || says_sequence(p, title))) &&
	    !announces_order(p, lead) && !tells_steps(first))
		return;
	buf_add(&b, lead);
	size_t n_all = 0;
	size_t left = BLOCKS_SEEN;
	for (const struct block *x = first; x && left-- > 0 && q.n_items < 6; x = x->next) {
		if (x->list == 0 || x->list > first->list)
			continue; /* a further paragraph or a list inside the item */
		if (x->list != first->list)
			break;
		n_all++;
		if (!is_good_item(x))
			continue;
		q.items[q.n_items] = item_text(x);
		buf_addf(&b, "%s%zu. " STR_FMT, b.len ? "\n" : "", ++q.n_items,
		         STR_ARG(x->first ? x->first->text : x->text));
	}
	bool is_most =
	        q.n_items == n_all || (q.n_items >= GAPPED_MIN && q.n_items * 3 >= n_all * 2);
	if (q.n_items >= 3 && is_most && buf_rc(&b) == RC_OK) {
		struct question *kept = question_add(p, all, Q_ORDER, first->first, q.score);
		memcpy(kept->items, q.items, sizeof(q.items));
		kept->n_items = q.n_items;
		kept->title = title;
		kept->sentence = NULL;
		kept->source = str_dup(p->arena, buf_str(&b));
		kept->difficulty = 2;
		kept->prompt = str_fmt(p->arena,
		                       "Put these steps in the order of the text "
		                       "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
		                       STR_ARG(title));
		kept->explanation = str_fmt(p->arena, "The text gives this order:\n" STR_FMT,
		                            STR_ARG(kept->source));
	}
	buf_fini(&b);
}

void ask_orders(struct planner *p, struct questions *all)
{
	const struct block *before = NULL;
	uint32_t seen = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		if (b->list > seen && b->item == 1 && !b->section->is_aside) {
			seen = b->list;
			if (b->first)
				ask_order(p, all, before, b);
		}
		before = b;
	}
}
