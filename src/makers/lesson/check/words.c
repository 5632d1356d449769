/* makers/lesson/check/words.c: how much two texts are about the same. */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"

enum { WORD_BYTES_MIN = 4 }; /* shorter ones are mostly "the", "is", "of" */

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool next_word(struct str *rest, struct str *ret)
{
	size_t at = 0, end;
	for (;;) {
		while (at < rest->len && !is_word_byte(rest->ptr[at]))
			at++;
		for (end = at; end < rest->len && is_word_byte(rest->ptr[end]);)
			end++;
		if (end == at)
			return false;
		if (end - at >= WORD_BYTES_MIN)
			break;
		at = end;
	}
	*ret = str_sub(*rest, at, end - at);
	*rest = str_sub(*rest, end, rest->len);
	return true;
}

size_t text_share(struct str part, struct str whole, size_t *n_words)
{
	size_t n = 0, n_found = 0;
	struct str word;
	while (next_word(&part, &word)) {
		n++;
		n_found += text_has_words(whole, word);
	}
	*n_words = n;
	return n == 0 ? 0 : n_found * 100 / n;
}
