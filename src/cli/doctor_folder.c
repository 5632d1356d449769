/* `takt doctor`: the data folder, its disk, its server, its database. */
#include <stdio.h>

#include "cli/doctor.h"

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/findings.h"
#include "codec/json.h"
#include "codec/rfc3339.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/self.h"

enum { WRITES = 5, SLOW_US = 20000, ANSWER_MS = 5000, SKEW_MS = 5000 };

static const char *inside(struct cli *c, const char *name)
{
	return str_dupz(c->arena, str_fmt(c->arena, "%s/%s", c->config.data, name));
}

/* Can the folder be made there?  The nearest one that exists answers. */
static const char *nearest_folder(struct cli *c, const char *path)
{
	char *folder = str_dupz(c->arena, str_z(path));
	while (!file_exists(folder)) {
		char *slash = strrchr(folder, '/');
		if (!slash)
			return ".";
		if (slash == folder)
			return "/";
		*slash = '\0';
	}
	return folder;
}

/* The middle of some durable writes: a file and its folder, synced. */
static enum rc measure_writes(struct cli *c, const char *folder, int64_t *ret_us, struct err *err)
{
	static const char bytes[4096];
	int64_t took[WRITES];
	const char *probe = str_dupz(
	        c->arena, str_fmt(c->arena, "%s/.takt-doctor-%lld", folder, (long long)self_pid()));
	for (int i = 0; i < WRITES; i++) {
		int64_t began = env_mono_us(&env_system);
		enum rc rc = file_write(probe, (struct str){ bytes, sizeof bytes }, 0600, err);
		if (rc != RC_OK)
			return rc;
		int64_t us = env_mono_us(&env_system) - began;
		int k = i;
		for (; k > 0 && took[k - 1] > us; k--)
			took[k] = took[k - 1];
		took[k] = us;
	}
	remove(probe);
	*ret_us = took[WRITES / 2];
	return RC_OK;
}

static void say_speed(struct findings *f, const char *folder, int64_t us)
{
	char text[120];
	bool is_slow = us > SLOW_US;
	snprintf(text, sizeof text, "a durable write takes %lld.%lld ms", (long long)(us / 1000),
	         (long long)(us % 1000 / 100));
	findings_say(
	        f, is_slow ? HINT : FINE, "sync", folder, text,
	        is_slow ? "every change waits for one: submit in batches, or take a faster disk"
	                : NULL);
}

static void say_space(struct cli *c, struct findings *f, const char *folder)
{
	char text[160];
	int64_t bytes = folder_free_bytes(folder), low = c->config.disk_low_bytes;
	if (bytes < 0)
		return;
	snprintf(text, sizeof text, "%lld MiB free; new work is refused below %lld MiB",
	         (long long)(bytes >> 20), (long long)(low >> 20));
	if (bytes < low)
		findings_say(f, WRONG, "disk", folder, text,
		             "make room, or lower --disk-low-bytes");
	else if (bytes / 4 < low)
		findings_say(f, HINT, "disk", folder, text, "make room before it gets there");
	else
		findings_say(f, FINE, "disk", folder, text, NULL);
}

/* What others on this machine may open: the key and the database lie there. */
static void say_modes(struct cli *c, struct findings *f)
{
	static const char *const names[] = { ".", "key", "takt.db", "takt.sock" };
	bool is_open = false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = i ? inside(c, names[i]) : c->config.data;
		int mode = file_mode(path);
		char text[80];
		if (mode < 0 || !(mode & 077))
			continue;
		is_open = true;
		snprintf(text, sizeof text, "others on this machine may open it (mode %04o)",
		         (unsigned)mode);
		findings_say(f, i == 1 ? WRONG : HINT, "permissions", path, text,
		             i ? "chmod 600" : "chmod 700");
	}
	if (!is_open && file_exists(c->config.data))
		findings_say(f, FINE, "permissions", c->config.data, "yours alone", NULL);
}

void doctor_folder(struct cli *c, struct findings *f)
{
	const char *path = c->config.data, *there = nearest_folder(c, path);
	struct err err = { 0 };
	int64_t us;
	if (folder_is_network(there)) {
		findings_say(f, WRONG, "data folder", path,
		             "it is on a network file system, whose locks can't be trusted",
		             "use a local disk: --data FOLDER");
		return;
	}
	if (measure_writes(c, there, &us, &err) != RC_OK) {
		findings_say(f, WRONG, "data folder", path, err.text,
		             "take a folder that is yours: --data FOLDER");
		return;
	}
	findings_say(f, FINE, "data folder", path,
	             strcmp(there, path) == 0 ? "there, and can be written" : "takt serve makes it",
	             NULL);
	say_modes(c, f);
	say_space(c, f, there);
	say_speed(f, there, us);
}

/* --- The server --- */

static void say_clock(struct findings *f, const struct json *status)
{
	int64_t theirs;
	char text[120];
	if (rfc3339_parse(json_get_str(status, "now", STR("")), &theirs) != RC_OK)
		return;
	int64_t ahead = theirs - env_wall_ms(&env_system);
	if (ahead > -SKEW_MS && ahead < SKEW_MS)
		return;
	snprintf(text, sizeof text, "the server's clock is %lld s %s this machine's",
	         (long long)((ahead < 0 ? -ahead : ahead) / 1000),
	         ahead < 0 ? "behind" : "ahead of");
	findings_say(f, HINT, "clock", NULL, text,
	             "set the clocks right; a server that saw a later time goes on from there");
}

static bool ask_server(struct cli *c, struct findings *f, const struct takt_options *o,
                       const char *place)
{
	struct takt *t;
	struct takt_error e;
	const struct json *status;
	if (takt_open(o, &t, &e) != TAKT_OK) {
		findings_say(f, WRONG, "server", place, e.text, "look at --server");
		return false;
	}
	enum takt_outcome outcome = cli_ask(c, t, "GET", "/v1/status", NULL, &status, &e);
	takt_close(t);
	if (outcome != TAKT_OK) {
		findings_say(f, WRONG, "server", place, e.text,
		             "is it running, is the address right, is the key (TAKT_KEY) good?");
		return false;
	}
	char text[120];
	snprintf(text, sizeof text, "takt " STR_FMT " answers, " STR_FMT,
	         STR_ARG(json_get_str(status, "version", STR("?"))),
	         STR_ARG(json_get_str(status, "state", STR("?"))));
	findings_say(f, FINE, "server", place, text, NULL);
	say_clock(f, status);
	return true;
}

/* Does a process hold the folder's lock?  Asked without making the file. */
static bool is_held(struct cli *c)
{
	int fd;
	struct err err = { 0 };
	const char *lock = inside(c, "lock");
	if (!file_exists(lock))
		return false;
	enum rc rc = file_lock(lock, 0, &fd, &err);
	if (rc == RC_OK)
		close_fd(&fd);
	return rc == RC_CONFLICT;
}

bool doctor_server(struct cli *c, struct findings *f)
{
	const char *path = inside(c, "takt.sock");
	const struct takt_options far = { .url = c->config.server,
		                          .key = c->config.key,
		                          .timeout_ms = ANSWER_MS };
	const struct takt_options near = { .unix_path = path, .timeout_ms = ANSWER_MS };
	if (c->config.server)
		(void)ask_server(c, f, &far, c->config.server);
	if (is_held(c))
		return ask_server(c, f, &near, path);
	if (file_exists(path))
		findings_say(
		        f, FINE, "server", path,
		        "none holds the data folder; the socket is left over from one that was "
		        "killed, the next replaces it",
		        NULL);
	else
		findings_say(f, FINE, "server", c->config.data, "none holds the data folder", NULL);
	return false;
}

void doctor_database(struct cli *c, struct findings *f)
{
	const char *path = inside(c, "takt.db");
	struct db_status s;
	struct err err = { 0 };
	char text[120];
	if (!file_exists(path))
		return;
	if (c->hooks->db.status(c->config.data, &s, &err) != RC_OK) {
		findings_say(f, WRONG, "database", path, err.text,
		             err.code == CODE_SCHEMA_NEWER ? "use the newer takt that made it"
		                                           : "takt db verify reads it whole; "
		                                             "restore a copy when it is damaged");
		return;
	}
	snprintf(text, sizeof text, "schema %lld, this program wants %lld", (long long)s.have,
	         (long long)s.want);
	findings_say(f, s.have == s.want ? FINE : WRONG, "database", path, text,
	             s.have == s.want ? NULL : "takt db migrate");
}
