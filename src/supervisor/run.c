/* `takt serve`, the parent: folder, sockets, children, in this order, so that whatever
 * can be refused is refused before anything runs.  Or they are taken over from a former
 * program of this process. */
#include <stdio.h>

#include "supervisor/run_priv.h"

#include "base/arena.h"
#include "sys/file.h"
#include "sys/listen.h"
#include "sys/log.h"
#include "sys/replace.h"

enum { EXIT_REFUSED = 70, HANDOVER_MAX = 64 << 10, ARGUMENTS_MAX = 64 };

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

static enum rc announce(struct serving *s, const char *refused, struct err *err)
{
	return folder_announce(&s->folder,
	                       &(struct announcement){ .address = s->address,
	                                               .version = s->o->version,
	                                               .restarts = s->restarts,
	                                               .refused = refused },
	                       err);
}

static enum rc on_ready(void *ctx, struct err *err)
{
	struct serving *s = ctx;
	enum rc rc = announce(s, NULL, err);
	if (rc == RC_OK && s->o->on_ready)
		s->o->on_ready(s->o->ctx, s->address, s->folder.path);
	return rc;
}

static void on_restarted(void *ctx, const struct err *refused)
{
	struct serving *s = ctx;
	struct err err = { 0 };
	s->restarts++;
	if (announce(s, refused ? refused->text : NULL, &err) != RC_OK)
		log_err(LOG_WARN, "the restart can't be announced", &err);
}

/* --- Handing over, and taking over --- */

static enum rc exec_with(struct serving *s, int sealed_fd, struct err *err)
{
	const char *argv[ARGUMENTS_MAX + 3] = { NULL };
	char number[16];
	size_t n = 0;
	for (; n < ARGUMENTS_MAX && s->o->argv[n]; n++)
		argv[n] = s->o->argv[n];
	snprintf(number, sizeof number, "%d", sealed_fd);
	argv[n++] = "--handover";
	argv[n++] = number;
	int keep[] = { sealed_fd,       s->folder.lock_fd, s->ready.reader,
		       s->ready.writer, s->unix_fd,        s->tcp_fd };
	size_t n_keep = ARRAY_LEN(keep) - (s->tcp_fd < 0);
	return process_replace(argv[0], argv, keep, n_keep, err);
}

static enum rc replace(void *ctx, const struct handover_child *children, size_t n, struct err *err)
{
	struct serving *s = ctx;
	struct handover h = { .folder = s->folder.path,
		              .address = s->address,
		              .lock_fd = s->folder.lock_fd,
		              .unix_fd = s->unix_fd,
		              .tcp_fd = s->tcp_fd,
		              .ready_reader = s->ready.reader,
		              .ready_writer = s->ready.writer,
		              .restarts = s->restarts,
		              .children = children,
		              .n_children = n };
	AUTO(buf_fini) struct buf text = BUF_INIT(HANDOVER_MAX);
	AUTO(close_fd) int fd = -1;
	handover_write(&h, &text);
	enum rc rc = buf_rc(&text) == RC_OK
	                     ? sealed_create(buf_str(&text), &fd, err)
	                     : err_set(err, CODE_TOO_LARGE, "there are too many children");
	return rc == RC_OK ? exec_with(s, fd, err) : rc;
}

static void close_at_exec(const struct serving *s)
{
	const int fds[] = { s->folder.lock_fd, s->ready.reader, s->ready.writer, s->unix_fd,
		            s->tcp_fd };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			fd_close_at_exec(fds[i]);
}

static enum rc take_over(struct serving *s, struct err *err)
{
	struct str text;
	int fd = s->o->handover_fd;
	enum rc rc = sealed_read(s->arena, fd, HANDOVER_MAX, &text, err);
	if (rc == RC_OK)
		rc = handover_read(s->arena, text, &s->former, err);
	if (rc != RC_OK)
		return rc;
	close_fd(&fd);
	s->folder = (struct folder){ s->former.folder, s->former.lock_fd };
	s->ready = (struct pipe){ s->former.ready_reader, s->former.ready_writer };
	s->unix_fd = s->former.unix_fd;
	s->tcp_fd = s->former.tcp_fd;
	s->restarts = s->former.restarts;
	snprintf(s->address, sizeof s->address, "%s", s->former.address);
	close_at_exec(s);
	LOG(LOG_INFO, "took the place of the former supervisor",
	    LOG_STR("version", str_z(s->o->version)),
	    LOG_INT("children", (int64_t)s->former.n_children));
	return RC_OK;
}

static enum rc open_all(struct serving *s, struct err *err)
{
	enum rc rc = folder_open(s->arena, s->o->folder, &s->folder, err);
	if (rc == RC_OK)
		rc = listen_all(s, err);
	if (rc == RC_OK)
		rc = pipe_open(&s->ready, err);
	if (rc == RC_OK)
		name_address(s);
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
		.is_ephemeral = s->o->is_ephemeral,
		.adopted = s->former.children,
		.n_adopted = s->former.n_children,
		.on_ready = on_ready,
		.may_follow = run_may_follow,
		.replace = replace,
		.on_restarted = on_restarted,
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
	enum rc rc = o->handover_fd >= 0 ? take_over(&s, err) : open_all(&s, err);
	int exit_code = rc == RC_OK ? run_children(&s, err) : EXIT_REFUSED;
	close_fd(&s.unix_fd);
	close_fd(&s.tcp_fd);
	pipe_close(&s.ready);
	if (s.folder.lock_fd >= 0) {
		remove_socket(&s);
		folder_close(&s.folder);
	}
	arena_destroy(s.arena);
	return exit_code;
}
