/* `takt event tail`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/watch.h"
#include "codec/json.h"
#include "sys/terminal.h"

struct tail {
	struct cli *c;
	struct arena *arena;
	struct interrupts interrupts;
	const char *subject; /* NULL: all; the server has no filter for it */
	int64_t left;        /* negative: no limit */
};

static void print_event(struct tail *t, const struct json *v, struct buf *out)
{
	struct str data = json_getz(v, "data") ? json_getz(v, "data")->raw : STR("");
	buf_addf(out, "%6lld  " STR_FMT "  %-16.*s " STR_FMT "  ",
	         (long long)json_get_int(v, "seq", 0),
	         STR_ARG(time_short(t->arena, json_get_str(v, "at", STR("")))),
	         STR_ARG(json_get_str(v, "type", STR(""))),
	         STR_ARG(json_get_str(v, "subject", STR(""))));
	text_fit(out, data, 200, t->c->is_utf8);
	buf_addc(out, '\n');
}

static bool on_event(void *ctx, const struct takt_event *event)
{
	struct tail *t = ctx;
	const struct json *v;
	struct buf out = BUF_INIT(4 << 20);
	arena_clear(t->arena);
	if (json_read(t->arena, str_z(event->json), NULL, &v, NULL) != RC_OK)
		return true; /* not of this version: cannot be told */
	if (t->subject && !str_eqz(json_get_str(v, "subject", STR("")), t->subject))
		return true;
	if (t->c->is_json)
		buf_addf(&out, "%s\n", event->json);
	else
		print_event(t, v, &out);
	bool is_read = terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
	if (t->left > 0)
		t->left--;
	return is_read && t->left != 0;
}

static bool is_cancelled(void *ctx)
{
	struct tail *t = ctx;
	return interrupts_any(&t->interrupts);
}

/* The number of the last event there is: what comes is behind it. */
static enum takt_outcome find_last(struct cli *c, struct takt *t, int64_t *ret,
                                   struct takt_error *e)
{
	const struct json *v;
	enum takt_outcome outcome = cli_ask(c, t, "GET", "/v1/events?limit=1", NULL, &v, e);
	if (outcome == TAKT_OK)
		*ret = json_get_int(v, "last", 0);
	return outcome;
}

static enum takt_outcome follow(struct tail *t, struct session *s, struct takt_watch *w,
                                struct takt_error *e)
{
	enum takt_outcome outcome = TAKT_OK;
	if (!args_has(&t->c->args, "after"))
		outcome = find_last(t->c, s->t, &w->after, e);
	return outcome == TAKT_OK ? takt_events(s->t, w, e) : outcome;
}

int event_tail_command(struct cli *c)
{
	struct tail t = { .c = c, .subject = args_get(&c->args, "subject") };
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	struct takt_watch w = { .run = args_get(&c->args, "run"),
		                .on_event = on_event,
		                .is_cancelled = is_cancelled,
		                .ctx = &t };
	if (args_int(&c->args, "after", 0, INT64_MAX, 0, &w.after, &err) != RC_OK ||
	    args_int(&c->args, "limit", 1, INT64_MAX, -1, &t.left, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (interrupts_open(&t.interrupts, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	t.arena = arena_create(64 << 10);
	enum takt_outcome outcome = follow(&t, &s, &w, &e);
	session_close(&s);
	arena_destroy(t.arena);
	interrupts_close(&t.interrupts);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	return t.interrupts.seen ? EXIT_INTERRUPTED : EXIT_OK;
}
