/* Insides of the server, shared by server.c (listeners, the whole) and conn.c (one
 * connection); nobody else includes this. */
#ifndef TAKT_HTTP_CONN_PRIV_H
#define TAKT_HTTP_CONN_PRIV_H

#include "base/base.h"
#include "http/answer.h"
#include "http/reader.h"
#include "http/server.h"
#include "sys/loop.h"

struct arena;

enum { READ_SIZE = 64 * 1024, ARENAS_MAX = 64, LISTENERS_MAX = 8 };

enum conn_state {
	CONN_READING,
	CONN_PENDING,
	CONN_STREAMING,
	CONN_FLUSHING,
	CONN_LINGERING,
	CONN_GONE,  /* closed, but the application still holds the exchange */
	CONN_CLOSED /* to be freed */
};

enum conn_wait { WAIT_NOTHING, WAIT_IDLE, WAIT_HEAD, WAIT_BODY, WAIT_DRAIN, WAIT_LINGER };

struct conn {
	struct http_exchange x; /* first: the application's pointer is ours */
	struct http_server *server;
	struct conn *next, **at;   /* all connections */
	struct conn *next_touched; /* of those to be swept */
	struct loop_watch watch;
	struct loop_timer timer;
	int64_t deadline_ms;
	enum conn_state state;
	enum conn_wait wait;
	struct reader *reader; /* in x.arena, while a request is read */
	struct buf in;         /* came, but is not yet wanted */
	struct buf out;        /* not yet given to the kernel, from out_at */
	size_t out_at;
	size_t bytes_out, lingered;
	int status;
	void (*on_drained)(struct http_exchange *x);
	bool is_unix;
	bool is_touched;
	bool is_in_turn;   /* its own handler runs and will flush */
	bool is_eof;       /* the peer writes no more, and all it wrote was read */
	bool is_half_open; /* the peer writes no more */
	bool is_keep_alive, is_http10;
	bool has_served; /* an answer, at least */
	bool is_refused;
	bool is_overflowed; /* the reader of a stream is too far behind */
	bool is_draining;   /* on_drained is due when all is out */
	bool has_body, is_chunked;
};

struct listener {
	struct loop_watch watch; /* first */
	struct http_server *server;
	int fd;
	bool is_unix;
};

struct http_server {
	struct loop *loop;
	struct http_server_options o;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
	struct conn *conns;
	size_t n_conns, n_pending;
	struct conn *touched;
	struct loop_message sweep;
	bool is_sweep_due;
	bool is_accept_paused, is_draining;
	struct loop_timer accept_timer;
	void (*on_drained)(void *ctx);
	void *drained_ctx;
	struct answer_date date;
	struct buf spare; /* lent to the connection that writes */
	struct arena *arenas[ARENAS_MAX];
	size_t n_arenas;
	char read_buffer[READ_SIZE];
};

/* --- conn.c --- */

/* Takes fd over; counted and waiting for its first request. */
void conn_create(struct http_server *s, int fd, bool is_unix);
bool conn_is_open(const struct conn *c);
/* At the end of a turn: what was answered meanwhile goes out. */
void conn_sweep(struct conn *c);
/* Drain: an idle one is closed, a stream ended, what is pending may finish. */
void conn_drain(struct conn *c);
void conn_close(struct conn *c); /* at once, whatever it is doing */
void conn_free(struct conn *c);  /* from the sweep, and from the server's end, only */

/* --- server.c --- */

void server_accept_resume(struct http_server *s); /* a place is free again */

#endif
