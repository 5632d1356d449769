/* What every scene of a benchmark knows: the servers, the figures.  A scene measures one
 * thing on servers of its own:
 *
 *	rounds.c  rates and latencies, beside the bare echo
 *	depth.c   behind a million tasks, after restarts, with a long history
 *	crowd.c   ten thousand agents that wait, two thousand readers of the event stream
 */
#ifndef TAKT_BENCH_SCENE_H
#define TAKT_BENCH_SCENE_H

#include "base/base.h"
#include "bench/figures.h"
#include "bench/load.h"
#include "bench/served.h"

struct arena;

struct options {
	const char *takt, *folder;
	int64_t rounds, round_ms, connections;
	int64_t tasks, agents, readers;
	bool is_json, is_quick;
};

struct bench {
	struct options o;
	struct arena *arena;
	struct served takt, echo; /* of the present scene */
	struct served beside;     /* another takt, to compare with */
	struct figures figures;
};

enum rc scene_rounds(struct bench *b, struct err *err) MUST_USE;
enum rc scene_depth(struct bench *b, struct err *err) MUST_USE;
enum rc scene_crowd(struct bench *b, struct err *err) MUST_USE;

/* `takt serve` on the subfolder `name`, fresh or as an earlier server has left it. */
enum rc bench_start(struct bench *b, const char *name, bool is_bare, struct err *err) MUST_USE;
/* The body of GET `path`, of the server under test. */
enum rc bench_ask(struct bench *b, const char *path, struct str *ret, struct err *err) MUST_USE;
/* Tasks that are ready, of the first queue: there is one. */
enum rc bench_ready(struct bench *b, int64_t *ret, struct err *err) MUST_USE;
/* "name value" in the text of GET /metrics; 0 when it is not there. */
double metric_of(struct str text, const char *name);
double rounds_per_s(const struct load_result *r);

#endif
