/* Commands in code: one below the sentence that introduces it, or several of a session. */
#include "makers/lesson/plan/plaintext.h"

enum { COMMAND_BYTES_MAX = 100 };

/* The command of a line without its prompt and what is noted behind it. */
static struct str command_of(struct arena *a, struct str line)
{
	if (str_starts(line, STR("$ ")) || str_starts(line, STR("# ")))
		line = str_trim(str_sub(line, 2, line.len));
	for (size_t i = 1; i + 1 < line.len; i++)
		if (line.ptr[i] == '#' && strchr(" \t", line.ptr[i - 1]) && line.ptr[i + 1] == ' ')
			line = str_trim(str_sub(line, 0, i));
	struct buf text = BUF_INIT(PLAN_BYTES_MAX);
	text_clean(&text, line);
	struct str ret = str_dup(a, buf_str(&text));
	buf_fini(&text);
	return ret;
}

/* "$ ", or the prompt of a program such as "sqlite> ". */
static size_t prompt_len(struct str line)
{
	size_t n = 0;
	if (str_starts(line, STR("$ ")))
		return 2;
	while (n < line.len && n < 12 && ((line.ptr[n] | 32) >= 'a' && (line.ptr[n] | 32) <= 'z'))
		n++;
	return n >= 2 && n + 2 < line.len && line.ptr[n] == '>' && line.ptr[n + 1] == ' ' ? n + 2
	                                                                                  : 0;
}

/* Several commands, one below the other.  Output between them may stand there; a command
 * that goes on in a second line, or stands there twice, is none to be put in order. */
static void read_session(struct arena *a, struct block *b, struct str code)
{
	struct str rest = code;
	size_t n = 0;
	while (rest.len > 0) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));
		size_t prompt = prompt_len(line);
		if (prompt == 0)
			continue;
		if (n == ARRAY_LEN(b->commands) || line.ptr[line.len - 1] == '\\')
			return;
		struct str c = command_of(a, str_trim(str_sub(line, prompt, line.len)));
		for (size_t i = 0; i < n; i++)
			if (str_eq(b->commands[i], c))
				return;
		if (c.len == 0 || c.len > COMMAND_BYTES_MAX ||
		    str_find(c, STR("..."), 0) != SIZE_MAX)
			return;
		b->commands[n++] = c;
	}
	b->n_commands = n;
}

/* A command of one line below the sentence that introduces it, or a session of several. */
void block_read_code(struct arena *a, struct block *b, struct str code)
{
	struct str rest, line = str_trim(str_cut(str_trim(code), '\n', &rest));
	if (str_trim(rest).len > 0)
		read_session(a, b, code);
	else
		b->command = command_of(a, line);
}
