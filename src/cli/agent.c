/* `takt agent`: who performs tasks, and how well. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "cli/table.h"
#include "codec/json.h"

int agent_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "AGENT", "name", false },      { "STATE", "state", false },
		{ "HELD", "held", false },       { "CAPACITY", "capacity", false },
		{ "HEALTH", "health", false },   { "VERSION", "version", false },
		{ "SEEN", "last_seen_at", true }
	};
	static const char *const filters[] = { "state", "kind", "label", NULL };
	static const struct list l = { "/v1/agents",       "agents", columns,
		                       ARRAY_LEN(columns), filters,  "no agents" };
	return list_command(c, &l);
}

static const char *agent_path(struct cli *c, const char *tail)
{
	return cli_path(c, "/v1/agents/", c->args.words[0], tail);
}

/* --- One --- */

static int64_t number(const struct json *v, const char *member)
{
	return v ? json_get_int(v, member, 0) : 0;
}

static void print_text(const struct json *v, const char *what, const char *member)
{
	struct str text = json_get_str(v, member, STR(""));
	if (text.len)
		printf("%-13s " STR_FMT "\n", what, STR_ARG(text));
}

static void print_time(struct cli *c, const struct json *v, const char *what, const char *member)
{
	struct str text = time_short(c->arena, json_get_str(v, member, STR("")));
	if (text.len)
		printf("%-13s " STR_FMT "\n", what, STR_ARG(text));
}

/* An array of texts in a line, or an object as NAME=VALUE. */
static void print_words(const struct json *v, const char *what)
{
	if (!v || v->count == 0)
		return;
	printf("%-13s", what);
	json_each(w, v) {
		printf(" " STR_FMT, STR_ARG(w->name));
		printf("%s" STR_FMT, w->name.len ? "=" : "", STR_ARG(w->text));
	}
	printf("\n");
}

static void print_attempts(const struct json *v)
{
	static const char *const ends[] = { "succeeded", "failed",   "timed_out",
		                            "lost",      "returned", "cancelled" };
	printf("%-13s", "attempts");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (i == 0 || number(v, ends[i]))
			printf("%s %lld %s", i ? "," : "", (long long)number(v, ends[i]), ends[i]);
	printf("\n");
}

static const char *verdict(const struct json *met)
{
	if (!met || met->type != JSON_BOOL)
		return "nothing to judge yet";
	return met->boolean ? "met" : "not met";
}

static void print_targets(const struct json *targets)
{
	const struct json *failures = json_getz(targets, "failure_rate");
	const struct json *uptime = json_getz(targets, "uptime");
	const struct json *recovery = json_getz(targets, "recovery_ms");
	const struct json *v = json_getz(failures, "value");
	printf("%-13s", "failures");
	if (v && v->type == JSON_NUMBER)
		printf(" %.2f %%,", v->number * 100);
	printf(" target below 1 %%: %s\n", verdict(json_getz(failures, "met")));
	v = json_getz(uptime, "value");
	printf("%-13s", "uptime");
	if (v && v->type == JSON_NUMBER)
		printf(" %.2f %%,", v->number * 100);
	printf(" target 99.5 %%: %s\n", verdict(json_getz(uptime, "met")));
	v = json_getz(recovery, "value");
	printf("%-13s", "recovery");
	if (v && v->type == JSON_NUMBER)
		printf(" %.1f s on average,", v->number / 1000);
	printf(" target below 5 min: %s\n", verdict(json_getz(recovery, "met")));
}

static void print_agent(struct cli *c, const struct json *v)
{
	print_text(v, "agent", "name");
	print_text(v, "state", "state");
	print_time(c, v, "since", "state_since");
	print_text(v, "drain reason", "drain_reason");
	print_words(json_getz(v, "kinds"), "performs");
	print_words(json_getz(v, "labels"), "labels");
	print_text(v, "version", "version");
	printf("%-13s %lld of %lld\n", "holds", (long long)number(v, "held"),
	       (long long)number(v, "capacity"));
	print_words(json_getz(v, "tasks"), "tasks");
	print_time(c, v, "registered", "registered_at");
	print_time(c, v, "first lease", "first_lease_at");
	print_time(c, v, "last seen", "last_seen_at");
	print_attempts(json_getz(v, "attempts"));
	printf("%-13s %lld of 100\n", "health", (long long)number(v, "health"));
	const struct json *reasons = json_getz(v, "health_reasons");
	for (const struct json *r = reasons ? reasons->first : NULL; r; r = r->next)
		printf("%-13s " STR_FMT "\n", "", STR_ARG(r->text));
	print_targets(json_getz(v, "targets"));
}

int agent_show_command(struct cli *c)
{
	return ask_command(c, "GET", agent_path(c, ""), NULL, print_agent);
}

int agent_history_command(struct cli *c)
{
	static const struct column columns[] = { { "AT", "at", true },
		                                 { "CHANGE", "change", false },
		                                 { "DETAIL", "detail", false },
		                                 { "BY", "actor", false } };
	struct list l = { agent_path(c, "/history"), "changes", columns,
		          ARRAY_LEN(columns),        NULL,      "no changes" };
	return list_command(c, &l);
}

/* --- Changing --- */

static void print_changed(struct cli *c, const struct json *v)
{
	(void)c;
	print_text(v, "agent", "name");
	print_text(v, "state", "state");
	if (json_get_bool(v, "draining", false) && number(v, "held"))
		printf("%-13s %lld tasks; drained when they have ended\n", "holds",
		       (long long)number(v, "held"));
}

int agent_drain_command(struct cli *c)
{
	return ask_command(c, "POST", agent_path(c, "/drain"), reason_body(c), print_changed);
}

int agent_resume_command(struct cli *c)
{
	return ask_command(c, "POST", agent_path(c, "/resume"), NULL, print_changed);
}

static void print_removed(struct cli *c, const struct json *v)
{
	(void)c;
	struct str name = json_get_str(v, "name", STR(""));
	printf(STR_FMT " is removed\n", STR_ARG(name));
}

int agent_remove_command(struct cli *c)
{
	return ask_command(c, "DELETE", agent_path(c, ""), NULL, print_removed);
}
