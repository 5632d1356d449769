/* Running a program for a task: see script.h.  A loop of its own watches the three pipes,
 * the end of the process, and the clock. */
#include <stdio.h>

#include "worker/script.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "worker/worker.h"

enum { OUTPUT_MAX = 1 << 20, LINE_MAX = 4000, TAIL_LINES = 5, TAIL_MAX = 1500, LOOK_MS = 100 };

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct running {
	const struct script_run *r;
	struct loop *loop;
	struct process process;
	struct pipe in, out, error;
	struct loop_watch in_watch, out_watch, error_watch, end_watch;
	struct loop_timer look;
	struct str input;
	struct buf output, line, tail;
	int64_t end_ms;
	int exit_code;
	bool has_ended, is_timeout, is_cancelled, is_killed;
};

/* Standard error */

/* The last lines, for the message of a failure. */
static void keep_tail(struct running *s, struct str line)
{
	buf_add(&s->tail, line);
	buf_addc(&s->tail, '\n');
	size_t lines = 0;
	for (size_t i = 0; i < s->tail.len; i++)
		lines += s->tail.ptr[i] == '\n';
	while (lines > TAIL_LINES || (s->tail.len > TAIL_MAX && lines > 1)) {
		buf_drop(&s->tail, str_find(buf_str(&s->tail), STR("\n"), 0) + 1);
		lines--;
	}
}

/* JSON takes only UTF-8: what is none becomes a question mark. */
static void clean(struct buf *line)
{
	size_t bad;
	while ((bad = utf8_check(buf_str(line))) < line->len)
		line->ptr[bad] = '?';
	for (size_t i = 0; i < line->len; i++)
		if (line->ptr[i] == '\0')
			line->ptr[i] = '?';
}

static void end_line(struct running *s)
{
	clean(&s->line);
	if (s->r->on_line)
		s->r->on_line(s->r->ctx, buf_str(&s->line));
	keep_tail(s, buf_str(&s->line));
	buf_clear(&s->line);
}

static void take_error(struct running *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n')
			buf_addc(&s->line, bytes[i]);
		if (bytes[i] == '\n' || s->line.len == LINE_MAX)
			end_line(s);
	}
}

/* The pipes */

static void close_watched(struct running *s, struct loop_watch *w, int *fd)
{
	loop_remove(s->loop, w);
	close_fd(fd);
}

static void on_in(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct running *s = OWNER(w, struct running, in_watch);
	ssize_t n = s->input.len ? pipe_write(s->in.writer, s->input.ptr, s->input.len) : 0;
	if (n < 0)
		return;
	s->input = str_sub(s->input, (size_t)n, s->input.len);
	if (n == 0 || s->input.len == 0) /* it reads no more, or has all */
		close_watched(s, w, &s->in.writer);
}

/* Everything that waits; false at its end. */
static bool drain_out(struct running *s)
{
	char piece[16384];
	ssize_t n;
	while ((n = pipe_read(s->out.reader, piece, sizeof piece)) > 0)
		buf_add(&s->output, (struct str){ piece, (size_t)n });
	return n < 0;
}

static bool drain_error(struct running *s)
{
	char piece[16384];
	ssize_t n;
	while ((n = pipe_read(s->error.reader, piece, sizeof piece)) > 0)
		take_error(s, piece, (size_t)n);
	return n < 0;
}

static void on_out(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct running *s = OWNER(w, struct running, out_watch);
	if (!drain_out(s))
		close_watched(s, w, &s->out.reader);
}

static void on_error(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct running *s = OWNER(w, struct running, error_watch);
	if (!drain_error(s))
		close_watched(s, w, &s->error.reader);
}

/* The end */

static void stop(struct running *s)
{
	s->is_killed = true;
	process_signal(&s->process, SIGKILL, true);
}

static void look_for_end(struct running *s)
{
	loop_remove(s->loop, &s->end_watch); /* its descriptor closes with the reaping */
	/* What the leader left behind in its group ends with it. */
	process_signal(&s->process, SIGKILL, true);
	if (!process_wait(&s->process, -1, &s->exit_code))
		abort(); /* it has ended */
	s->has_ended = true;
	loop_stop(s->loop);
}

static void on_end(struct loop_watch *w, unsigned events)
{
	(void)events;
	look_for_end(OWNER(w, struct running, end_watch));
}

static void on_look(struct loop_timer *t)
{
	struct running *s = OWNER(t, struct running, look);
	int64_t now = env_mono_ms(&env_system);
	if (!s->is_killed && now >= s->end_ms) {
		s->is_timeout = true;
		stop(s);
	}
	if (!s->is_killed && s->r->is_cancelled && s->r->is_cancelled(s->r->ctx)) {
		s->is_cancelled = true;
		stop(s);
	}
	loop_timer_set(s->loop, t, int64_min(int64_max(s->end_ms, now + 1), now + LOOK_MS));
}

/* The beginning */

static const char *const *environment(struct arena *a, const char *const *more)
{
	size_t n = 0, n_more = 0;
	while (environ_at(n))
		n++;
	while (more && more[n_more])
		n_more++;
	const char **all = arena_new(a, const char *, n + n_more + 1);
	for (size_t i = 0; i < n; i++)
		all[i] = environ_at(i);
	for (size_t i = 0; i < n_more; i++)
		all[n + i] = more[i];
	return all;
}

static enum rc start(struct arena *a, struct running *s, struct err *err)
{
	enum rc rc = pipe_open(&s->in, err);
	if (rc == RC_OK)
		rc = pipe_open(&s->out, err);
	if (rc == RC_OK)
		rc = pipe_open(&s->error, err);
	if (rc != RC_OK)
		return rc;
	struct process_options po = { .argv = s->r->argv,
		                      .env = environment(a, s->r->env),
		                      .fd_in = s->in.reader,
		                      .fd_out = s->out.writer,
		                      .fd_err = s->error.writer,
		                      .is_group_leader = true };
	rc = process_start(&po, &s->process, err);
	close_fd(&s->in.reader);
	close_fd(&s->out.writer);
	close_fd(&s->error.writer);
	pipe_is_waiting(s->in.writer, false);
	pipe_is_waiting(s->out.reader, false);
	pipe_is_waiting(s->error.reader, false);
	return rc;
}

static enum rc watch_all(struct running *s, struct err *err)
{
	s->in_watch.fn = on_in;
	s->out_watch.fn = on_out;
	s->error_watch.fn = on_error;
	s->end_watch.fn = on_end;
	s->look.fn = on_look;
	enum rc rc = loop_add(s->loop, &s->in_watch, s->in.writer, LOOP_WRITE);
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->out_watch, s->out.reader, LOOP_READ);
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->error_watch, s->error.reader, LOOP_READ);
	if (rc == RC_OK && s->process.pidfd >= 0)
		rc = loop_add(s->loop, &s->end_watch, s->process.pidfd, LOOP_READ);
	if (rc != RC_OK || s->process.pidfd < 0) {
		stop(s);
		return err_set(err, CODE_IO, "the system gives no descriptor to watch %s with",
		               s->r->argv[0]);
	}
	loop_timer_set(s->loop, &s->look, env_mono_ms(&env_system));
	return RC_OK;
}

/* The result */

static void fail(struct arena *a, struct script_result *ret, const char *code, bool is_final,
                 const char *text)
{
	ret->code = code;
	ret->is_final = is_final;
	ret->message = str_dup(a, str_z(text));
}

static void fail_exit(struct arena *a, struct running *s, struct script_result *ret)
{
	struct buf text = BUF_INIT(4096);
	if (s->exit_code > 128)
		buf_addf(&text, "%s was ended by signal %d", s->r->argv[0], s->exit_code - 128);
	else
		buf_addf(&text, "%s ended with exit code %d", s->r->argv[0], s->exit_code);
	struct str tail = str_trim(buf_str(&s->tail));
	if (tail.len)
		buf_addf(&text, ": " STR_FMT, STR_ARG(tail));
	ret->code = "exit";
	ret->message = str_dup(a, buf_str(&text));
	buf_fini(&text);
}

static void judge_output(struct arena *a, struct running *s, struct script_result *ret)
{
	const struct json *v;
	struct err err = { 0 };
	char text[400];
	struct str output = str_dup(a, str_trim(buf_str(&s->output)));
	if (buf_rc(&s->output) != RC_OK) {
		snprintf(text, sizeof text, "%s printed more than %d bytes", s->r->argv[0],
		         OUTPUT_MAX);
		fail(a, ret, "too_large", false, text);
	} else if (output.len == 0) {
		snprintf(text, sizeof text,
		         "%s printed nothing; print one JSON value, null if there is no result",
		         s->r->argv[0]);
		fail(a, ret, "bad_output", false, text);
	} else if (json_read(a, output, NULL, &v, &err) != RC_OK) {
		snprintf(text, sizeof text, "what %s printed is not one JSON value: %s at %s",
		         s->r->argv[0], err.text, err.place);
		fail(a, ret, "bad_output", false, text);
	} else {
		ret->output = output;
	}
}

static void judge(struct arena *a, struct running *s, struct script_result *ret)
{
	char text[160];
	*ret = (struct script_result){ .is_cancelled = s->is_cancelled };
	if (s->is_timeout) {
		snprintf(text, sizeof text, "%.80s was killed after %lld ms", s->r->argv[0],
		         (long long)s->r->timeout_ms);
		fail(a, ret, "timeout", false, text);
	} else if (s->is_cancelled) {
		fail(a, ret, "cancelled", true, "the task was cancelled");
	} else if (s->exit_code != 0) {
		fail_exit(a, s, ret);
	} else {
		judge_output(a, s, ret);
	}
}

static void run_loop(struct running *s)
{
	loop_run(s->loop);
	/* The last words may still lie in the pipes; their writers are gone. */
	if (s->out.reader >= 0)
		drain_out(s);
	if (s->error.reader >= 0)
		drain_error(s);
	if (s->line.len)
		end_line(s);
}

static void close_all(struct running *s)
{
	int code;
	if (s->process.pid > 0 && !s->has_ended) {
		stop(s);
		if (!process_wait(&s->process, -1, &code))
			abort(); /* a killed process ends */
	}
	loop_destroy(s->loop);
	pipe_close(&s->in);
	pipe_close(&s->out);
	pipe_close(&s->error);
	buf_fini(&s->output);
	buf_fini(&s->line);
	buf_fini(&s->tail);
}

void script_run(struct arena *a, const struct script_run *r, struct script_result *ret)
{
	static const struct pipe closed = { -1, -1 };
	struct running s = { .r = r, .input = r->input };
	struct err err = { 0 };
	s.in = s.out = s.error = closed;
	s.process.pidfd = -1;
	s.end_ms = r->timeout_ms > 0 ? env_mono_ms(&env_system) + r->timeout_ms : INT64_MAX;
	buf_init(&s.output, OUTPUT_MAX + 2);
	buf_init(&s.line, LINE_MAX);
	buf_init(&s.tail, LINE_MAX * (TAIL_LINES + 2));
	enum rc rc = loop_create(&s.loop, &env_system, &err);
	if (rc == RC_OK)
		rc = start(a, &s, &err);
	if (rc == RC_OK)
		rc = watch_all(&s, &err);
	if (rc == RC_OK) {
		run_loop(&s);
		judge(a, &s, ret);
	} else {
		*ret = (struct script_result){ 0 };
		fail(a, ret, code_text(err.code), err.code == CODE_TOOL_MISSING, err.text);
	}
	close_all(&s);
}

/* On the worker */

static bool is_cancelled(void *job)
{
	return worker_is_cancelled(job);
}

static void on_line(void *job, struct str line)
{
	worker_log(job, line);
}

void script_perform(struct worker_job *job, void *ctx)
{
	const struct script *script = ctx;
	const struct takt_lease *l = worker_lease(job);
	struct arena *a = worker_arena(job);
	const char *const env[] = {
		str_dupz(a, str_fmt(a, "TAKT_TASK_ID=%s", l->id)),
		str_dupz(a, str_fmt(a, "TAKT_ATTEMPT=%lld", (long long)l->attempt)),
		str_dupz(a, str_fmt(a, "TAKT_KIND=%s", l->kind)),
		str_dupz(a, str_fmt(a, "TAKT_RUN=%s", l->run)),
		str_dupz(a, str_fmt(a, "TAKT_REQUEST_ID=%s", l->request_id ? l->request_id : "")),
		l->traceparent && l->traceparent[0]
		        ? str_dupz(a, str_fmt(a, "TRACEPARENT=%s", l->traceparent))
		        : NULL,
		NULL,
	};
	struct script_run r = { .argv = script->argv,
		                .env = env,
		                .input = str_z(l->input),
		                .timeout_ms =
		                        script->timeout_ms ? script->timeout_ms : l->timeout_ms,
		                .is_cancelled = is_cancelled,
		                .on_line = on_line,
		                .ctx = job };
	struct script_result result;
	script_run(a, &r, &result);
	if (result.code)
		worker_fail(job, result.code, result.is_final, STR_FMT, STR_ARG(result.message));
	else
		worker_succeed(job, str_dupz(a, result.output));
}
