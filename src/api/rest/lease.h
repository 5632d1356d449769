/* What the endpoints share that give leases: POST /v1/leases, and those that finish work and
 * lease the next in the same commit. */
#ifndef TAKT_API_REST_LEASE_H
#define TAKT_API_REST_LEASE_H

#include "api/request.h"

/* A list of kinds, the member `kinds` of the body at `prefix`. */
enum rc kinds_read(struct request *r, const struct json *list, const char *prefix,
                   const struct str **ret, size_t *ret_n, struct err *err) MUST_USE;
/* The members of a lease request; `prefix` is the place of `body` in the whole. */
enum rc lease_read(struct request *r, const struct json *body, const char *prefix,
                   struct lease_command *l, struct err *err) MUST_USE;
/* The same for the member `lease` of a body: it can't wait. */
enum rc lease_read_next(struct request *r, const struct json *body, struct lease_command *l,
                        struct err *err) MUST_USE;
void leases_put(struct json_out *o, const struct lease_command *l); /* "tasks": [ … ] */
/* They were granted to a client that is gone. */
void leases_return(struct request *r, struct lease_command *l);

#endif
