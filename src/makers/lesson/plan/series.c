/* What a text lists in an order of its own, without telling a story: stages of work as
 * headings, a series "in that order", the commands of one example.  Steps and dates told in
 * sentences: sequences.c. */
#include "makers/lesson/plan/namings.h"
#include "makers/lesson/plan/sequences.h"

enum { ALIKE_WORDS = 3, STAGES_MIN = 3, RANKED_MIN = 4 };

/* --- Stages --- */

/* "Planning the study", "Analysis", "Development and testing": work that is done. */
static bool is_stage(struct planner *p, struct str title)
{
	struct str rest = lower_case(p->arena, title), first = str_cut(rest, ' ', &rest);
	const struct word *w = lexicon_word(p->lexicon, first);
	if (title.len < 4 || title.len > 60 || memchr(title.ptr, '?', title.len))
		return false;
	return (w->is_gerund && w->v > 0) ||
	       one_of(first, "analysis discovery research design development acquisition launch "
	                     "evaluation testing preparation implementation deployment delivery "
	                     "maintenance review installation verification") ||
	       str_ends(rest, STR("process"));
}

/* "Getting started", "Planning the study", "Analysis" are the stages of any work: who has not
 * read the text puts them in order as well. */
static bool is_of_any_work(struct planner *p, struct str title)
{
	struct str rest = lower_case(p->arena, title);
	while (rest.len > 0)
		if (!one_of(str_cut(rest, ' ', &rest),
		            "getting starting started planning preparing preparation conducting "
		            "running doing the a an and of your our study work project process "
		            "analysis analyzing results testing evaluation review launch "
		            "deployment "
		            "maintenance design development implementation delivery"))
			return false;
	return true;
}

static bool has_start_word(struct planner *p, struct str title)
{
	struct str rest, first = str_cut(lower_case(p->arena, title), ' ', &rest);
	return one_of(first, "getting starting planning preparing discovery preparation research");
}

/* The headings below one heading, when all of them are stages of one piece of work and one
 * says where it starts. */
void order_stages(struct planner *p, struct questions *all)
{
	for (const struct section *top = p->doc->sections; top; top = top->next) {
		struct buf b = BUF_INIT(1000);
		struct events x = { .n = 0 };
		struct sentence *any = NULL;
		bool is_whole = true, has_start = false;
		size_t n_of_any = 0;
		for (const struct section *s = top->next; s && s->level > top->level; s = s->next) {
			if (s->level != top->level + 1 || s->is_aside)
				continue;
			if (str_find(lower_case(p->arena, s->title), STR("lessons"), 0) != SIZE_MAX)
				continue; /* behind the work, and always the last */
			is_whole &= is_stage(p, s->title) && x.n < ITEMS_MAX;
			if (!is_whole)
				break;
			has_start |= has_start_word(p, s->title);
			n_of_any += is_of_any_work(p, s->title);
			x.list[x.n++] = (struct event){ any, s->title, 0 };
			buf_addf(&b, "%s" STR_FMT, b.len ? "\n" : "", STR_ARG(s->title));
		}
		for (struct sentence *s = p->doc->sentences; s && !any; s = s->next)
			if (s->block->section == top->next)
				any = s;
		if (is_whole && has_start && n_of_any * 2 <= x.n && any && x.n >= STAGES_MIN &&
		    top->title.len > 0) {
			x.list[0].sentence = any;
			order_add(p, all, &x, str_dup(p->arena, buf_str(&b)),
			          str_fmt(p->arena,
			                  "Put these stages of the work in the order of the text "
			                  "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
			                  STR_ARG(top->title)),
			          top->title, 0.9);
		}
		buf_fini(&b);
	}
}

/* --- A series --- */

/* "GNUmakefile, makefile, and Makefile, in that order" */
static void read_series(struct planner *p, struct questions *all, struct sentence *s, uint32_t in)
{
	uint32_t to = in, n = 0, from[ITEMS_MAX], end[ITEMS_MAX];
	while (to > 0 && one_of(low(s, to - 1), ","))
		to--;
	while (to > 0 && n < ITEMS_MAX) {
		uint32_t at = to;
		while (at > 0 && at + 4 > to &&
		       (tag_at(s, at - 1) == TAG_NOUN || tag_at(s, at - 1) == TAG_PROPER ||
		        tag_at(s, at - 1) == TAG_OTHER) &&
		       !one_of(low(s, at - 1), ", and or"))
			at--;
		if (at == to)
			return;
		from[n] = at;
		end[n++] = to;
		if (at == 0 || !one_of(low(s, at - 1), ", and"))
			break;
		while (at > 0 && one_of(low(s, at - 1), ", and"))
			at--;
		to = at;
	}
	struct events x = { .n = 0 };
	while (n > 0) {
		n--;
		if (x.n == 0 && end[n] - from[n] > 1)
			from[n] = end[n] - 1; /* "the makefiles GNUmakefile": the name alone */
		x.list[x.n++] = (struct event){ s, sentence_span(s, from[n], end[n]), 0 };
	}
	if (x.n < ITEMS_MIN)
		return;
	struct str before = x.list[0].text;
	size_t at = str_find(s->text, before, 0);
	order_add(p, all, &x, s->text,
	          str_fmt(p->arena,
	                  "In which order does the text name these? \xe2\x80\x9c" STR_FMT
	                  " \xe2\x80\xa6\xe2\x80\x9d",
	                  STR_ARG(str_trim(str_sub(s->text, 0, at)))),
	          (struct str){ "", 0 }, 1.0);
}

void order_series(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 4; i + 2 < s->n; i++)
			if (s->is_whole && one_of(low(s, i), "in") &&
			    one_of(low(s, i + 1), "that this") && one_of(low(s, i + 2), "order"))
				read_series(p, all, s, i);
}

/* "in order of decreasing importance" at token i; *at is then the token behind it. */
static bool is_ranking(const struct sentence *s, uint32_t i, uint32_t *at)
{
	static const char directions[] = "decreasing increasing ascending descending";
	if (!one_of(low(s, i), "in"))
		return false;
	*at = i + 4;
	if (one_of(low(s, i + 1), "order") && one_of(low(s, i + 2), "of") &&
	    one_of(low(s, i + 3), directions)) {
		*at = i + 5; /* the noun is of what */
		return true;
	}
	return one_of(low(s, i + 1), directions) && one_of(low(s, i + 2), "order");
}

/* "one of (in order of decreasing importance) emerg, alert, crit, or debug" */
static void read_ranking(struct planner *p, struct questions *all, struct sentence *s, uint32_t in,
                         uint32_t at)
{
	struct naming x = { .sentence = s };
	struct events e = { .n = 0 };
	struct str how = sentence_span(s, in, at);
	while (one_of(low(s, at), ") : ,"))
		at++;
	x.at = at;
	naming_read_words(&x);
	for (size_t i = 0; i < x.n && e.n < ITEMS_MAX; i++)
		e.list[e.n++] = (struct event){ s, part_text(s, &x.parts[i]), 0 };
	if (e.n >= RANKED_MIN)
		order_add(
		        p, all, &e, s->text,
		        str_fmt(p->arena, "Put these " STR_FMT ", as the text does.", STR_ARG(how)),
		        (struct str){ "", 0 }, 1.0);
}

void order_rankings(struct planner *p, struct questions *all)
{
	uint32_t at;
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = s->lead; i + 6 < s->n; i++)
			if (!s->block->section->is_aside && s->text.len <= PLAN_SENTENCE_MAX &&
			    is_ranking(s, i, &at)) {
				read_ranking(p, all, s, i, at);
				break;
			}
}

/* --- A session --- */

/* Two rows inserted into one table may be inserted in either order. */
static bool begins_as_one_before(const struct block *b, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		struct str x = b->commands[i], y = b->commands[at];
		size_t n = 0, words = 0;
		for (; n < x.len && n < y.len && x.ptr[n] == y.ptr[n]; n++)
			words += x.ptr[n] == ' ';
		bool is_same_option = str_find(str_sub(x, 0, n), STR("--"), 0) != SIZE_MAX;
		if (words >= ALIKE_WORDS || is_same_option)
			return true;
	}
	return false;
}

void order_sessions(struct planner *p, struct questions *all)
{
	for (struct block *b = p->doc->blocks; b; b = b->next) {
		struct events x = { .n = 0 };
		if (b->n_commands < ITEMS_MIN || !b->last || b->section->is_aside ||
		    b->last->n_words < 5 || one_of(low(b->last, 0), "this these it that then"))
			continue;
		for (size_t i = 0; i < b->n_commands && x.n < ITEMS_MAX; i++)
			if (!begins_as_one_before(b, i))
				x.list[x.n++] = (struct event){ b->last, b->commands[i], 0 };
		if (x.n < ITEMS_MIN)
			continue;
		struct buf source = BUF_INIT(8192);
		buf_add(&source, b->last->text);
		for (size_t i = 0; i < x.n; i++)
			buf_addf(&source, "\n" STR_FMT, STR_ARG(x.list[i].text));
		struct str intro = say(p, b->last, b->last->lead, b->last->n);
		while (intro.len > 0 && strchr(":. ", intro.ptr[intro.len - 1]))
			intro.len--;
		order_add(p, all, &x, str_dup(p->arena, buf_str(&source)),
		          str_fmt(p->arena,
		                  "In which order does the text\xe2\x80\x99s example give these "
		                  "commands? \xe2\x80\x9c" STR_FMT ": \xe2\x80\xa6\xe2\x80\x9d",
		                  STR_ARG(intro)),
		          (struct str){ "", 0 }, 1.0);
		buf_fini(&source);
	}
}
