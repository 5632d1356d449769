/* What of a text is read: bytes that are text, without what is invisible; and which titles and
 * paragraphs stand beside its matter (disclaimers, references, captions). */
#include <utf8proc.h>

#include "makers/lesson/plan/plaintext.h"

/* --- What is text --- */

enum rc text_check(struct str in, struct err *err)
{
	size_t bad = utf8_check(in);
	if (bad < in.len)
		return err_set(err, CODE_BRIEF_NOT_TEXT,
		               "byte %zu (0x%02x) is not UTF-8; a lesson is made from Markdown, "
		               "HTML or plain text in UTF-8",
		               bad, (unsigned char)in.ptr[bad]);
	const char *nul = in.len > 0 ? memchr(in.ptr, 0, in.len) : NULL;
	if (nul)
		return err_set(err, CODE_BRIEF_NOT_TEXT,
		               "byte %zu is NUL, so this is a binary file; a lesson is made from "
		               "Markdown, HTML or plain text",
		               (size_t)(nul - in.ptr));
	if (in.len > PLAN_BYTES_MAX)
		return err_set(err, CODE_BRIEF_TOO_LONG,
		               "%zu bytes; at most %d words and %d bytes are read", in.len,
		               PLAN_WORDS_MAX, PLAN_BYTES_MAX);
	return RC_OK;
}

/* Characters that would let a text lie about its order or hide in it. */
static bool is_invisible(utf8proc_int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);
	return k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF ||
	       k == UTF8PROC_CATEGORY_CO || k == UTF8PROC_CATEGORY_CN;
}

void text_clean(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + i,
		                                      (utf8proc_ssize_t)(s.len - i), &c);
		if (n <= 0)
			break;
		bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
		                utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
		if (is_space) {
			if (out->len > 0 && out->ptr[out->len - 1] != ' ' &&
			    out->ptr[out->len - 1] != '\n')
				buf_addc(out, ' ');
		} else if (!is_invisible(c)) {
			buf_add(out, str_sub(s, i, (size_t)n));
		}
		i += (size_t)n;
	}
}

void text_escape(struct buf *out, struct str text, bool is_first)
{
	for (size_t i = 0; i < text.len; i++) {
		bool is_start = is_first && i == 0 && strchr("#>+-=|", text.ptr[0]);
		if (is_start || strchr("\\<*_`[]&~", text.ptr[i]))
			buf_addc(out, '\\');
		buf_addc(out, text.ptr[i]);
	}
}

/* --- Bounds --- */

void text_bound_nesting(char *text, size_t len)
{
	size_t depth = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '\n')
			depth = 0;
		else if (strchr(">-+*[", c) && c && ++depth > NESTING_MAX * 4)
			text[i] = ' ';
	}
}

/* --- What is beside the matter --- */

static bool has_word(struct str s, const char *words)
{
	struct str rest = str_z(words);
	while (rest.len > 0) {
		struct str w = str_cut(rest, '|', &rest);
		for (size_t i = 0; i + w.len <= s.len; i++)
			if (str_eq_nocase(str_sub(s, i, w.len), w))
				return true;
	}
	return false;
}

bool is_one_of(struct str s, const char *titles)
{
	struct str rest = str_z(titles);
	while (rest.len > 0)
		if (str_eq_nocase(str_cut(rest, '|', &rest), s))
			return true;
	return false;
}

bool is_aside_title(struct str t)
{
	return is_one_of(t, "name|synopsis|author|bugs|bug reports|git|availability") ||
	       has_word(t, "disclaimer|footnote|references|bibliography|acknowledg|see also|"
	                   "additional resources|further reading|up next|additional information|"
	                   "related links|copyright|about the author|what can i do next|"
	                   "learn more|contact|reporting bugs|colophon|authors|appendix");
}

bool is_aside_text(struct str t)
{
	static const char *const starts[] = { "note:",   "video:",  "photo",        "image:",
		                              "figure",  "table ",  "disclaimer",   "caption",
		                              "source:", "credit",  "description:", "report",
		                              "q:",      "updated", "posted" };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct str s = str_z(starts[i]);
		if (t.len >= s.len && str_eq_nocase(str_sub(t, 0, s.len), s) &&
		    (s.ptr[s.len - 1] == ':' || has_word(str_sub(t, 0, 24), ":")))
			return true;
	}
	return has_word(t, "endorse|all rights reserved|this publication has been|cookie|"
	                   "subscribe|newsletter|contact the|assistive technology. we|creative "
	                   "commons|licensed under|sign up|follow us|join us|courtesy of");
}

struct str title_clean(struct str t)
{
	t = str_trim(t);
	size_t i = 0;
	while (i < t.len &&
	       ((t.ptr[i] >= '0' && t.ptr[i] <= '9') || (i > 0 && strchr(".)", t.ptr[i]))))
		i++;
	if (i > 1 && i < t.len && t.ptr[i] == ' ' && memchr(t.ptr, '.', i))
		t = str_trim(str_sub(t, i, t.len));
	else if (i > 1 && i < t.len && t.ptr[i - 1] == ')')
		t = str_trim(str_sub(t, i, t.len));
	while (t.len > 1 && (t.ptr[t.len - 1] == ':' || t.ptr[t.len - 1] == '.'))
		t.len--;
	if (str_ends(t, STR("\xe2\x80\xa6")))
		t.len -= 3;
	while (t.len > PLAN_LINE_MAX) {
		t.len = PLAN_LINE_MAX;
		while (t.len > 0 && ((unsigned char)t.ptr[t.len] & 0xc0) == 0x80)
			t.len--;
	}
	return t;
}
