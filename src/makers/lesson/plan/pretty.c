/* JSON with one member a line: the writer is terse, people are not. */
#include "makers/lesson/plan/plan.h"

static void new_line(struct buf *out, unsigned depth)
{
	buf_addc(out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_addz(out, "  ");
}

void spec_add_pretty(struct buf *out, struct str json)
{
	unsigned depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < json.len; i++) {
		char c = json.ptr[i];
		bool is_open = !in_string && (c == '{' || c == '[');
		bool is_close = !in_string && (c == '}' || c == ']');
		bool is_empty = is_open && i + 1 < json.len && strchr("}]", json.ptr[i + 1]);
		if (is_close)
			new_line(out, --depth);
		buf_addc(out, c);
		if (in_string && c == '\\')
			buf_addc(out, json.ptr[++i]);
		else if (c == '"')
			in_string = !in_string;
		else if (is_empty)
			buf_addc(out, json.ptr[++i]);
		else if (is_open)
			new_line(out, ++depth);
		else if (!in_string && c == ',')
			new_line(out, depth);
		else if (!in_string && c == ':')
			buf_addc(out, ' ');
	}
	buf_addc(out, '\n');
}
