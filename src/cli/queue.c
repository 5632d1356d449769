/* `takt queue`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "codec/json.h"

int queue_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "QUEUE", "name", false },        { "READY", "ready", false },
		{ "LEASED", "leased", false },     { "BLOCKED", "blocked", false },
		{ "DELAYED", "scheduled", false }, { "OLDEST", "oldest_ready_at", true },
	};
	static const char *const filters[] = { NULL };
	static const struct list l = { "/v1/queues",       "queues", columns,
		                       ARRAY_LEN(columns), filters,  "no queues" };
	return list_command(c, &l);
}

/* --- One --- */

static const char *queue_path(struct cli *c, const char *tail)
{
	return cli_path(c, "/v1/queues/", c->args.words[0], tail);
}

static int64_t number(const struct json *v, const char *member)
{
	return v ? json_get_int(v, member, 0) : 0;
}

static void print_limit(const char *what, int64_t n, const char *unit, const char *none)
{
	if (n)
		printf("%-13s %lld%s\n", what, (long long)n, unit);
	else
		printf("%-13s %s\n", what, none);
}

static void print_settings(const struct json *k)
{
	const struct json *rate = json_get(k, STR("rate"));
	if (json_get_bool(k, "paused", false))
		printf("%-13s yes: nothing of it is leased\n", "paused");
	print_limit("concurrency", number(k, "concurrency_max"), " under way at most", "no limit");
	print_limit("depth", number(k, "depth_max"), " waiting at most", "no limit");
	if (rate && rate->type == JSON_OBJECT)
		printf("%-13s %lld starts in %lld ms, %lld at once\n", "rate",
		       (long long)number(rate, "n"), (long long)number(rate, "period_ms"),
		       (long long)number(rate, "burst"));
	else
		printf("%-13s no limit\n", "rate");
	print_limit("attempts", number(k, "attempts_max"), "", "the default");
	print_limit("timeout", number(k, "timeout_ms"), " ms", "no limit");
	print_limit("retention", number(k, "retention_ms"), " ms", "the default");
}

static void print_changed(struct cli *c, const struct json *v)
{
	(void)c;
	struct str name = json_get_str(v, "name", STR(""));
	printf("%-13s " STR_FMT "\n", "queue", STR_ARG(name));
	print_settings(json_get(v, STR("settings")));
}

static void print_days(const struct json *days)
{
	if (!days || days->count == 0)
		return;
	printf("%-13s %10s %10s %10s\n", "day", "succeeded", "failed", "cancelled");
	json_each(d, days) {
		struct str day = json_get_str(d, "day", STR(""));
		printf("%-13.*s %10lld %10lld %10lld\n", STR_ARG(day),
		       (long long)number(d, "succeeded"), (long long)number(d, "failed"),
		       (long long)number(d, "cancelled"));
	}
}

static void print_queue(struct cli *c, const struct json *v)
{
	print_changed(c, v);
	static const char *const states[] = { "ready", "leased", "blocked", "scheduled" };
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		printf("%-13s %lld\n", states[i], (long long)number(v, states[i]));
	print_days(json_get(v, STR("days")));
}

int queue_show_command(struct cli *c)
{
	return ask_command(c, "GET", queue_path(c, ""), NULL, print_queue);
}

/* --- Setting: what is not said stays --- */

struct setting {
	const char *option, *member;
	int64_t max;
};
static const struct setting settings[] = {
	{ "concurrency", "concurrency_max", 100000 },
	{ "depth", "depth_max", 100000000 },
	{ "attempts", "attempts_max", 100 },
	{ "timeout-ms", "timeout_ms", 86400000 },
	{ "retention-ms", "retention_ms", INT64_C(316224000000) },
};

static enum rc put_settings(struct cli *c, const struct json *now, struct json_out *o,
                            struct err *err)
{
	json_put_bool(o, "paused", json_get_bool(now, "paused", false));
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		int64_t n;
		enum rc rc = args_int(&c->args, settings[i].option, 0, settings[i].max,
		                      number(now, settings[i].member), &n, err);
		if (rc != RC_OK)
			return rc;
		json_put_int(o, settings[i].member, n);
	}
	const struct json *retry = json_get(now, STR("retry"));
	if (retry)
		json_put_raw(o, "retry", retry->raw);
	return RC_OK;
}

static enum rc put_rate(struct cli *c, const struct json *now, struct json_out *o, struct err *err)
{
	int64_t n, period_ms, burst;
	const struct json *rate = json_get(now, STR("rate"));
	bool is_set = rate && rate->type == JSON_OBJECT;
	enum rc rc = args_int(&c->args, "rate", 0, 100000, is_set ? number(rate, "n") : 0, &n, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "rate-period-ms", 1, 86400000,
		              is_set ? number(rate, "period_ms") : 1000, &period_ms, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "rate-burst", 1, 100000, n, &burst, err);
	if (rc != RC_OK || n == 0)
		return rc;
	json_keyz(o, "rate");
	json_begin_object(o);
	json_put_int(o, "n", n);
	json_put_int(o, "period_ms", period_ms);
	json_put_int(o, "burst", burst);
	json_end_object(o);
	return RC_OK;
}

static enum rc settings_body(struct cli *c, const struct json *queue, const char **ret,
                             struct err *err)
{
	struct buf b = BUF_INIT(16384);
	struct json_out o;
	const struct json *now = json_get(queue, STR("settings"));
	json_out_init(&o, &b);
	json_begin_object(&o);
	enum rc rc = put_settings(c, now, &o, err);
	if (rc == RC_OK)
		rc = put_rate(c, now, &o, err);
	json_end_object(&o);
	if (rc == RC_OK)
		*ret = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return rc;
}

int queue_set_command(struct cli *c)
{
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	const struct json *queue;
	const char *body;
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = cli_ask(c, s.t, "GET", queue_path(c, ""), NULL, &queue, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (settings_body(c, queue, &body, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	return ask_command(c, "PUT", queue_path(c, ""), body, print_changed);
}

int queue_reset_command(struct cli *c)
{
	return ask_command(c, "DELETE", queue_path(c, ""), NULL, print_changed);
}

int queue_pause_command(struct cli *c)
{
	return ask_command(c, "POST", queue_path(c, "/pause"), NULL, print_changed);
}

int queue_resume_command(struct cli *c)
{
	return ask_command(c, "POST", queue_path(c, "/resume"), NULL, print_changed);
}

/* --- Dead letters --- */

static void print_sweep(struct cli *c, const struct json *v)
{
	(void)c;
	(void)v;
	printf("begun; the event queue.swept tells when it is done\n");
}

int queue_retry_dead_command(struct cli *c)
{
	return ask_command(c, "POST", queue_path(c, "/retry-dead"), NULL, print_sweep);
}

int queue_discard_dead_command(struct cli *c)
{
	return ask_command(c, "POST", queue_path(c, "/discard-dead"), NULL, print_sweep);
}
