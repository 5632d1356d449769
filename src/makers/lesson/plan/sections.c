/* How long a text is, and which of its sections the spec shows: a level of headings that
 * gives a handful, with what lies deeper counted among its head. */
#include "makers/lesson/plan/plan.h"

static uint32_t count_words(struct str s)
{
	uint32_t n = 0;
	bool in_word = false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool is_space = c == ' ' || c == '\n';
		bool is_word =
		        c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
		if (is_space)
			in_word = false;
		else if (is_word && !in_word) {
			in_word = true;
			n++;
		}
	}
	return n;
}

enum rc doc_check_length(struct doc *d, struct err *err)
{
	for (struct block *b = d->blocks; b; b = b->next) {
		uint32_t n = count_words(b->text);
		d->n_words += n;
		b->section->words += b->is_aside ? 0 : n;
	}
	if (d->n_words < PLAN_WORDS_MIN)
		return err_set(err, CODE_BRIEF_TOO_SHORT,
		               "%u words of running text found; a lesson needs at least %d",
		               d->n_words, PLAN_WORDS_MIN);
	if (d->n_words > PLAN_WORDS_MAX)
		return err_set(err, CODE_BRIEF_TOO_LONG,
		               "%u words; at most %d are read, so split the text", d->n_words,
		               PLAN_WORDS_MAX);
	return RC_OK;
}

/* How many sections would be shown if headings deeper than `level` did not count. */
static uint32_t sections_at(const struct doc *d, int level)
{
	uint32_t n = 0;
	const struct section *s = d->sections;
	while (s) {
		uint32_t words = s->is_aside ? 0 : s->words;
		const struct section *head = s;
		for (s = s->next; s && s->level > level; s = s->next)
			words += head->is_aside || s->is_aside ? 0 : s->words;
		n += words > 0;
	}
	return n;
}

void doc_number_sections(struct doc *d)
{
	int level = 1;
	while (level < 3 && sections_at(d, level) < 4)
		level++;
	if (sections_at(d, level) > PLAN_SECTIONS_MAX)
		level--;
	uint32_t index = 0;
	struct section *head = NULL;
	for (struct section *s = d->sections; s; s = s->next) {
		if (!head || (s->level <= level && index < PLAN_SECTIONS_MAX))
			head = s;
		s->parent = head;
		s->is_aside |= head->is_aside;
		if (s != head)
			head->words += s->is_aside ? 0 : s->words;
		if (s->words > 0 && !s->is_aside && head->index == 0)
			head->index = ++index;
	}
}
