/* Plausible but false alternatives.
 *
 * A term's come from the text: same kind, same number, same sort of thing, and never
 * joined with the right answer, used near the sentence or said about the same matter, so
 * that the text itself does not make them right.  A number's keep its format and are no
 * number of the text.  An abbreviation's change one word for another of that initial.
 */
#include "makers/lesson/plan/plan.h"

enum { NUMBERS_MAX = 400, LEXNAME_UNKNOWN = 255 };

bool span_stands_in(struct arena *a, struct lexicon *l, struct str span, struct str text)
{
	struct str x = normal_form(a, l, span), y = normal_form(a, l, text);
	if (x.len == 0)
		return false;
	for (size_t at = str_find(y, x, 0); at != SIZE_MAX; at = str_find(y, x, at + 1)) {
		bool is_start = at == 0 || y.ptr[at - 1] == ' ';
		bool is_end = at + x.len == y.len || y.ptr[at + x.len] == ' ';
		if (is_start && is_end)
			return true;
	}
	return false;
}

/* --- Terms --- */

enum sort { SORT_OTHER, SORT_BODY, SORT_PERSON, SORT_PLACE };

static enum sort sort_of(const struct planner *p, const struct term *t)
{
	static const char bodies[] = "agency department institute office bureau foundation "
	                             "administration center centre university alliance corporation "
	                             "council community ministry commission committee service "
	                             "services company library museum archives institutes fund";
	struct str long_form = t->expansion.len > 0 ? t->expansion : t->text;
	struct str rest = lower_case(p->arena, long_form), word;
	while (rest.len > 0) {
		word = str_cut(rest, ' ', &rest);
		bool is_head = rest.len == 0 || str_starts(rest, STR("of ")) ||
		               str_starts(rest, STR("for "));
		if (is_head && one_of(word, bodies))
			return SORT_BODY;
	}
	if (t->kind == TERM_COMMON)
		return SORT_OTHER;
	uint8_t k = wordnet_lexname(p->wordnet, lower_case(p->arena, t->text));
	if (k == 0 && t->n_tokens > 1)
		k = wordnet_lexname(p->wordnet, t->head->text);
	return k == 15 ? SORT_PLACE : k == 18 ? SORT_PERSON : SORT_OTHER;
}

static bool shares_word(struct str a, struct str b) /* of two normal forms */
{
	while (a.len > 0) {
		struct str w = str_cut(a, ' ', &a);
		struct str rest = b;
		while (rest.len > 0)
			if (str_eq(str_cut(rest, ' ', &rest), w) && w.len > 2)
				return true;
	}
	return false;
}

uint32_t shared_stems(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		if (a->tokens[i].tag == TAG_PUNCT || a->tokens[i].word->is_stop)
			continue;
		for (uint32_t k = 0; k < b->n; k++)
			if (b->tokens[k].tag != TAG_PUNCT &&
			    a->tokens[i].word->stem_id == b->tokens[k].word->stem_id) {
				n++;
				break;
			}
	}
	return n;
}

static const struct sentence *nth(const struct sentence *s, uint32_t index)
{
	while (s && s->index < index)
		s = s->next;
	return s;
}

/* Whether the text brings the candidate close to what the sentence says. */
static bool may_be_true(const struct planner *p, const struct term *t, const struct term *x,
                        const struct sentence *s)
{
	const struct sentence *at = p->doc->sentences;
	for (uint32_t i = 0; i < x->n_places; i++) {
		uint32_t k = x->places[i];
		at = nth(at, k);
		if (!at || at->block == s->block || (k + 1 >= s->index && k <= s->index + 1))
			return true;
		if (shared_stems(s, at) >= 3)
			return true;
		for (uint32_t j = 0; j < t->n_places; j++)
			if (t->places[j] == k)
				return true; /* side by side: siblings that may both be right */
	}
	return false;
}

static double closeness(struct planner *p, const struct term *t, const struct term *x)
{
	double c = 0;
	if (t->kind == TERM_COMMON && x->head->lexname != 0 && x->head->lexname == t->head->lexname)
		c += 2;
	if (t->first->block->section->parent == x->first->block->section->parent)
		c += 0.5;
	c += t->n_tokens == x->n_tokens ? 0.7 : 0;
	c += x->count > 1 ? 0.6 : 0;
	c += ((x->index * 2654435761u ^ p->seed) >> 16 & 0xff) / 2048.0;
	return c;
}

static void know_lexname(struct planner *p, struct word *w)
{
	if (w->lexname != 0)
		return;
	w->lexname = wordnet_lexname(p->wordnet, w->text);
	if (w->lexname == 0 && w->is_plural && w->text.len > 3)
		w->lexname = wordnet_lexname(p->wordnet, str_sub(w->text, 0, w->text.len - 1));
	if (w->lexname == 0 && str_ends(w->text, STR("ies")))
		w->lexname =
		        wordnet_lexname(p->wordnet, str_fmt(p->arena, STR_FMT "y",
		                                            (int)w->text.len - 3, w->text.ptr));
	if (w->lexname == 0)
		w->lexname = LEXNAME_UNKNOWN;
}

static bool same_kind(struct planner *p, const struct term *t, const struct term *x)
{
	if (t->kind != x->kind || t->is_plural != x->is_plural)
		return false;
	if (t->kind != TERM_COMMON)
		return sort_of(p, t) == sort_of(p, x) && (t->n_tokens == 1) == (x->n_tokens == 1) &&
		       (x->count > 1 || t->count == 1 || t->kind == TERM_ABBREVIATION ||
		        x->n_tokens > 1);
	know_lexname(p, x->head);
	know_lexname(p, t->head);
	if (x->has_name != t->has_name)
		return false;
	if (wordnet_is_there(p->wordnet) &&
	    (x->head->lexname != t->head->lexname || x->head->lexname == LEXNAME_UNKNOWN))
		return false;
	if (x->head->is_stop || (t->n_tokens >= 2) != (x->n_tokens >= 2))
		return false;
	return x->n_tokens >= 2 || x->count > 1;
}

static bool is_fair(struct planner *p, const struct term *t, const struct term *x,
                    const struct sentence *s)
{
	if (x == t || x == t->alias || x->text.len > 60 || x->n_tokens > t->n_tokens + 2)
		return false;
	if (!same_kind(p, t, x) || shares_word(t->key, x->key))
		return false;
	if (t->alias && shares_word(t->alias->key, x->key))
		return false;
	if (t->expansion.len > 0 &&
	    shares_word(normal_form(p->arena, p->lexicon, t->expansion), x->key))
		return false;
	if (t->kind == TERM_COMMON &&
	    wordnet_are_synonyms(p->wordnet, t->head->text, x->head->text))
		return false;
	if (span_stands_in(p->arena, p->lexicon, x->text, s->text))
		return false;
	return !may_be_true(p, t, x, s);
}

static bool is_distinct(struct planner *p, const struct distractors *d, const struct term *x)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(normal_form(p->arena, p->lexicon, d->text[i]), x->key) ||
		    shares_word(normal_form(p->arena, p->lexicon, d->text[i]), x->key) ||
		    (x->alias &&
		     shares_word(normal_form(p->arena, p->lexicon, d->text[i]), x->alias->key)))
			return false;
	return true;
}

static void distract_from_wordnet(struct planner *p, const struct term *t, const struct sentence *s,
                                  struct distractors *ret)
{
	struct str sib[64];
	if (t->kind != TERM_COMMON || t->n_tokens != 1 || t->is_plural)
		return;
	size_t n = wordnet_siblings(p->wordnet, p->arena, t->head->text, sib, ARRAY_LEN(sib));
	for (size_t i = 0; i < n && ret->n < 3; i++) {
		uint32_t w[WORDNET_POS];
		wordnet_weights(p->wordnet, sib[i], w);
		bool is_vowel = strchr("aeiou", sib[i].ptr[0]) != NULL;
		if (w[WORDNET_NOUN] < 20 || is_vowel != t->is_vowel ||
		    span_stands_in(p->arena, p->lexicon, sib[i], s->text) ||
		    lexicon_word(p->lexicon, sib[i])->count > 0)
			continue;
		ret->text[ret->n++] = sib[i];
	}
}

void distract_term(struct planner *p, const struct term *t, const struct sentence *s,
                   struct distractors *ret)
{
	ret->n = 0;
	if (t->kind == TERM_NAME && sort_of(p, t) == SORT_OTHER)
		return; /* names of unlike things make no fair choice */
	for (int round = 0; round < 3; round++) {
		const struct term *best = NULL;
		double best_score = 0;
		for (const struct term *x = p->terms->first; x; x = x->next) {
			if (x->kind != t->kind || x->is_plural != t->is_plural ||
			    x->is_vowel != t->is_vowel)
				continue;
			double c = closeness(p, t, x);
			if (c <= best_score || !is_distinct(p, ret, x) || !is_fair(p, t, x, s))
				continue;
			best = x;
			best_score = c;
		}
		if (!best)
			break;
		ret->text[ret->n++] = best->text;
	}
	if (ret->n == 2)
		distract_from_wordnet(p, t, s, ret);
}

/* --- Numbers --- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_label_word(const struct token *t)
{
	return (t->is_capital && t->tag == TAG_PROPER) ||
	       one_of(t->word->text,
	              "# section part step phase level layer figure table version chapter "
	              "option form title page no number day challenge - / . ~ & "
	              "january february march april may june july august september "
	              "october november december");
}

static bool is_month(struct str w)
{
	return one_of(
	        w, "january february march april may june july august september october november "
	           "december");
}

static bool is_year(const struct sentence *s, uint32_t i)
{
	const char *p = s->text.ptr + s->tokens[i].at;
	return s->tokens[i].len == 4 && (memcmp(p, "1", 1) == 0 || memcmp(p, "20", 2) == 0) &&
	       is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]);
}

bool number_at(const struct sentence *s, uint32_t i, uint32_t *to)
{
	const struct token *t = &s->tokens[i];
	if (t->tag != TAG_NUMBER || one_of(t->word->text, "one half hundred thousand dozens dozen"))
		return false;
	const struct token *before = i > 0 ? &s->tokens[i - 1] : NULL;
	const struct token *after = i + 1 < s->n ? &s->tokens[i + 1] : NULL;
	*to = i + 1;
	if (str_find(t->word->text, STR(":"), 0) != SIZE_MAX || t->len > 12)
		return false;
	if (is_year(s, i))
		return before && (one_of(before->word->text, "in since until by of") ||
		                  is_month(before->word->text));
	if (before && (is_label_word(before) || before->tag == TAG_NUMBER ||
	               one_of(before->word->text, "or to from")))
		return false;
	if (!after || (after->tag == TAG_PUNCT && s->text.ptr[t->at + t->len - 1] != '%'))
		return s->text.ptr[t->at + t->len - 1] == '%' || s->text.ptr[t->at] == '$';
	if (after->tag == TAG_NUMBER || one_of(after->word->text, "of out or and to"))
		return s->text.ptr[t->at + t->len - 1] == '%';
	if (after->tag == TAG_PROPER)
		return false;
	return after->tag == TAG_NOUN || after->tag == TAG_ADJECTIVE ||
	       s->text.ptr[t->at + t->len - 1] == '%' || s->text.ptr[t->at] == '$';
}

void planner_collect_numbers(struct planner *p)
{
	p->numbers = arena_new(p->arena, struct str, NUMBERS_MAX);
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 0; i < s->n && p->n_numbers < NUMBERS_MAX; i++)
			if (s->tokens[i].tag == TAG_NUMBER)
				p->numbers[p->n_numbers++] = s->tokens[i].word->text;
}

static bool is_number_of_text(const struct planner *p, struct str v)
{
	for (uint32_t i = 0; i < p->n_numbers; i++)
		if (str_eq(p->numbers[i], v))
			return true;
	return false;
}

static const char *const number_words[] = { "two",      "three",    "four",    "five",
	                                    "six",      "seven",    "eight",   "nine",
	                                    "ten",      "eleven",   "twelve",  "thirteen",
	                                    "fourteen", "fifteen",  "sixteen", "seventeen",
	                                    "eighteen", "nineteen", "twenty" };

static void add_distinct(struct planner *p, struct distractors *d, struct str v,
                         const struct sentence *s)
{
	if (d->n >= 3 || v.len == 0 || is_number_of_text(p, lower_case(p->arena, v)))
		return;
	for (size_t i = 0; i < d->n; i++)
		if (str_eq_nocase(d->text[i], v))
			return;
	if (!span_stands_in(p->arena, p->lexicon, v, s->text))
		d->text[d->n++] = v;
}

static void distract_word(struct planner *p, struct str number, const struct sentence *s,
                          struct distractors *ret)
{
	static const int steps[] = { 2, -2, 3, 1, -1, 4, -3, 5 };
	int at = -1;
	for (int i = 0; i < (int)ARRAY_LEN(number_words); i++)
		if (str_eq_nocase(number, str_z(number_words[i])))
			at = i;
	for (size_t k = 0; at >= 0 && k < ARRAY_LEN(steps); k++) {
		int x = at + steps[(k + p->seed) % ARRAY_LEN(steps)];
		if (x < 0 || x >= (int)ARRAY_LEN(number_words))
			continue;
		const char *w = number_words[x];
		bool is_upper = number.ptr[0] >= 'A' && number.ptr[0] <= 'Z';
		add_distinct(p, ret,
		             is_upper ? str_fmt(p->arena, "%c%s", w[0] - 32, w + 1) : str_z(w), s);
	}
}

struct format { /* "$1,234.5%" = "$", 12345, one decimal, commas, "%" */
	struct str prefix, suffix;
	uint64_t value, unit;
	unsigned decimals;
	bool has_commas;
};

static bool read_format(struct str n, struct format *f)
{
	size_t i = 0, end;
	*f = (struct format){ .unit = 1 };
	while (i < n.len && !is_digit(n.ptr[i]))
		i++;
	f->prefix = str_sub(n, 0, i);
	bool is_fraction = false;
	for (end = i;
	     end < n.len && (is_digit(n.ptr[end]) || n.ptr[end] == ',' || n.ptr[end] == '.');
	     end++) {
		if (n.ptr[end] == '.' && is_fraction)
			return false;
		is_fraction |= n.ptr[end] == '.';
		f->has_commas |= n.ptr[end] == ',';
		if (!is_digit(n.ptr[end]))
			continue;
		f->value = f->value * 10 + (uint64_t)(n.ptr[end] - '0');
		f->decimals += is_fraction;
		if (f->value > 1000000000000u)
			return false;
	}
	f->suffix = str_sub(n, end, n.len);
	if (end == i || f->suffix.len > 1 || f->value == 0)
		return false;
	while (f->value % (f->unit * 10) == 0)
		f->unit *= 10;
	if (f->unit == 1 && f->value % 5 == 0 && f->value > 10)
		f->unit = 5;
	return true;
}

static struct str write_format(struct planner *p, const struct format *f, uint64_t v)
{
	char digits[32];
	int n = snprintf(digits, sizeof(digits), "%0*llu", (int)f->decimals + 1,
	                 (unsigned long long)v);
	struct buf b = BUF_INIT(128);
	buf_add(&b, f->prefix);
	for (int i = 0; i < n; i++) {
		int left = n - i - (int)f->decimals;
		if (f->decimals > 0 && left == 0)
			buf_addc(&b, '.');
		else if (f->has_commas && i > 0 && left > 0 && left % 3 == 0)
			buf_addc(&b, ',');
		buf_addc(&b, digits[i]);
	}
	buf_add(&b, f->suffix);
	struct str ret = str_dup(p->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static uint64_t varied(const struct format *f, int percent, bool is_year)
{
	if (is_year) {
		int64_t v = (int64_t)f->value + (percent - 100) / 10;
		return (uint64_t)v;
	}
	uint64_t unit = f->unit > 1 && f->value / f->unit < 4 ? f->unit / 2 : f->unit;
	unit = unit > 0 && f->unit % 10 == 0 && unit % 5 == 0 ? unit : f->unit;
	uint64_t v = f->value * (uint64_t)percent / 100;
	v = (v + unit / 2) / unit * unit;
	return v;
}

/* Counts up to twenty: neighbours, for a multiple would be too far. */
static void distract_small(struct planner *p, const struct format *f, const struct sentence *s,
                           struct distractors *ret)
{
	static const int steps[] = { 2, -2, 3, 4, -3, 5, 1, -1, 6 };
	for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
		int64_t v = (int64_t)f->value + steps[(k + p->seed) % ARRAY_LEN(steps)];
		if (v >= 2)
			add_distinct(p, ret, write_format(p, f, (uint64_t)v), s);
	}
}

void distract_number(struct planner *p, struct str number, const struct sentence *s,
                     struct distractors *ret)
{
	static const int steps[] = { 150, 60, 220, 40, 180, 300, 75, 130, 250, 400 };
	struct format f;
	ret->n = 0;
	if (!is_digit(number.ptr[number.len > 1 ? 1 : 0]) && !is_digit(number.ptr[0])) {
		distract_word(p, number, s, ret);
		return;
	}
	if (!read_format(number, &f))
		return;
	bool is_year = number.len == 4 && f.value > 1000 && f.value < 2100 && f.decimals == 0;
	bool is_percent = f.suffix.len == 1 && f.suffix.ptr[0] == '%';
	bool is_small = f.value <= 20 && f.decimals == 0 && f.prefix.len + f.suffix.len == 0;
	for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
		if (is_small) {
			distract_small(p, &f, s, ret);
			break;
		}
		uint64_t v = varied(&f, steps[(k + p->seed) % ARRAY_LEN(steps)], is_year);
		if (v == f.value || v == 0 || (is_percent && f.decimals == 0 && v >= 100) ||
		    (is_year && v > 2100) || (is_year && v > f.value + 9))
			continue;
		add_distinct(p, ret, write_format(p, &f, v), s);
	}
}

/* --- Expansions --- */

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Words of the text with that initial, most frequent first, as the word would be written. */
static struct str other_word(struct planner *p, struct str word, unsigned skip)
{
	struct str low = lower_case(p->arena, word);
	const struct term *x = p->terms->first;
	unsigned seen = 0;
	for (; x; x = x->next) {
		struct word *h = x->head;
		if (h->n <= h->a || h->is_gerund || str_ends(h->text, STR("er")))
			continue;
		if (h->text.ptr[0] != low.ptr[0] || h->text.len < 4 || h->count_lower == 0 ||
		    h->n < 2 || h->text.len > 14 ||
		    h->stem_id == lexicon_word(p->lexicon, word)->stem_id)
			continue;
		if (h->is_plural != lexicon_word(p->lexicon, word)->is_plural ||
		    str_find(h->text, STR("-"), 0) != SIZE_MAX)
			continue;
		if (seen++ < skip)
			continue;
		if (!is_upper(word.ptr[0]))
			return h->text;
		return str_fmt(p->arena, "%c" STR_FMT, h->text.ptr[0] - 32,
		               STR_ARG(str_sub(h->text, 1, h->text.len)));
	}
	return (struct str){ "", 0 };
}

static struct str known_word(struct planner *p, struct str word, unsigned skip)
{
	static const char *const stock[] = {
		"access active advanced agency archive analysis",
		"basic business bureau budget balance",
		"central common control community capital content",
		"division digital direct design domestic data",
		"electronic enterprise engineering energy economic",
		"federal finance format field formal",
		"general global government guidance group",
		"health human history house heritage",
		"internal international information industry integrated",
		"joint journal justice",
		"knowledge key",
		"local library labor language level",
		"management medical model market mobile",
		"national network natural notice number",
		"official operation open online order",
		"public policy program project personal product",
		"quality quick query",
		"research regional resource record review",
		"security social science standard service support",
		"technical training transport trade testing",
		"universal user urban unified",
		"virtual value visual volume",
		"water working web workforce",
		"",
		"young",
		"zone"
	};
	struct str low = lower_case(p->arena, word);
	if (low.ptr[0] < 'a' || low.ptr[0] > 'z')
		return (struct str){ "", 0 };
	struct str rest = str_z(stock[low.ptr[0] - 'a']);
	uint32_t own = lexicon_word(p->lexicon, word)->stem_id;
	unsigned seen = 0;
	while (rest.len > 0) {
		struct str w = str_cut(rest, ' ', &rest);
		if (lexicon_word(p->lexicon, w)->stem_id == own || seen++ < skip)
			continue;
		return is_upper(word.ptr[0]) ? str_fmt(p->arena, "%c" STR_FMT, w.ptr[0] - 32,
		                                       STR_ARG(str_sub(w, 1, w.len)))
		                             : w;
	}
	return (struct str){ "", 0 };
}

static void replace_word(struct planner *p, struct str expansion, size_t nth_word, unsigned skip,
                         struct distractors *ret)
{
	struct str rest = expansion;
	for (size_t i = 0; rest.len > 0; i++) {
		struct str w = str_cut(rest, ' ', &rest);
		if (i != nth_word || w.len < 4 || str_find(w, STR("-"), 0) != SIZE_MAX)
			continue;
		struct str other =
		        skip % 2 == 0 ? known_word(p, w, skip / 2) : other_word(p, w, skip / 2);
		if (other.len == 0)
			other = known_word(p, w, skip);
		const struct word *o = other.len > 0 ? lexicon_word(p->lexicon, other) : NULL;
		bool is_last = rest.len == 0 || str_starts(rest, STR("of ")) ||
		               str_starts(rest, STR("and "));
		if (o && is_last && o->n <= o->a)
			return; /* what ends a name is a noun */
		size_t at = (size_t)(w.ptr - expansion.ptr);
		if (other.len == 0 || ret->n >= 3 ||
		    str_find(lower_case(p->arena, expansion), lower_case(p->arena, other), 0) !=
		            SIZE_MAX)
			return;
		struct str made = str_fmt(p->arena, STR_FMT STR_FMT STR_FMT, (int)at, expansion.ptr,
		                          STR_ARG(other),
		                          STR_ARG(str_sub(expansion, at + w.len, expansion.len)));
		for (size_t k = 0; k < ret->n; k++)
			if (str_eq_nocase(ret->text[k], made))
				return;
		ret->text[ret->n++] = made;
	}
}

void distract_expansion(struct planner *p, struct str expansion, struct distractors *ret)
{
	size_t words = 1;
	for (size_t i = 0; i < expansion.len; i++)
		words += expansion.ptr[i] == ' ';
	ret->n = 0;
	for (unsigned k = 0; k < 12 && ret->n < 3; k++)
		replace_word(p, expansion, (k + p->seed) % words, k / (unsigned)words, ret);
}

/* --- Opposites --- */

static const char *const opposites[][2] = { { "active", "passive" },
	                                    { "passive", "active" },
	                                    { "poor", "good" },
	                                    { "left-to-right", "right-to-left" },
	                                    { "right-to-left", "left-to-right" },
	                                    { "automatic", "manual" },
	                                    { "manual", "automatic" },
	                                    { "temporary", "permanent" },
	                                    { "permanent", "temporary" },
	                                    { "strict", "loose" },
	                                    { "strictly", "loosely" },
	                                    { "increase", "decrease" },
	                                    { "increases", "decreases" },
	                                    { "increased", "decreased" },
	                                    { "increasing", "decreasing" },
	                                    { "reduce", "increase" },
	                                    { "reduces", "increases" },
	                                    { "reducing", "increasing" },
	                                    { "reduced", "increased" },
	                                    { "largest", "smallest" },
	                                    { "smallest", "largest" },
	                                    { "highest", "lowest" },
	                                    { "lowest", "highest" },
	                                    { "higher", "lower" },
	                                    { "larger", "smaller" },
	                                    { "smaller", "larger" },
	                                    { "oldest", "newest" },
	                                    { "newest", "oldest" },
	                                    { "easier", "harder" },
	                                    { "harder", "easier" },
	                                    { "easy", "difficult" },
	                                    { "difficult", "easy" },
	                                    { "before", "after" },
	                                    { "after", "before" },
	                                    { "always", "never" },
	                                    { "rarely", "often" },
	                                    { "often", "rarely" },
	                                    { "internal", "external" },
	                                    { "external", "internal" },
	                                    { "private", "public" },
	                                    { "minimum", "maximum" },
	                                    { "maximum", "minimum" },
	                                    { "impossible", "possible" },
	                                    { "valid", "invalid" },
	                                    { "invalid", "valid" },
	                                    { "vulnerable", "immune" },
	                                    { "effective", "ineffective" },
	                                    { "accurate", "inaccurate" },
	                                    { "likely", "unlikely" },
	                                    { "unlikely", "likely" },
	                                    { "common", "rare" },
	                                    { "rare", "common" },
	                                    { "static", "dynamic" },
	                                    { "dynamic", "static" },
	                                    { "include", "exclude" },
	                                    { "includes", "excludes" },
	                                    { "majority", "minority" },
	                                    { "minority", "majority" },
	                                    { "disadvantage", "advantage" },
	                                    { "low-tech", "high-tech" },
	                                    { "slow", "fast" },
	                                    { "faster", "slower" },
	                                    { "slower", "faster" },
	                                    { "able", "unable" },
	                                    { "unable", "able" },
	                                    { "simple", "complex" },
	                                    { "complex", "simple" },
	                                    { "stronger", "weaker" },
	                                    { "weaker", "stronger" },
	                                    { "rises", "falls" },
	                                    { "safe", "unsafe" },
	                                    { "necessary", "unnecessary" },
	                                    { "unnecessary", "necessary" },
	                                    { "encourage", "discourage" },
	                                    { "encourages", "discourages" },
	                                    { "discouraged", "encouraged" },
	                                    { "encouraged", "discouraged" },
	                                    { "temporary", "permanent" },
	                                    { "permanent", "temporary" },
	                                    { "asynchronous", "synchronous" },
	                                    { "synchronous", "asynchronous" },
	                                    { "cannot", "can" },
	                                    { "can't", "can" },
	                                    { "ancient", "modern" },
	                                    { "northern", "southern" },
	                                    { "southern", "northern" },
	                                    { "eastern", "western" },
	                                    { "western", "eastern" },
	                                    { "heavier", "lighter" },
	                                    { "lighter", "heavier" },
	                                    { "warmer", "colder" },
	                                    { "colder", "warmer" },
	                                    { "earliest", "latest" },
	                                    { "longest", "shortest" },
	                                    { "shortest", "longest" },
	                                    { "centrally", "separately" },
	                                    { "indistinguishable", "different" },
	                                    { "widely", "rarely" },
	                                    { "simplifies", "complicates" },
	                                    { "positive", "negative" },
	                                    { "negative", "positive" },
	                                    { "wise", "unwise" },
	                                    { "minimizing", "maximizing" },
	                                    { "incrementally", "all at once" },
	                                    { "outside", "inside" },
	                                    { "inside", "outside" } };

struct str opposite_of(struct arena *a, struct str word)
{
	struct str low = lower_case(a, word);
	for (size_t i = 0; i < ARRAY_LEN(opposites); i++)
		if (str_eq(low, str_z(opposites[i][0])))
			return str_z(opposites[i][1]);
	return (struct str){ "", 0 };
}
