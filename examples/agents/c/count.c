/* An agent that counts: {"text": "…"} -> {"bytes": n, "words": n}.
 *
 *	cc -o count count.c takt_agent.c -lcurl -ljansson
 *	TAKT_SERVER=http://127.0.0.1:8420 TAKT_KEY=takt_… ./count
 */
#include <ctype.h>
#include <string.h>

#include "takt_agent.h"

static json_t *count(json_t *input, const char **error)
{
	const char *text = json_string_value(json_object_get(input, "text"));
	int words = 0;
	if (!text) {
		*error = "the input is no {\"text\": \"…\"}";
		return NULL;
	}
	for (const char *c = text; *c; c++)
		words +=
		        !isspace((unsigned char)*c) && (c == text || isspace((unsigned char)c[-1]));
	return json_pack("{s:I, s:i}", "bytes", (json_int_t)strlen(text), "words", words);
}

int main(void)
{
	return agent_run("text.count", count);
}
