/* Numbers: which of them count or measure something, and others in the same format that are
 * no number of the text. */
#include "makers/lesson/figures/figures.h"
#include "makers/lesson/plan/plan.h"

enum { NUMBERS_MAX = 400 };

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

bool year_at(const struct sentence *s, uint32_t i)
{
	const char *p = s->text.ptr + s->tokens[i].at;
	return s->tokens[i].len == 4 && (memcmp(p, "1", 1) == 0 || memcmp(p, "20", 2) == 0) &&
	       is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]);
}

/* "from 29 to 59", "5 to 7"; but "limited the list to 10 tasks". */
static bool is_in_range(const struct sentence *s, uint32_t i)
{
	bool is_from = i > 0 && one_of(low(s, i - 1), "from");
	for (uint32_t k = i + 1; is_from && k + 1 < s->n; k++)
		if (one_of(low(s, k), "to") && s->tokens[k + 1].tag == TAG_NUMBER)
			return true;
	if (is_from || i == 0 || !one_of(low(s, i - 1), "to"))
		return i > 0 && one_of(low(s, i - 1), "or");
	for (uint32_t k = s->lead; k + 1 < i; k++)
		if (s->tokens[k].tag == TAG_NUMBER)
			return true;
	return false;
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
	if (year_at(s, i))
		return before &&
		       (one_of(before->word->text, "in since until by of late early mid") ||
		        is_month(before->word->text));
	if (before && (is_label_word(before) || before->tag == TAG_NUMBER || is_in_range(s, i)))
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
	int at = figure_of_word(number);
	for (size_t k = 0; at >= 2 && k < ARRAY_LEN(steps); k++) {
		int x = at + steps[(k + p->seed) % ARRAY_LEN(steps)];
		if (x < 2 || x > FIGURE_WORD_MAX)
			continue;
		const char *w = figure_word(x);
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

static uint64_t tenths(unsigned decimals)
{
	uint64_t v = 1;
	while (decimals-- > 0)
		v *= 10;
	return v;
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
		if (is_percent && (v * 10 > f.value * 16 + 100 || v > 90 * tenths(f.decimals)))
			continue; /* a share nobody would believe */
		if (v == f.value || v == 0 || (is_year && v > 2100) || (is_year && v > f.value + 9))
			continue;
		add_distinct(p, ret, write_format(p, &f, v), s);
	}
}
