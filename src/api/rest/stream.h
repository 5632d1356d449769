/* The live stream of events (SSE), and what it shares with a page of them. */
#ifndef TAKT_API_REST_STREAM_H
#define TAKT_API_REST_STREAM_H

#include "api/request.h"
#include "store/writer.h"

void event_put(struct json_out *o, const struct event *e); /* as the API shows it */

/* Answers with a stream of the events behind filter->after, as they come; of one run when
 * filter->run is set. */
enum rc stream_begin(struct request *r, const struct event_filter *f) MUST_USE;

#endif
