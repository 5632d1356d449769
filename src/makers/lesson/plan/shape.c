/* The outer shape of a whole sentence: how it begins and ends, and whether what it opens it
 * closes. */
#include "makers/lesson/plan/plan.h"

/* Brackets and quotes; the German way to quote ends with the mark that begins the English. */
bool is_balanced(struct str s)
{
	int round = 0, curly = 0, low_quotes = 0, angles = 0, straight = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		struct str rest = str_sub(s, i, s.len);
		round += (c == '(' || c == '[') - (c == ')' || c == ']');
		straight += c == '"';
		angles += str_starts(rest, STR("\u00ab")) - str_starts(rest, STR("\u00bb"));
		if (str_starts(rest, STR("\u201e")))
			low_quotes++;
		else if (low_quotes > 0 &&
		         (str_starts(rest, STR("\u201c")) || str_starts(rest, STR("\u201d"))))
			low_quotes--;
		else
			curly += str_starts(rest, STR("\u201c")) - str_starts(rest, STR("\u201d"));
		if (round < 0 || curly < 0)
			return false;
	}
	return round == 0 && curly == 0 && low_quotes == 0 && angles == 0 && straight % 2 == 0;
}

bool ends_well(struct str s)
{
	size_t n = s.len;
	while (n > 0 && (s.ptr[n - 1] == '"' || s.ptr[n - 1] == ')'))
		n--;
	if (n >= 3 && memcmp(s.ptr + n - 3, "\xe2\x80\x9d", 3) == 0)
		n -= 3;
	return n > 0 && s.ptr[n - 1] == '.' && !(n > 2 && s.ptr[n - 2] == '.');
}

/* "sqlite3 is a front-end …": a paragraph about what is written in lower case. */
static bool starts_with_command(const struct sentence *s)
{
	const struct token *t = &s->tokens[0];
	bool is_name = t->tag == TAG_NOUN || t->tag == TAG_OTHER || t->tag == TAG_VERB;
	return s == s->block->first && s->block->kind == BLOCK_PARAGRAPH && is_name &&
	       !t->word->is_stop && !t->word->is_gerund && !t->word->is_past &&
	       (one_of(low(s, 1), "is") ||
	        (tag_at(s, 1) == TAG_VERB && s->tokens[1].word->is_third));
}

/* "Returns a stream …": of what is said so, stands in a heading. */
static bool lacks_subject(const struct sentence *s)
{
	const struct word *w = s->tokens[0].word;
	enum tag next = tag_at(s, 1);
	return w->is_third && w->fixed == TAG_OTHER && w->v > 0 &&
	       (next == TAG_DETERMINER || next == TAG_POSSESSIVE || next == TAG_PUNCT ||
	        (w->v > w->n && next != TAG_BE && next != TAG_MODAL && next != TAG_VERB));
}

bool starts_well(const struct sentence *s)
{
	const struct token *t = &s->tokens[0];
	if (t->tag == TAG_MODAL || (s->n > 2 && low(s, 2).len == 1 && *low(s, 2).ptr == ':'))
		return false; /* "May be any …", "Hard case: …": half of it stands elsewhere */
	if (s->text.ptr[0] == '$')
		return false; /* a variable, and what it is for */
	if (lacks_subject(s) && !is_of_option(s))
		return false;
	return t->is_capital || t->tag == TAG_NUMBER || t->is_upper || starts_with_command(s) ||
	       (t->tag == TAG_PUNCT && s->n > 1 && s->tokens[1].is_capital &&
	        str_starts(s->text, STR("\xe2\x80\x9c")));
}
