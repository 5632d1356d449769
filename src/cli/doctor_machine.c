/* `takt doctor`: the port, limits and clock of the machine, libraries and tools. */
#include <stdio.h>

#include "cli/doctor.h"

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/findings.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/library.h"
#include "sys/listen.h"
#include "sys/process.h"
#include "sys/self.h"

enum { POLLS = 10000, SPARE_FDS = 240, TOOL_MS = 5000 };

void doctor_port(struct cli *c, struct findings *f)
{
	const char *listen = c->config.listen;
	struct err err = { 0 };
	char holder[120], text[200];
	int fd;
	if (strcmp(listen, "none") == 0)
		return;
	if (socket_listen_tcp(listen, &fd, &err) == RC_OK) {
		close_fd(&fd);
		findings_say(f, FINE, "port", listen, "free", NULL);
		return;
	}
	if (err.code != CODE_PORT_TAKEN) {
		findings_say(f, WRONG, "port", listen, err.text,
		             "name an address of this machine: --listen 127.0.0.1:8420");
		return;
	}
	bool is_known = socket_port_holder(listen, holder, sizeof holder);
	snprintf(text, sizeof text, "held by %s",
	         is_known ? holder : "a process of another user (ss -ltnp as root says which)");
	findings_say(f, WRONG, "port", listen, text, "stop it, or take another: --listen :8421");
}

void doctor_limits(struct cli *c, struct findings *f)
{
	char text[160];
	int64_t max = self_fds_most();
	(void)c;
	snprintf(text, sizeof text, "%lld at most; each agent that waits is one", (long long)max);
	if (max >= 0 && max < POLLS + SPARE_FDS)
		findings_say(f, HINT, "descriptors", NULL, text,
		             "for 10,000 agents: LimitNOFILE=20000, or ulimit -Hn 20000");
	else if (max >= 0)
		findings_say(f, FINE, "descriptors", NULL, max == INT64_MAX ? "no limit" : text,
		             NULL);
	/* 2024-01-01: takt's ids begin there. */
	if (env_wall_ms(&env_system) < INT64_C(1704067200000))
		findings_say(f, WRONG, "clock", NULL, "it shows a time before 2024",
		             "set it: ids and times come from it");
}

struct library {
	const char *soname, *package, *what;
	enum verdict when_missing;
};

void doctor_libraries(struct cli *c, struct findings *f)
{
	static const struct library libraries[] = {
		{ "libcurl.so.4", "libcurl4", "the command line and workers ask servers with it",
		  WRONG },
		{ "libarchive.so.13", "libarchive13", "artifacts as zip", HINT },
	};
	(void)c;
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
		const struct library *l = &libraries[i];
		struct err err = { 0 };
		char remedy[128], text[128];
		snprintf(remedy, sizeof remedy, "apt install %s", l->package);
		snprintf(text, sizeof text, "missing: %s", l->what);
		if (library_open(l->soname, l->package, NULL, 0, &err) == RC_OK)
			findings_say(f, FINE, "library", l->soname, "there", NULL);
		else
			findings_say(f, l->when_missing, "library", l->soname, text, remedy);
	}
}

struct tool {
	const char *name, *missing, *remedy;
};

static void look_at_tool(struct findings *f, const struct tool *tool)
{
	const char *const argv[] = { tool->name, "--version", NULL };
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	AUTO(buf_fini) struct buf out = BUF_INIT(200);
	AUTO(buf_fini) struct buf error = BUF_INIT(200);
	struct process_result result;
	struct err err = { 0 };
	if (process_run(&o, STR(""), TOOL_MS, &out, &error, &result, &err) != RC_OK ||
	    result.exit_code != 0) {
		findings_say(f, HINT, "tool", tool->name, tool->missing, tool->remedy);
		return;
	}
	char text[220];
	struct str rest, line = str_cut(buf_str(&out), '\n', &rest);
	snprintf(text, sizeof text, STR_FMT, STR_ARG(str_trim(line)));
	findings_say(f, FINE, "tool", tool->name, text, NULL);
}

struct listing {
	struct findings *f;
	size_t n;
};

static void on_maker(void *ctx, const char *name, const char *program)
{
	struct listing *l = ctx;
	l->n++;
	if (file_exists(program))
		findings_say(l->f, FINE, "maker", program, name, NULL);
	else
		findings_say(l->f, WRONG, "maker", program, "its program is missing",
		             "build or install it again");
}

void doctor_tools(struct cli *c, struct findings *f)
{
	static const struct tool tools[] = {
		{ "stylua", "not on PATH: lessons say \"not run\" for that check",
		  "npm install @johnnymorganz/stylua-bin, and its node_modules/.bin on PATH" },
		{ "node", "not on PATH: lessons' scripts are not run for their checks",
		  "apt install nodejs" },
	};
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		look_at_tool(f, &tools[i]);
	struct listing l = { f, 0 };
	struct err err = { 0 };
	if (c->hooks->makers(c->arena, c->config.makers, on_maker, &l, &err) != RC_OK)
		findings_say(f, WRONG, "makers", err.place, err.text,
		             "put the file right, or name another --makers");
	else if (l.n == 0)
		findings_say(f, HINT, "makers", NULL, "there are none",
		             "name their folder with --makers");
}
