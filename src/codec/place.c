/* Where in a text a byte stands: see yaml.h. */
#include "codec/json_priv.h"
#include "codec/yaml.h"

void text_place(struct str in, size_t at, unsigned *line, unsigned *column)
{
	unsigned lines = 1;
	size_t begin = 0;
	if (at > in.len)
		at = in.len;
	for (size_t i = 0; i < at; i++) {
		if (in.ptr[i] == '\n') {
			lines++;
			begin = i + 1;
		}
	}
	*line = lines;
	*column = (unsigned)(at - begin) + 1;
}

size_t pointer_at(const struct json *root, struct str pointer)
{
	const struct json *v = json_pointer(root, pointer);
	while (!v && pointer.len) {
		do
			pointer.len--;
		while (pointer.len && pointer.ptr[pointer.len] != '/');
		v = json_pointer(root, pointer);
	}
	return v ? v->at : root->at;
}

struct str text_brief(struct str s, size_t max)
{
	size_t n = size_min(s.len, max);
	while (n > 0 && n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	return (struct str){ s.ptr, n };
}
