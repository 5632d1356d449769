/* `takt doctor`: looks, changes nothing, starts nothing but the version of a tool. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/session.h"
#include "codec/json.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/library.h"
#include "sys/listen.h"
#include "sys/process.h"
#include "sys/self.h"
#include "sys/terminal.h"

enum verdict { FINE, HINT, WRONG };

struct doctor {
	struct cli *c;
	struct buf text;
	struct buf json;
	struct json_out o;
	bool is_wrong;
};

static void say(struct doctor *d, enum verdict verdict, const char *what, const char *finding,
                const char *remedy)
{
	static const char *const words[] = { "ok", "hint", "wrong" };
	static const char *const colours[] = { "\033[32m", "\033[33m", "\033[31m" };
	bool has_colour = d->c->has_colour;
	d->is_wrong |= verdict == WRONG;
	buf_addf(&d->text, "%s%-5s%s  %-12s %s\n", has_colour ? colours[verdict] : "",
	         words[verdict], has_colour ? "\033[0m" : "", what, finding);
	if (remedy)
		buf_addf(&d->text, "       %-12s -> %s\n", "", remedy);
	json_begin_object(&d->o);
	json_put_str(&d->o, "what", str_z(what));
	json_put_str(&d->o, "verdict", str_z(words[verdict]));
	json_put_str(&d->o, "finding", str_z(finding));
	if (remedy)
		json_put_str(&d->o, "remedy", str_z(remedy));
	json_end_object(&d->o);
}

/* Settings were read before we got here: a wrong one has ended the program. */
static void look_at_settings(struct doctor *d)
{
	char text[400];
	const struct config *c = &d->c->config;
	snprintf(text, sizeof text, "listen %s, %lld processes of each maker%s%s", c->listen,
	         (long long)c->maker_processes, c->file ? ", file " : "", c->file ? c->file : "");
	say(d, FINE, "settings", text, NULL);
}

/* Can a file be made there?  The nearest folder that exists answers. */
static bool is_writable(struct cli *c, const char *folder, struct err *err)
{
	const char *probe = str_dupz(
	        c->arena, str_fmt(c->arena, "%s/.takt-doctor-%lld", folder, (long long)self_pid()));
	if (file_write(probe, STR(""), 0600, err) != RC_OK)
		return false;
	remove(probe);
	return true;
}

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

static void look_at_folder(struct doctor *d)
{
	struct cli *c = d->c;
	const char *path = c->config.data;
	const char *there = nearest_folder(c, path);
	struct err err = { 0 };
	char text[400];
	if (folder_is_network(there))
		say(d, WRONG, "data folder", "it is on a network file system",
		    "use a local disk: --data FOLDER");
	else if (!is_writable(c, there, &err))
		say(d, WRONG, "data folder", err.text,
		    "take a folder that is yours: --data FOLDER");
	else {
		snprintf(text, sizeof text, "%.300s%s", path,
		         strcmp(there, path) == 0 ? "" : " (takt serve makes it)");
		say(d, FINE, "data folder", text, NULL);
	}
	int64_t bytes = folder_free_bytes(there);
	snprintf(text, sizeof text, "%lld MiB free", (long long)(bytes >> 20));
	if (bytes >= 0 && bytes < c->config.disk_low_bytes)
		say(d, WRONG, "disk", text,
		    "free some, or lower --disk-low-bytes: below it new work is refused");
	else
		say(d, FINE, "disk", text, NULL);
}

static bool look_at_server(struct doctor *d)
{
	struct cli *c = d->c;
	struct takt_options o = { .unix_path = str_dupz(c->arena, str_fmt(c->arena, "%s/takt.sock",
		                                                          c->config.data)) };
	struct takt_request r = { .method = "GET", .path = "/healthz", .timeout_ms = 5000 };
	struct takt_reply reply;
	struct takt *t;
	struct takt_error e;
	if (!file_exists(o.unix_path) || takt_open(&o, &t, &e) != TAKT_OK) {
		say(d, FINE, "server", "none holds the data folder", NULL);
		return false;
	}
	bool is_there = takt_request(t, &r, &reply, &e) == TAKT_OK;
	if (is_there)
		takt_reply_free(&reply);
	takt_close(t);
	say(d, FINE, "server",
	    is_there ? "one holds the data folder and answers" : "none holds the data folder",
	    NULL);
	return is_there;
}

static void look_at_port(struct doctor *d, bool is_serving)
{
	struct err err = { 0 };
	int fd;
	if (strcmp(d->c->config.listen, "none") == 0 || is_serving)
		return;
	if (socket_listen_tcp(d->c->config.listen, &fd, &err) != RC_OK) {
		say(d, WRONG, "port", err.text, "stop who has it, or take another: --listen :8421");
		return;
	}
	close_fd(&fd);
	say(d, FINE, "port", d->c->config.listen, NULL);
}

struct library {
	const char *soname, *package, *what;
	enum verdict when_missing;
};

static void look_at_libraries(struct doctor *d)
{
	static const struct library libraries[] = {
		{ "libcurl.so.4", "libcurl4", "the command line and workers ask servers with it",
		  WRONG },
		{ "libarchive.so.13", "libarchive13", "artifacts as zip", HINT },
	};
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
		const struct library *l = &libraries[i];
		struct err err = { 0 };
		char remedy[128];
		snprintf(remedy, sizeof remedy, "apt install %s", l->package);
		if (library_open(l->soname, l->package, NULL, 0, &err) == RC_OK)
			say(d, FINE, "library", l->soname, NULL);
		else
			say(d, l->when_missing, "library", l->soname, remedy);
	}
}

static void look_at_tools(struct doctor *d)
{
	const char *const argv[] = { "stylua", "--version", NULL };
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	struct buf out = BUF_INIT(200), error = BUF_INIT(200);
	struct process_result result;
	struct err err = { 0 };
	if (process_run(&o, STR(""), 5000, &out, &error, &result, &err) == RC_OK &&
	    result.exit_code == 0) {
		char text[220];
		snprintf(text, sizeof text, STR_FMT, STR_ARG(str_trim(buf_str(&out))));
		say(d, FINE, "tool", text, NULL);
	} else {
		say(d, HINT, "tool",
		    "stylua is not on PATH: lessons say \"not run\" for that check",
		    "npm install @johnnymorganz/stylua-bin, and its node_modules/.bin on PATH");
	}
	buf_fini(&out);
	buf_fini(&error);
}

static void on_maker(void *ctx, const char *name, const char *program)
{
	struct doctor *d = ctx;
	char text[400];
	snprintf(text, sizeof text, "%s (%.300s)", name, program);
	if (file_exists(program))
		say(d, FINE, "maker", text, NULL);
	else
		say(d, WRONG, "maker", text, "its program is missing: build or install it again");
}

static void look_at_makers(struct doctor *d)
{
	struct cli *c = d->c;
	struct err err = { 0 };
	size_t before = d->text.len;
	if (c->hooks->makers(c->arena, c->config.makers, on_maker, d, &err) != RC_OK)
		say(d, WRONG, "makers", err.text, "put the file right, or name another --makers");
	else if (d->text.len == before)
		say(d, HINT, "makers", "there are none", "name their folder with --makers");
}

int doctor_command(struct cli *c)
{
	struct doctor d = { .c = c };
	buf_init(&d.text, 1 << 20);
	buf_init(&d.json, 1 << 20);
	json_out_init(&d.o, &d.json);
	json_begin_object(&d.o);
	json_keyz(&d.o, "findings");
	json_begin_array(&d.o);
	look_at_settings(&d);
	look_at_folder(&d);
	look_at_port(&d, look_at_server(&d));
	look_at_libraries(&d);
	look_at_tools(&d);
	look_at_makers(&d);
	json_end_array(&d.o);
	json_put_bool(&d.o, "ok", !d.is_wrong);
	json_end_object(&d.o);
	buf_addc(&d.json, '\n');
	terminal_write(TERMINAL_OUT, buf_str(c->is_json ? &d.json : &d.text));
	buf_fini(&d.text);
	buf_fini(&d.json);
	return d.is_wrong ? EXIT_WORK_FAILED : EXIT_OK;
}
