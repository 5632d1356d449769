/* Counts of HTTP requests by route, method and class of status, and how long they took.
 *
 * Labels are bounded: routes are the templates registered at start ("/v1/tasks/{id}"),
 * never paths of requests; so no client can grow the table. */
#ifndef TAKT_OBSERVE_REQUESTS_H
#define TAKT_OBSERVE_REQUESTS_H

#include "base/base.h"

struct buf;

enum { REQUEST_ROUTES_MAX = 96 };

enum request_method {
	REQUEST_GET,
	REQUEST_HEAD,
	REQUEST_POST,
	REQUEST_PUT,
	REQUEST_PATCH,
	REQUEST_DELETE,
	REQUEST_OPTIONS,
	REQUEST_OTHER, /* all else, so that the label stays bounded */
	REQUEST_METHODS
};

/* Once, before the first request.  The templates must outlive the process' use of the
 * table.  Route `n` is then "none": requests that found no route. */
void requests_setup(const char *const *templates, size_t n);

/* The loop's thread only.  `route` is an index of requests_setup(), or n for "none";
 * `status` is an HTTP status; `micros` from the first byte to the last of the answer. */
void requests_count(size_t route, enum request_method method, int status, int64_t micros);

/* All of them so far. */
int64_t requests_total(void);

/* Any thread: the metrics in Prometheus' text; series that were never counted are left
 * out.  Part of metrics_text(). */
void requests_text(struct buf *out);

#endif
