/* What the scenes share: see scene.h. */
#include <stdlib.h>

#include "bench/scene.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "bench/wire.h"

enum { ANSWER_MAX = 4 << 20 };

enum rc bench_start(struct bench *b, const char *name, bool is_bare, struct err *err)
{
	struct str folder = str_fmt(b->arena, "%s/%s", b->o.folder, name);
	const char *path = str_dupz(b->arena, folder);
	return served_takt(b->arena, b->o.takt, path, is_bare, &b->takt, err);
}

enum rc bench_ask(struct bench *b, const char *path, struct str *ret, struct err *err)
{
	struct buf body = BUF_INIT(ANSWER_MAX);
	struct str request = str_fmt(b->arena,
	                             "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	                             "Authorization: Bearer " STR_FMT "\r\n\r\n",
	                             path, STR_ARG(b->takt.key));
	enum rc rc = wire_ask(b->takt.port, request, 200, &body, err);
	*ret = str_z(str_dupz(b->arena, buf_str(&body)));
	buf_fini(&body);
	return rc;
}

enum rc bench_ready(struct bench *b, int64_t *ret, struct err *err)
{
	struct str text;
	const struct json *v;
	enum rc rc = bench_ask(b, "/v1/queues", &text, err);
	if (rc == RC_OK)
		rc = json_read(b->arena, text, NULL, &v, err);
	if (rc == RC_OK)
		*ret = json_get_int(json_pointer(v, STR("/queues/0")), "ready", 0);
	return rc;
}

double metric_of(struct str text, const char *name)
{
	size_t at = 0, len = strlen(name);
	while ((at = str_find(text, str_z(name), at)) != SIZE_MAX) {
		if ((at == 0 || text.ptr[at - 1] == '\n') && text.ptr[at + len] == ' ')
			return strtod(text.ptr + at + len, NULL);
		at += len;
	}
	return 0;
}

double rounds_per_s(const struct load_result *r)
{
	return (double)r->rounds * 1e6 / (double)r->us;
}
