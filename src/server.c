/* The server process: see server.h.  Puts the floors together, bottom first, and takes
 * them down in the opposite order.
 *
 *	main thread    the loop: HTTP, signals, timers
 *	engine         the writer: commands, commits
 *	pool           reads and files
 *
 * The way down: SIGTERM → polls answered, streams ended → HTTP drained → engine stopped,
 * WAL checkpointed → store closed.
 */
#include "server.h"

#include "api/api.h"
#include "artifact/output.h"
#include "backup/backup.h"
#include "flow/flow.h"
#include "http/server.h"
#include "identity/identity.h"
#include "queue/queue.h"
#include "store/sql.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/loop.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/thread.h"

enum { POOL_THREADS = 2 };

/* What the engine tells the loop of new events: one message, however many commits. */
struct news {
	struct loop_message message;
	struct server *server;
	int64_t tenant, last_seq;
};

struct server {
	const struct server_options *o;
	struct loop *loop;
	struct store *store;
	struct writer *writer;
	struct identity *identity;
	struct queue *queue;
	struct flow *flow;
	struct artifacts *artifacts;
	struct backups *backups;
	struct pool *pool;
	struct output_reader outputs; /* for the references of workflows */
	struct api *api;
	struct http_server *http;
	struct loop_watch signals;
	struct loop_timer drain_over;
	int64_t event_epoch;
	int signal_fd;
	bool is_draining;
	int exit_code;
};

/* --- Between engine and loop --- */

static void news_arrived(struct loop_message *m)
{
	struct news *n = (struct news *)m;
	api_events_arrived(n->server->api, n->tenant, n->last_seq);
	free(n);
}

static void on_events(void *ctx, int64_t tenant, int64_t last_seq)
{
	struct server *s = ctx;
	struct news *n = xcalloc(1, sizeof *n);
	*n = (struct news){
		.message.fn = news_arrived, .server = s, .tenant = tenant, .last_seq = last_seq
	};
	loop_post(s->loop, &n->message);
}

/* A commit failed: what became of it is unknown, so nothing may go on from here. */
static void on_fatal(void *ctx, const struct err *err)
{
	(void)ctx;
	log_err(LOG_ERROR, "a commit failed; the server ends and recovers by starting again", err);
	_Exit(SERVER_EXIT_FAILED);
}

/* --- Going down --- */

static void stop_loop(void *ctx)
{
	loop_stop(((struct server *)ctx)->loop);
}

static void on_drain_over(struct loop_timer *t)
{
	struct server *s = (struct server *)((char *)t - offsetof(struct server, drain_over));
	LOG(LOG_WARN, "not all answers were out in time", LOG_INT("drain_ms", s->o->drain_ms));
	loop_stop(s->loop);
}

static void begin_drain(struct server *s)
{
	if (s->is_draining) {
		loop_stop(s->loop); /* asked twice */
		return;
	}
	s->is_draining = true;
	if (!s->o->is_ephemeral)
		log_note(LOG_INFO, "draining");
	backups_cancel(s->backups);
	/* HTTP first, so that the answers to the polls say that the connection closes. */
	loop_timer_set(s->loop, &s->drain_over, loop_now_ms(s->loop) + s->o->drain_ms);
	http_server_drain(s->http, stop_loop, s);
	api_drain(s->api);
}

static void on_signal(struct loop_watch *w, unsigned events)
{
	struct server *s = (struct server *)((char *)w - offsetof(struct server, signals));
	(void)events;
	while (signals_next(s->signal_fd) != 0)
		begin_drain(s);
}

/* --- Coming up --- */

static enum rc open_engines(struct server *s, struct err *err)
{
	const struct env *env = &env_system;
	enum rc rc = store_open(&(struct store_options){ .folder = s->o->folder, .env = env },
	                        &s->store, err);
	if (rc == RC_OK)
		rc = writer_create(&(struct writer_options){ .store = s->store,
		                                             .env = env,
		                                             .loop = s->loop,
		                                             .on_events = on_events,
		                                             .fatal = on_fatal,
		                                             .ctx = s },
		                   &s->writer, err);
	if (rc == RC_OK)
		rc = identity_create(&(struct identity_options){ .folder = s->o->folder,
		                                                 .store = s->store,
		                                                 .env = env },
		                     &s->identity, err);
	if (rc == RC_OK)
		rc = queue_create(
		        &(struct queue_options){ .store = s->store,
		                                 .writer = s->writer,
		                                 .env = env,
		                                 .disk_low_bytes = s->o->disk_low_bytes,
		                                 .retention_ms = s->o->task_retention_ms,
		                                 .event_retention_ms = s->o->event_retention_ms },
		        &s->queue, err);
	if (rc == RC_OK)
		rc = artifacts_create(&(struct artifacts_options){ .folder = s->o->folder,
		                                                   .store = s->store,
		                                                   .writer = s->writer },
		                      &s->artifacts, err);
	s->pool = pool_create("pool", POOL_THREADS);
	s->outputs = (struct output_reader){ s->artifacts, s->pool, s->writer, s->loop };
	if (rc == RC_OK)
		rc = flow_create(&(struct flow_options){ .store = s->store,
		                                         .queue = s->queue,
		                                         .writer = s->writer,
		                                         .retention_ms = s->o->task_retention_ms,
		                                         .read_part = output_read_part,
		                                         .read_part_ctx = &s->outputs },
		                 &s->flow, err);
	if (rc == RC_OK)
		rc = backups_create(
		        &(struct backups_options){ .folder = s->o->folder,
		                                   .store = s->store,
		                                   .writer = s->writer,
		                                   .artifacts = s->artifacts,
		                                   .env = env,
		                                   .version = TAKT_VERSION,
		                                   .disk_low_bytes = s->o->disk_low_bytes },
		        &s->backups, err);
	return rc;
}

static enum access_lines access_lines(const struct server_options *o)
{
	if (strcmp(o->access_log, "all") == 0)
		return ACCESS_ALL;
	return strcmp(o->access_log, "errors") == 0 ? ACCESS_ERRORS : ACCESS_OFF;
}

static void create_api(struct server *s, struct api_maker *makers)
{
	for (size_t i = 0; i < s->o->n_makers; i++)
		makers[i] = (struct api_maker){ s->o->makers[i].name, s->o->makers[i].description };
	s->api = api_create(&(struct api_options){ .loop = s->loop,
	                                           .pool = s->pool,
	                                           .writer = s->writer,
	                                           .store = s->store,
	                                           .queue = s->queue,
	                                           .flow = s->flow,
	                                           .artifacts = s->artifacts,
	                                           .backups = s->backups,
	                                           .identity = s->identity,
	                                           .env = &env_system,
	                                           .hosts = s->o->hosts,
	                                           .n_hosts = s->o->n_hosts,
	                                           .makers = makers,
	                                           .n_makers = s->o->n_makers,
	                                           .folder = s->o->folder,
	                                           .schema_version = SCHEMA_VERSION,
	                                           .access_lines = access_lines(s->o),
	                                           .disk_low_bytes = s->o->disk_low_bytes,
	                                           .event_epoch = s->event_epoch });
}

static void schedule_backups(struct server *s)
{
	backups_schedule(s->backups, &(struct backups_schedule){ .loop = s->loop,
	                                                         .pool = s->pool,
	                                                         .every_ms = s->o->backup_every_ms,
	                                                         .keep = s->o->backup_keep });
}

static enum rc listen_all(struct server *s, struct err *err)
{
	struct http_server_options http = { .limits = http_limits_default, .env = &env_system };
	api_attach(s->api, &http);
	s->http = http_server_create(s->loop, &http);
	for (size_t i = 0; i < s->o->n_fds; i++) {
		enum rc rc = http_server_listen(s->http, s->o->fds[i], err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc watch_signals(struct server *s, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT };
	enum rc rc = signals_open(signals, ARRAY_LEN(signals), &s->signal_fd, err);
	if (rc != RC_OK)
		return rc;
	s->signals.fn = on_signal;
	s->drain_over.fn = on_drain_over;
	return loop_add(s->loop, &s->signals, s->signal_fd, LOOP_READ);
}

static void tell_ready(const struct server *s)
{
	int fd = s->o->ready_fd;
	if (fd < 0)
		return;
	if (pipe_write(fd, "1", 1) != 1)
		log_note(LOG_WARN, "nobody waits to hear that the server is ready");
	close_fd(&fd);
}

static enum rc start(struct server *s, struct api_maker *makers, struct err *err)
{
	/* Before any thread, so that every one inherits the blocked signals. */
	enum rc rc = loop_create(&s->loop, &env_system, err);
	if (rc == RC_OK)
		rc = watch_signals(s, err);
	if (rc == RC_OK)
		rc = open_engines(s, err);
	if (rc == RC_OK)
		rc = event_epoch(s->store, &s->event_epoch, err);
	if (rc != RC_OK && err->code == CODE_DAMAGED && !err->place[0])
		err_at(err, "%s/takt.db", s->o->folder);
	if (rc != RC_OK)
		return rc;
	create_api(s, makers);
	rc = writer_start(s->writer, err);
	if (rc == RC_OK)
		rc = listen_all(s, err);
	if (rc == RC_OK)
		schedule_backups(s);
	return rc;
}

static void stop(struct server *s)
{
	http_server_destroy(s->http);
	backups_stop(s->backups); /* it wants the engine to let go */
	if (s->writer)
		writer_stop(s->writer);
	pool_destroy(s->pool); /* behind the engine, which gives it work */
	api_destroy(s->api);
	backups_destroy(s->backups);
	artifacts_destroy(s->artifacts);
	flow_destroy(s->flow);
	queue_destroy(s->queue);
	identity_destroy(s->identity);
	writer_destroy(s->writer);
	store_close(s->store);
	loop_destroy(s->loop);
}

int server_run(const struct server_options *o)
{
	struct server s = { .o = o, .signal_fd = -1 };
	struct err err = { 0 };
	files_private();
	process_raise_fd_limit(); /* each agent that waits is a connection */
	struct api_maker *makers = xcalloc(o->n_makers + 1, sizeof *makers);
	enum rc rc = start(&s, makers, &err);
	if (rc == RC_OK) {
		tell_ready(&s);
		loop_run(s.loop);
	} else {
		log_err(LOG_ERROR, "the server can't start", &err);
		s.exit_code = SERVER_EXIT_PERMANENT;
	}
	stop(&s);
	free(makers);
	return s.exit_code;
}
