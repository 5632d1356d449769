/* `takt config check`: see config_check.h.
 *
 * A mistake is what `takt serve` would refuse to start with.  What it would start with
 * and somebody would be sorry for is a hint. */
#include <stdio.h>

#include "cli/config_check.h"

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/findings.h"
#include "sys/environ.h"
#include "sys/file.h"

enum {
	STOP_MS = 90 * 1000, /* what systemd waits before it kills, unless told otherwise */
	SHORT_MS = 3600 * 1000,
};

static void on_mistake(void *ctx, const struct err *err)
{
	findings_say(ctx, WRONG, "setting", err->place, err->text,
	             "put it right; `takt serve --print-config` shows every setting");
}

static void read_settings(struct cli *c, const char *file, struct findings *f)
{
	struct config_flag flags[ARGS_GIVEN_MAX + 1];
	size_t n = 0;
	if (file)
		flags[n++] = (struct config_flag){ "config", file };
	for (size_t i = 0; i < c->args.n_given; i++)
		flags[n++] = (struct config_flag){ c->args.given[i].name, c->args.given[i].value };
	struct config_report report = { on_mistake, f };
	struct config_sources s = { .flags = flags,
		                    .n_flags = n,
		                    .environment = environ_all(),
		                    .home = environ_home(),
		                    .report = &report };
	struct err err = { 0 };
	if (config_read(c->arena, &s, &c->config, &err) != RC_OK)
		on_mistake(f, &err);
}

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_loopback(const char *address)
{
	static const char *const ours[] = { ":", "none", "127.", "localhost:", "[::1]:" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (has_prefix(address, ours[i]))
			return true;
	return false;
}

static void look_at_listening(const struct config *c, struct findings *f)
{
	if (is_loopback(c->listen) || c->n_hosts)
		return;
	findings_say(
	        f, HINT, "listen", c->listen,
	        "other machines reach it, but are refused (bad_host): it answers to loopback's "
	        "names only",
	        "name it as they do: --hosts takt.example; and put TLS before it");
}

static void look_at_data(const struct config *c, struct findings *f)
{
	if (!has_prefix(c->data, "/tmp/") && !has_prefix(c->data, "/dev/shm") &&
	    !has_prefix(c->data, "/var/tmp/"))
		return;
	findings_say(f, HINT, "data", c->data,
	             "what lies there is swept away at a reboot or after some days",
	             "take a folder that stays: --data /var/lib/takt");
}

static void look_at_times(const struct config *c, struct findings *f)
{
	if (c->drain_ms > STOP_MS)
		findings_say(f, HINT, "drain_ms", NULL,
		             "it is longer than systemd waits before it kills (90 s)",
		             "lower it, or raise TimeoutStopSec above it");
	if (c->event_retention_ms < SHORT_MS)
		findings_say(f, HINT, "event_retention_ms", NULL,
		             "a reader that is away for an hour misses events",
		             "keep them for some hours at least");
	if (c->task_retention_ms < SHORT_MS)
		findings_say(f, HINT, "task_retention_ms", NULL,
		             "dead letters are forgotten within the hour",
		             "keep them as long as somebody needs to look: days");
}

static void look_at_the_rest(const struct config *c, struct findings *f)
{
	if (c->disk_low_bytes == 0)
		findings_say(f, HINT, "disk_low_bytes", NULL,
		             "without a low-water mark the disk fills up, and then nothing that "
		             "is under way can end",
		             "leave 256 MiB: 268435456");
	if (strcmp(c->log_level, "off") == 0)
		findings_say(f, HINT, "log_level", NULL,
		             "when the server does not start or fails, nothing says why",
		             "take error at least");
	if (c->makers && !file_exists(c->makers))
		findings_say(f, WRONG, "makers", c->makers, "there is no such folder",
		             "name the folder that holds the makers, or leave it out");
	if (c->server && c->key && has_prefix(c->server, "http://") &&
	    !has_prefix(c->server, "http://127.") && !has_prefix(c->server, "http://localhost") &&
	    !has_prefix(c->server, "http://[::1]"))
		findings_say(f, HINT, "server", c->server,
		             "the key travels in the clear to another machine",
		             "put TLS before the server and say https://");
}

/* A key in a file that others may read is everybody's. */
static void look_at_file(const struct config *c, struct findings *f)
{
	if (!c->file || !c->key)
		return;
	int mode = file_mode(c->file);
	if (mode >= 0 && (mode & 077))
		findings_say(f, HINT, "file", c->file,
		             "others on this machine can read it, and there is a key",
		             "chmod 600, or give the key as TAKT_KEY");
}

void config_look(struct cli *c, const char *file, struct findings *f)
{
	read_settings(c, file, f);
	const struct config *config = &c->config;
	if (!config->listen || !config->data)
		return; /* the mistakes have been said */
	look_at_file(config, f);
	look_at_listening(config, f);
	look_at_data(config, f);
	look_at_times(config, f);
	look_at_the_rest(config, f);
	if (f->count[WRONG] == 0) {
		char said[400];
		snprintf(said, sizeof said, "listen %.60s, data %.200s", config->listen,
		         config->data);
		findings_say(f, FINE, "settings", config->file, said, NULL);
	}
}

int config_check_command(struct cli *c)
{
	struct findings f;
	findings_begin(&f, c);
	config_look(c, c->args.n_words ? c->args.words[0] : NULL, &f);
	return findings_end(&f);
}
