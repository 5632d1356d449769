/* `takt serve`, the parent: folder, sockets, children, in this order, so that whatever
 * can be refused is refused before anything runs. */
#include <stdio.h>

#include "supervisor/supervisor.h"

#include "base/arena.h"
#include "sys/file.h"
#include "sys/listen.h"
#include "sys/pipe.h"

enum { EXIT_REFUSED = 70 };

struct serving {
	const struct supervisor_options *o;
	struct arena *arena;
	struct folder folder;
	int unix_fd, tcp_fd;
	struct pipe ready;
	char address[160];
};

static enum rc listen_all(struct serving *s, struct err *err)
{
	const char *path = str_dupz(s->arena, str_fmt(s->arena, "%s/takt.sock", s->folder.path));
	enum rc rc = socket_listen_unix(path, &s->unix_fd, err);
	if (rc != RC_OK)
		return rc;
	snprintf(s->address, sizeof s->address, "unix:%.140s", path);
	if (!s->o->listen)
		return RC_OK;
	return socket_listen_tcp(s->o->listen, &s->tcp_fd, err);
}

/* ":8420" and port 0 become what was really taken. */
static void name_address(struct serving *s)
{
	if (s->tcp_fd < 0)
		return;
	struct str host = str_z(s->o->listen);
	while (host.len && host.ptr[host.len - 1] != ':')
		host.len--;
	if (host.len)
		host.len--;
	if (host.len == 0)
		host = STR("127.0.0.1");
	snprintf(s->address, sizeof s->address, "http://" STR_FMT ":%d", STR_ARG(host),
	         socket_port(s->tcp_fd));
}

static enum rc on_ready(void *ctx, struct err *err)
{
	struct serving *s = ctx;
	enum rc rc = folder_announce(&s->folder, s->address, err);
	if (rc == RC_OK && s->o->on_ready)
		s->o->on_ready(s->o->ctx, s->address, s->folder.path);
	return rc;
}

static int run_children(struct serving *s, struct err *err)
{
	int keep[4];
	size_t n = 0;
	keep[n++] = s->unix_fd;
	if (s->tcp_fd >= 0)
		keep[n++] = s->tcp_fd;
	keep[n++] = s->ready.writer;
	keep[n++] = s->folder.lock_fd;
	struct supervise_options so = {
		.server = { "server", s->o->server_argv, keep, n },
		.workers = s->o->workers,
		.n_workers = s->o->n_workers,
		.ready_fd = s->ready.reader,
		.permanent_exit = s->o->permanent_exit,
		.drain_ms = s->o->drain_ms,
		.backoff = backoff_default,
		.starts_max = s->o->is_ephemeral ? 3 : 0,
		.on_ready = on_ready,
		.ctx = s,
	};
	return supervise(&so, err);
}

static void remove_socket(const struct serving *s)
{
	remove(str_dupz(s->arena, str_fmt(s->arena, "%s/takt.sock", s->folder.path)));
}

int supervisor_run(const struct supervisor_options *o, struct err *err)
{
	struct serving s = { .o = o, .arena = arena_create(4096), .folder.lock_fd = -1 };
	s.unix_fd = s.tcp_fd = -1;
	s.ready = (struct pipe){ -1, -1 };
	int exit_code = EXIT_REFUSED;
	enum rc rc = folder_open(s.arena, o->folder, &s.folder, err);
	bool is_held = rc == RC_OK;
	if (rc == RC_OK)
		rc = listen_all(&s, err);
	if (rc == RC_OK)
		rc = pipe_open(&s.ready, err);
	if (rc == RC_OK) {
		name_address(&s);
		exit_code = run_children(&s, err);
	}
	close_fd(&s.unix_fd);
	close_fd(&s.tcp_fd);
	pipe_close(&s.ready);
	if (is_held) {
		remove_socket(&s);
		folder_close(&s.folder);
	}
	arena_destroy(s.arena);
	return exit_code;
}
