/* A request on its way through the API.
 *
 * It has its own arena, which outlives the client: a client may hang up while the engine
 * or the pool still works for it.  `x` is NULL from then on.  What is read from the
 * exchange is copied here at the start.
 */
#ifndef TAKT_API_REQUEST_H
#define TAKT_API_REQUEST_H

#include "api/api.h"
#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "http/server.h"
#include "queue/queue.h"
#include "store/scope.h"
#include "sys/loop.h"
#include "sys/thread.h"

struct request;
struct stream;
struct tail;

enum { PARAMS_MAX = 2, REQUEST_ID_MAX = 64 };

/* An endpoint. */
struct route {
	enum http_method method;
	const char *path; /* "/v1/tasks/{id}/complete"; a last "{path…}" takes the rest */
	/* On the loop's thread: answers, or sends a command, or goes to the pool.  An
	 * outcome but RC_OK becomes the problem to answer. */
	enum rc (*begin)(struct request *r, struct err *err);
	enum role role;
	bool is_open;      /* no key needed */
	size_t body_max;   /* 0: the request may have no body */
	const char *media; /* of the body; NULL: application/json */
	const char *query; /* the parameters it knows, "a b"; NULL: none */
};
extern const struct route routes[];
extern const size_t routes_n;
/* The route, or NULL with the methods the path has ("GET, POST") in *ret_allow when it
 * has any.  Path segments go, decoded, into params. */
const struct route *route_find(struct arena *a, enum http_method method, struct str path,
                               struct str params[PARAMS_MAX], struct str *ret_allow,
                               enum rc *ret_rc);

struct api {
	struct api_options o;
	int64_t started_ms;
	bool is_draining;
	struct command drain;    /* answers the long polls */
	struct arena *spare[64]; /* recycled arenas */
	size_t n_spare;
	struct stream *streams;
	struct tail *tails; /* of the tenants with streams */
	struct buf scratch; /* answers made on the loop's thread */
	uint64_t request_serial;
};

struct request {
	struct job job;           /* to the pool … */
	struct loop_message done; /* … and back */
	struct http_exchange *x;  /* NULL: the client is gone */
	struct api *api;
	const struct route *route;
	struct arena *arena;
	struct scope scope;
	struct str params[PARAMS_MAX];
	struct str query, body, media; /* media without parameters, in lower case */
	struct str idempotency_key;
	struct str accept, last_event_id;
	char id[REQUEST_ID_MAX + 1];
	struct str origin; /* its id, and behind a space the traceparent it came with */
	int64_t began_us;
	struct str path; /* as sent */
	enum http_method method;
	/* For the log: the task or run that an answer without it in its path is about. */
	const char *about_prefix;
	int64_t about;
	bool is_unix;
	int pending; /* commands and jobs under way */

	/* The answer: made by a handler in `out`, or by the pool. */
	struct buf out;
	int status;              /* 200 unless said otherwise */
	struct str content_type; /* JSON unless said otherwise */
	struct http_header headers[4];
	size_t n_headers;

	enum rc (*on_pool)(struct request *r, struct err *err);
	enum rc pool_rc;
	/* After the pool, on the loop's thread, instead of answering. */
	enum rc (*then)(struct request *r, struct err *err);
	struct err *err; /* of the pool */
	/* After a command succeeded: writes the answer. */
	enum rc (*render)(struct request *r, struct err *err);
	/* The client is gone before the answer; RC_OK results must be undone. */
	void (*on_lost)(struct request *r);
	void (*on_hangup)(struct request *r); /* at once when the client hangs up */
	void *state;                          /* the handler's, in the arena */
	/* The handler's, from malloc; freed with the request.  While a command is under way
	 * the arena is the engine's. */
	void *owned;
};

/* --- What handlers call --- */
enum rc request_body(struct request *r, const struct json **ret, struct err *err) MUST_USE;
/* The same in the exchange's arena, for handlers on the loop's thread that copy what they keep:
 * what waits long should be small. */
enum rc request_body_brief(struct request *r, const struct json **ret, struct err *err) MUST_USE;
/* {"reason": "…"}, which may be left out, and so may the body: why somebody cancels. */
enum rc request_reason(struct request *r, struct str *ret, struct err *err) MUST_USE;
/* A parameter of the path that is an id; the place of a bad one is "{id}". */
enum rc request_param_id(struct request *r, const char *prefix, int64_t *ret,
                         struct err *err) MUST_USE;
/* An id in the body, at `place`. */
enum rc request_body_id(struct str text, const char *prefix, const char *place, int64_t *ret,
                        struct err *err) MUST_USE;
/* A query parameter, decoded; .ptr NULL when absent.  Those that the route does not know,
 * and repeated ones, were refused before its handler is called. */
enum rc request_query(struct request *r, const char *name, struct str *ret,
                      struct err *err) MUST_USE;
/* The same, of 1 to `max` bytes of UTF-8. */
enum rc request_query_text(struct request *r, const char *name, size_t max, struct str *ret,
                           struct err *err) MUST_USE;
enum rc request_query_int(struct request *r, const char *name, int64_t min, int64_t max,
                          int64_t *ret, struct err *err) MUST_USE;
/* 0 when absent. */
enum rc request_query_id(struct request *r, const char *name, const char *prefix, int64_t *ret,
                         struct err *err) MUST_USE;
enum rc request_cursor(struct request *r, int64_t *ret_before, int64_t *ret_limit,
                       struct err *err) MUST_USE;
enum rc request_bad_cursor(struct err *err); /* RC_INVALID: it is none of ours */
/* Sends it to the engine; then render() or the problem. */
enum rc request_send(struct request *r, struct command *c,
                     enum rc (*render)(struct request *r, struct err *err));
/* Goes to the pool; fn fills r->out (JSON unless content_type says otherwise). */
enum rc request_read(struct request *r, enum rc (*fn)(struct request *r, struct err *err));
/* The same, of what the path names by its first id; fn finds the id by request_path_id(). */
enum rc request_read_id(struct request *r, const char *prefix,
                        enum rc (*fn)(struct request *r, struct err *err), struct err *err);
static inline int64_t request_path_id(const struct request *r)
{
	return *(const int64_t *)r->state;
}
/* What the answer is about, for the log; where the path does not say it. */
static inline void request_about(struct request *r, const char *prefix, int64_t id)
{
	r->about_prefix = prefix;
	r->about = id;
}
void request_header(struct request *r, const char *name, struct str value);
/* Answers now with what stands in r->out. */
void request_answer(struct request *r);
void request_problem(struct request *r, enum rc rc, const struct err *err);
/* The request owns its exchange no more (a stream does). */
void request_release(struct request *r);
size_t route_number(const struct route *route); /* for observe/requests.h */
struct json_out request_json(struct request *r);

/* access.c: a line of the log for each request, as the setting says. */
void access_log(const struct request *r, int status, size_t bytes);
void access_failed(const struct request *r, int status, const struct err *err);

/* problem.c */
int problem_status(enum rc rc, enum code code);
void problem_write(struct buf *out, int status, enum rc rc, const struct err *err,
                   struct str request_id);

/* render.c: values as the API shows them. */
void put_time(struct json_out *o, const char *key, int64_t ms);                   /* null for 0 */
void put_id(struct json_out *o, const char *key, const char *prefix, int64_t id); /* null for 0 */
void put_json(struct json_out *o, const char *key, struct str raw); /* null when empty */
void put_opt_str(struct json_out *o, const char *key, struct str s);
void put_progress(struct json_out *o, double progress);
/* A page of a list: {"name": [ … ], "next_cursor": …}, with what the next page goes on behind;
 * null, for 0 and {0}, when there is none. */
struct json_out begin_page(struct request *r, const char *name);
void end_page_by_id(struct json_out *o, int64_t next);
void end_page_by_name(struct json_out *o, struct str next);
/* {"id": …, "state": …}: what a command made of it. */
void put_outcome(struct request *r, const char *prefix, int64_t id, const char *state);
void begin_day(struct json_out *o, int64_t day); /* of {"day": …, …}; days since 1970 */

/* rest/events.c */
void streams_arrived(struct api *a, int64_t tenant, int64_t last_seq);
void streams_end(struct api *a);

#endif
