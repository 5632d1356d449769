/* Patterns: ECMA-262 as PCRE2 reads it, with a bounded effort.
 *
 * A pattern can be made to run for minutes on a short text.  So a match gets a small
 * number of steps first; only one that needs more is paid for from the check's budget,
 * and at MATCH_STEPS_MAX the check gives up.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "codec/schema_priv.h"

#include "base/arena.h"

enum { MATCH_STEPS_FEW = 2000, MATCH_STEPS_MAX = 200000, PATTERN_BYTES_MAX = 4096 };

/* ECMA-262 also knows the long names of general categories; PCRE2 the short ones. */
static struct str short_category(struct str name)
{
	static const struct {
		const char *name, *brief;
	} categories[] = {
		{ "Letter", "L" },
		{ "Cased_Letter", "L&" },
		{ "Uppercase_Letter", "Lu" },
		{ "Lowercase_Letter", "Ll" },
		{ "Titlecase_Letter", "Lt" },
		{ "Modifier_Letter", "Lm" },
		{ "Other_Letter", "Lo" },
		{ "Mark", "M" },
		{ "Nonspacing_Mark", "Mn" },
		{ "Spacing_Mark", "Mc" },
		{ "Enclosing_Mark", "Me" },
		{ "Number", "N" },
		{ "Decimal_Number", "Nd" },
		{ "Letter_Number", "Nl" },
		{ "Other_Number", "No" },
		{ "Punctuation", "P" },
		{ "Connector_Punctuation", "Pc" },
		{ "Dash_Punctuation", "Pd" },
		{ "Open_Punctuation", "Ps" },
		{ "Close_Punctuation", "Pe" },
		{ "Initial_Punctuation", "Pi" },
		{ "Final_Punctuation", "Pf" },
		{ "Other_Punctuation", "Po" },
		{ "Symbol", "S" },
		{ "Math_Symbol", "Sm" },
		{ "Currency_Symbol", "Sc" },
		{ "Modifier_Symbol", "Sk" },
		{ "Other_Symbol", "So" },
		{ "Separator", "Z" },
		{ "Space_Separator", "Zs" },
		{ "Line_Separator", "Zl" },
		{ "Paragraph_Separator", "Zp" },
		{ "Other", "C" },
		{ "Control", "Cc" },
		{ "Format", "Cf" },
		{ "Surrogate", "Cs" },
		{ "Private_Use", "Co" },
		{ "Unassigned", "Cn" },
	};
	static const char *const prefixes[] = { "General_Category=", "gc=" };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(name, str_z(prefixes[i])))
			name = str_sub(name, strlen(prefixes[i]), SIZE_MAX);
	for (size_t i = 0; i < ARRAY_LEN(categories); i++)
		if (str_eqz(name, categories[i].name))
			return str_z(categories[i].brief);
	return name;
}

/* The pattern with its categories in short; never longer than it was. */
static struct str as_pcre2(struct arena *a, struct str text)
{
	char *out = arena_bytes(a, text.len + 1);
	size_t n = 0, i = 0;
	while (i < text.len) {
		bool is_escape = text.ptr[i] == '\\' && i + 1 < text.len;
		bool is_category = is_escape && (text.ptr[i + 1] | 0x20) == 'p' &&
		                   i + 2 < text.len && text.ptr[i + 2] == '{';
		size_t close = is_category ? str_find(text, STR("}"), i) : SIZE_MAX;
		size_t copied = close != SIZE_MAX ? 3 : is_escape ? 2 : 1;
		memcpy(out + n, text.ptr + i, copied);
		n += copied;
		i += copied;
		if (close == SIZE_MAX)
			continue;
		struct str brief = short_category(str_sub(text, i, close - i));
		memcpy(out + n, brief.ptr, brief.len);
		n += brief.len;
		i = close;
	}
	return (struct str){ out, n };
}

enum rc schema_pattern(struct schema *s, const struct json *place, struct str text,
                       struct pattern **ret, struct err *err)
{
	static const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
	                                PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
	                                PCRE2_NEVER_BACKSLASH_C;
	int error;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[100];
	if (text.len > PATTERN_BYTES_MAX)
		return schema_bad(s, place, err, "a pattern may have %d bytes, this one has %zu",
		                  PATTERN_BYTES_MAX, text.len);
	struct pattern *p = arena_new(s->arena, struct pattern, 1);
	p->text = text;
	struct str ours = as_pcre2(s->arena, text);
	p->code = pcre2_compile((PCRE2_SPTR)ours.ptr, ours.len, options, &error, &at, NULL);
	if (!p->code) {
		pcre2_get_error_message(error, why, sizeof why);
		return schema_bad(s, place, err, "the pattern is wrong at character %zu: %s",
		                  at + 1, (const char *)why);
	}
	p->next = s->patterns;
	s->patterns = p;
	*ret = p;
	return RC_OK;
}

void schema_pattern_free(struct pattern *p)
{
	pcre2_code_free(p->code);
}

static int match(struct check *c, const struct pattern *p, struct str text, uint32_t steps)
{
	if (!c->match_data) {
		c->match_data = pcre2_match_data_create(1, NULL);
		c->match_context = pcre2_match_context_create(NULL);
		if (!c->match_data || !c->match_context)
			abort();
	}
	pcre2_set_match_limit(c->match_context, steps);
	pcre2_set_depth_limit(c->match_context, steps);
	pcre2_set_heap_limit(c->match_context, 4096); /* KiB */
	return pcre2_match(p->code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, 0,
	                   PCRE2_NO_UTF_CHECK, c->match_data, c->match_context);
}

static bool is_at_limit(int result)
{
	return result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
	       result == PCRE2_ERROR_HEAPLIMIT;
}

bool check_pattern(struct check *c, const struct pattern *p, struct str text)
{
	if (!check_spend(c, 20 + text.len / 8))
		return false;
	int result = match(c, p, text, MATCH_STEPS_FEW);
	if (is_at_limit(result)) {
		if (!check_spend(c, MATCH_STEPS_MAX / 4))
			return false;
		result = match(c, p, text, MATCH_STEPS_MAX);
	}
	if (result < PCRE2_ERROR_NOMATCH)
		c->exhausted = "a pattern of the schema takes too long on this value";
	return result >= 0;
}
