/* A sentence of the text put otherwise: in the third person, with a span replaced, or
 * turned into a question.
 *
 * "We created 56 cards" asks a learner about somebody else's "we"; it is shown as "The
 * authors created 56 cards".  A question is made as grammars do it: the first auxiliary
 * moves before the subject ("Why are … useful?"), and where there is none, a form of "do"
 * takes the verb's ending ("Why did the team choose …?").
 */
#include "makers/lesson/plan/plan.h"

enum { SUBJECT_MAX = 12 /* tokens */ };

/* --- Third person --- */

struct voice {
	struct buf out;
	bool was_named;    /* "the authors" stand in it */
	bool is_ambiguous; /* "they" would be somebody else */
};

static bool has_other_they(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "they them their theirs themselves"))
			return true;
	return false;
}

static const char *third_person(struct voice *v, const struct token *t)
{
	struct str w = t->is_upper ? (struct str){ "", 0 } : t->word->text; /* US is no pronoun */
	bool is_short = v->was_named && !v->is_ambiguous;
	const char *put = NULL;
	if (one_of(w, "we"))
		put = is_short ? "they" : "the authors";
	else if (one_of(w, "us"))
		put = is_short ? "them" : "the authors";
	else if (one_of(w, "our"))
		put = is_short ? "their" : "the authors\xe2\x80\x99";
	else if (one_of(w, "ours"))
		put = is_short ? "theirs" : "the authors\xe2\x80\x99";
	else if (one_of(w, "ourselves"))
		put = "themselves";
	v->was_named |= put != NULL;
	return put;
}

static const char *written_out(struct str clitic)
{
	return one_of(clitic, "'ve") ? " have" : one_of(clitic, "'re") ? " are" : " will";
}

static void speak(struct voice *v, const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct str w = low(s, i);
		const char *put = third_person(v, &s->tokens[i]);
		if (i > from && s->tokens[i].has_gap)
			buf_addc(&v->out, ' ');
		if (put)
			buf_addz(&v->out, put);
		else if (i > from && one_of(w, "'ve 're 'll") && one_of(low(s, i - 1), "we"))
			buf_addz(&v->out, written_out(w));
		else
			buf_add(&v->out, sentence_span(s, i, i + 1));
	}
}

bool can_be_put(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		if (one_of(low(s, i), "i my me mine 'm"))
			return false;
		if (one_of(low(s, i), "we") && one_of(low(s, i + 1), "'d"))
			return false; /* had or would */
		if (one_of(low(s, i), "us") && i > 0 && one_of(low(s, i - 1), "of"))
			return false; /* "most of us": not the authors */
	}
	return true;
}

struct str capitalised(struct arena *a, struct str s)
{
	if (s.len == 0 || s.ptr[0] < 'a' || s.ptr[0] > 'z')
		return s;
	return str_fmt(a, "%c" STR_FMT, s.ptr[0] - 32, STR_ARG(str_sub(s, 1, s.len)));
}

static struct voice voice_of(const struct sentence *s)
{
	struct voice v = { .out = BUF_INIT(4 * PLAN_SENTENCE_MAX),
		           .is_ambiguous = has_other_they(s) };
	return v;
}

static struct str said(struct planner *p, struct voice *v)
{
	struct str ret = str_dup(p->arena, buf_str(&v->out));
	buf_fini(&v->out);
	return ret;
}

struct str say(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to)
{
	struct voice v = voice_of(s);
	speak(&v, s, from, to);
	return capitalised(p->arena, said(p, &v));
}

struct str say_with(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to,
                    struct str by)
{
	struct voice v = voice_of(s);
	speak(&v, s, s->lead, from);
	if (from > s->lead && s->tokens[from].has_gap)
		buf_addc(&v.out, ' ');
	buf_add(&v.out, by);
	if (to < s->n && s->tokens[to].has_gap)
		buf_addc(&v.out, ' ');
	if (to < s->n)
		speak(&v, s, to, s->n);
	return capitalised(p->arena, said(p, &v));
}

/* --- Verbs --- */

static const char *const irregular[][2] = {
	{ "began", "begin" },   { "became", "become" },
	{ "came", "come" },     { "chose", "choose" },
	{ "drew", "draw" },     { "drove", "drive" },
	{ "fell", "fall" },     { "felt", "feel" },
	{ "found", "find" },    { "gave", "give" },
	{ "grew", "grow" },     { "held", "hold" },
	{ "kept", "keep" },     { "knew", "know" },
	{ "led", "lead" },      { "left", "leave" },
	{ "lost", "lose" },     { "made", "make" },
	{ "met", "meet" },      { "paid", "pay" },
	{ "ran", "run" },       { "said", "say" },
	{ "saw", "see" },       { "sent", "send" },
	{ "spent", "spend" },   { "spoke", "speak" },
	{ "stood", "stand" },   { "sold", "sell" },
	{ "taught", "teach" },  { "told", "tell" },
	{ "took", "take" },     { "thought", "think" },
	{ "won", "win" },       { "wore", "wear" },
	{ "wrote", "write" },   { "built", "build" },
	{ "broke", "break" },   { "bought", "buy" },
	{ "brought", "bring" }, { "caught", "catch" },
	{ "began", "begin" },   { "did", "do" },
	{ "had", "have" },      { "has", "have" },
	{ "does", "do" },       { "understood", "understand" },
};

struct best_verb {
	struct planner *p;
	struct str text;
	uint32_t weight;
};

static void try_verb(struct best_verb *b, struct str stem, const char *tail)
{
	uint32_t w[WORDNET_POS];
	struct str v = str_fmt(b->p->arena, STR_FMT "%s", STR_ARG(stem), tail);
	wordnet_weights(b->p->wordnet, v, w);
	if (w[WORDNET_VERB] > b->weight) {
		b->weight = w[WORDNET_VERB];
		b->text = v;
	}
}

/* Empty when it cannot be told. */
static struct str base_form(struct planner *p, const struct word *w)
{
	struct best_verb b = { .p = p, .text = STR("") };
	struct str t = w->text;
	for (size_t i = 0; i < ARRAY_LEN(irregular); i++)
		if (str_eqz(t, irregular[i][0]))
			return str_z(irregular[i][1]);
	if (w->is_third || str_ends(t, STR("s"))) {
		try_verb(&b, str_sub(t, 0, t.len - 1), "");
		if (str_ends(t, STR("es")))
			try_verb(&b, str_sub(t, 0, t.len - 2), "");
		if (str_ends(t, STR("ies")))
			try_verb(&b, str_sub(t, 0, t.len - 3), "y");
	} else if (str_ends(t, STR("ed"))) {
		try_verb(&b, str_sub(t, 0, t.len - 1), "");
		try_verb(&b, str_sub(t, 0, t.len - 2), "");
		if (t.len > 4 && t.ptr[t.len - 3] == t.ptr[t.len - 4])
			try_verb(&b, str_sub(t, 0, t.len - 3), "");
		if (str_ends(t, STR("ied")))
			try_verb(&b, str_sub(t, 0, t.len - 3), "y");
	}
	return b.text;
}

/* --- Clauses --- */

/* Behind a noun phrase with what hangs on it: "the owners of the system". */
static uint32_t subject_end(const struct sentence *s, uint32_t i)
{
	for (int parts = 0; parts < 3; parts++) {
		if (tag_at(s, i) == TAG_DETERMINER || tag_at(s, i) == TAG_POSSESSIVE ||
		    tag_at(s, i) == TAG_NUMBER)
			i++;
		uint32_t end = phrase_end(s, i);
		if (end == i)
			return 0;
		i = end;
		if (!one_of(low(s, i), "of in for on and"))
			return i;
		i++;
	}
	return 0;
}

/* "PDF files are", "DevOps approaches include": a noun after all. */
static bool is_before_verb(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i + 1);
	const struct word *w = i + 1 < s->n ? s->tokens[i + 1].word : NULL;
	return t == TAG_BE || t == TAG_MODAL || t == TAG_HAVE || t == TAG_DO ||
	       (w && w->fixed == TAG_OTHER && !w->is_plural && !w->is_gerund &&
	        w->v > 2 * (w->n + w->a));
}

/* The first finite verb behind anything that may be a subject: "Creating maps can …". */
static uint32_t verb_behind(const struct sentence *s, uint32_t from, uint32_t to)
{
	enum tag first = tag_at(s, from);
	if (first == TAG_PREPOSITION || first == TAG_PRONOUN || first == TAG_TO ||
	    first == TAG_WH || first == TAG_ADVERB || first == TAG_CONJUNCTION ||
	    first == TAG_MODAL || first == TAG_BE ||
	    (first == TAG_VERB && !s->tokens[from].word->is_gerund))
		return 0;
	for (uint32_t i = from + 1; i < from + SUBJECT_MAX && i + 1 < to; i++) {
		enum tag t = tag_at(s, i);
		const struct word *w = s->tokens[i].word;
		bool is_marked =
		        t == TAG_PUNCT && !one_of(w->text, "( ) - \xe2\x80\x9c \xe2\x80\x9d");
		if (is_marked || t == TAG_WH ||
		    (t == TAG_PRONOUN && !one_of(w->text, "itself one")) ||
		    one_of(w->text, "that if because while although"))
			return 0;
		bool is_meaning = one_of(w->text, "means") && s->tokens[i + 1].word->is_gerund;
		if (t == TAG_MODAL || t == TAG_BE || t == TAG_HAVE || is_meaning ||
		    (t == TAG_VERB && w->is_third && w->v > w->n && !is_before_verb(s, i)))
			return i;
	}
	return 0;
}

static bool is_plural_at(const struct sentence *s, uint32_t verb, bool otherwise)
{
	if (one_of(low(s, verb), "are were have"))
		return true;
	if (one_of(low(s, verb), "is was has") || s->tokens[verb].word->is_third)
		return false;
	return otherwise;
}

/* No other word of the sentence could be its verb: "The agency worked with …". */
static bool is_only_verb(const struct sentence *s, uint32_t at)
{
	for (uint32_t i = s->lead; i < s->n; i++) {
		enum tag t = tag_at(s, i);
		bool is_finite =
		        t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO ||
		        (t == TAG_VERB && !s->tokens[i].word->is_gerund &&
		         tag_at(s, i > 0 ? i - 1 : 0) != TAG_TO &&
		         !(i > 1 && tag_at(s, i - 1) == TAG_ADVERB && tag_at(s, i - 2) == TAG_TO));
		if (i != at && is_finite)
			return false;
	}
	return tag_at(s, at) == TAG_VERB;
}

static bool is_clause_verb(const struct sentence *s, const struct clause *c)
{
	const struct word *w = s->tokens[c->verb].word;
	enum tag t = tag_at(s, c->verb);
	if (t == TAG_BE || t == TAG_MODAL || t == TAG_HAVE)
		return !memchr(w->text.ptr, '\'', w->text.len);
	bool is_only = is_only_verb(s, c->verb);
	bool is_past =
	        w->is_past &&
	        (!one_of(low(s, c->verb + 1),
	                 "by in on with to as for from through at under within during via using "
	                 "of") ||
	         (is_only && one_of(low(s, c->verb + 1), "with on to for in")));
	bool is_third = w->is_third && (w->v > w->n || is_only) && !is_before_verb(s, c->verb);
	bool is_plain = c->is_plural && !w->is_third && !w->is_gerund && !w->is_past && w->v > w->n;
	if (one_of(w->text, "means") && s->tokens[c->verb + 1].word->is_gerund)
		return true;
	return t == TAG_VERB && !w->is_gerund && (is_past || is_third || is_plain);
}

bool clause_at(const struct sentence *s, uint32_t from, uint32_t to, struct clause *ret)
{
	struct subject x;
	*ret = (struct clause){ .from = from, .to = to };
	bool is_we = one_of(low(s, from), "we");
	ret->verb = is_we ? from + 1 : subject_end(s, from);
	ret->is_plural = is_we || (find_subject(s, &x) && x.from >= from && x.is_plural);
	for (int attempt = 0; attempt < 2; attempt++) {
		ret->subject_to = ret->verb;
		while (ret->verb > from && ret->verb < to && tag_at(s, ret->verb) == TAG_ADVERB &&
		       !one_of(low(s, ret->verb), "not"))
			ret->verb++;
		if (ret->verb > from && ret->verb + 2 <= to && is_clause_verb(s, ret)) {
			ret->is_plural = is_plural_at(s, ret->verb, ret->is_plural);
			return true;
		}
		ret->verb = verb_behind(s, from, to);
		while (ret->verb > from + 1 && tag_at(s, ret->verb - 1) == TAG_ADVERB)
			ret->verb--;
	}
	return false;
}

static struct str lower_first(struct planner *p, const struct sentence *s, uint32_t i,
                              struct str text)
{
	const struct token *t = &s->tokens[i];
	bool is_title = i + 1 < s->n && s->tokens[i + 1].is_capital &&
	                s->tokens[i].word->fixed == TAG_OTHER; /* a name of several words */
	bool keeps = t->is_upper || is_title ||
	             (t->tag == TAG_PROPER && t->word->count_lower == 0) || text.ptr[0] < 'A' ||
	             text.ptr[0] > 'Z';
	if (keeps)
		return text;
	return str_fmt(p->arena, "%c" STR_FMT, text.ptr[0] + 32,
	               STR_ARG(str_sub(text, 1, text.len)));
}

struct str say_inside(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str text = say(p, s, from, to);
	struct str w = low(s, from);
	if (one_of(w, "we our us"))
		return str_fmt(p->arena, "t" STR_FMT, STR_ARG(str_sub(text, 1, text.len)));
	return lower_first(p, s, from, text);
}

/* "are DevOps approaches useful", "did the team choose option 2": what follows a question
 * word.  Empty when the verb's base form is not known. */
struct str inverted(struct planner *p, const struct sentence *s, const struct clause *c)
{
	const struct token *v = &s->tokens[c->verb];
	enum tag t = v->tag;
	uint32_t subject_to = one_of(low(s, c->verb - 1), "also") ? c->subject_to : c->verb;
	struct str subject = say_inside(p, s, c->from, subject_to);
	bool was_named = one_of(low(s, c->from), "we our");
	struct voice rest = voice_of(s);
	rest.was_named = was_named;
	if (c->verb + 1 < c->to)
		speak(&rest, s, c->verb + 1, c->to);
	struct str tail = said(p, &rest);
	bool is_aux = t == TAG_BE || (t == TAG_MODAL && !one_of(v->word->text, "cannot")) ||
	              (t == TAG_HAVE && s->tokens[c->verb + 1].word->is_past);
	if (is_aux)
		return str_fmt(p->arena, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(v->word->text),
		               STR_ARG(subject), STR_ARG(tail));
	bool is_plain = t == TAG_HAVE ? one_of(v->word->text, "have")
	                              : !v->word->is_past && !v->word->is_third;
	struct str base = is_plain ? v->word->text : base_form(p, v->word);
	if (base.len == 0 || t == TAG_MODAL)
		return (struct str){ "", 0 };
	bool is_past = v->word->is_past || one_of(v->word->text, "had");
	return str_fmt(p->arena, "%s " STR_FMT " " STR_FMT " " STR_FMT,
	               is_past    ? "did"
	               : is_plain ? "do"
	                          : "does",
	               STR_ARG(subject), STR_ARG(base), STR_ARG(tail));
}
