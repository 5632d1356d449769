/* Reading the ends of messages: see answer.h.  Both sides of a benchmark are ours, so the
 * spelling of Content-Length is known; what is unknown would show as a wrong length. */
#include <string.h>

#include "bench/answer.h"

#include "base/str.h"

static size_t find(struct str in, const char *what)
{
	const char *at = memmem(in.ptr, in.len, what, strlen(what));
	return at ? (size_t)(at - in.ptr) : SIZE_MAX;
}

static size_t number_at(struct str in, size_t at)
{
	size_t n = 0;
	while (at < in.len && in.ptr[at] >= '0' && in.ptr[at] <= '9')
		n = n * 10 + (size_t)(in.ptr[at++] - '0');
	return n;
}

bool answer_read(struct str bytes, struct answer *ret)
{
	static const char length[] = "\r\nContent-Length: ";
	size_t end = find(bytes, "\r\n\r\n");
	if (end == SIZE_MAX)
		return false;
	struct str head = str_sub(bytes, 0, end + 2);
	size_t at = find(head, length);
	ret->head_len = end + 4;
	ret->body_len = at == SIZE_MAX ? 0 : number_at(head, at + sizeof length - 1);
	ret->status = str_starts(head, STR("HTTP/1.1 ")) ? (int)number_at(head, 9) : 0;
	return bytes.len >= ret->head_len + ret->body_len;
}
