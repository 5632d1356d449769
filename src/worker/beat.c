/* Heartbeats: a thread that sleeps until a third of the lease has gone by or the handler
 * said something.  What was said is collected and goes out with the next beat, at most
 * five times a second. */
#include "worker/worker_priv.h"

#include "sys/env.h"
#include "sys/log.h"

enum { BEAT_MIN_US = 200 * 1000, BEAT_RETRY_US = 1000 * 1000 };

struct said {
	double progress;
	char *message;
	char *lines[LOG_LINES];
	size_t n_lines;
	bool is_any;
};

void beat_note(struct beat *b, double progress, const char *message, struct str line)
{
	struct note *n = xcalloc(1, sizeof *n);
	n->progress = progress;
	if (message)
		n->message = xstrndup(message, size_min(strlen(message), 1000));
	if (line.ptr)
		n->line = xstrndup(line.ptr, size_min(line.len, LOG_LINE));
	mailbox_post(&b->box, &n->node);
}

static void forget(struct said *s)
{
	free(s->message);
	for (size_t i = 0; i < s->n_lines; i++)
		free(s->lines[i]);
	*s = (struct said){ .progress = -1 };
}

static void add_note(struct said *s, struct note *n)
{
	if (n->progress >= 0)
		s->progress = n->progress;
	if (n->message) {
		free(s->message);
		s->message = n->message;
	}
	if (n->line && s->n_lines < LOG_LINES)
		s->lines[s->n_lines++] = n->line;
	else
		free(n->line); /* more than a beat can carry */
	s->is_any = true;
	free(n);
}

static void collect(struct beat *b, struct said *s)
{
	struct mailbox_node *n = mailbox_take_all(&b->box);
	while (n) {
		struct mailbox_node *next = n->next;
		add_note(s, (struct note *)n);
		n = next;
	}
}

static bool send_beat(struct beat *b, struct said *s)
{
	struct takt_beat beat = { .progress = s->progress,
		                  .message = s->message,
		                  .log = (const char *const *)s->lines,
		                  .n_log = s->n_lines };
	struct takt_beat_reply reply;
	struct takt_error e;
	enum takt_outcome outcome = takt_heartbeat(b->t, b->lease, &beat, &reply, &e);
	if (outcome == TAKT_OK && reply.is_cancelled)
		b->is_cancelled = true;
	if (outcome == TAKT_LOST || outcome == TAKT_NOT_FOUND)
		b->is_lost = b->is_cancelled = true;
	if (outcome == TAKT_INVALID) /* words the server does not take are not worth a lease */
		LOG(LOG_WARN, "a heartbeat was refused", LOG_STR("why", str_z(e.text)),
		    LOG_STR("task", str_z(b->lease->id)));
	if (outcome == TAKT_OK || outcome == TAKT_INVALID)
		forget(s);
	return outcome == TAKT_OK || outcome == TAKT_INVALID;
}

static void beat_main(void *ctx)
{
	struct beat *b = ctx;
	int64_t third = b->lease->lease_ms * 1000 / 3;
	int64_t last = env_mono_us(&env_system), due = last + third;
	struct said s = { .progress = -1 };
	while (!b->is_done && !b->is_lost) {
		mailbox_wait(&b->box, due);
		collect(b, &s);
		int64_t now = env_mono_us(&env_system);
		if (s.is_any)
			due = int64_min(due, last + BEAT_MIN_US);
		if (now < due || b->is_done)
			continue;
		last = now;
		due = now + (send_beat(b, &s) ? third : int64_min(third, BEAT_RETRY_US));
	}
	collect(b, &s);
	if (s.n_lines && !b->is_lost)
		send_beat(b, &s);
	forget(&s);
}

enum rc beat_start(struct beat *b, struct takt *t, const struct takt_lease *lease, struct err *err)
{
	b->t = t;
	b->lease = lease;
	mailbox_init(&b->box);
	return thread_start(&b->thread, "heartbeat", beat_main, b, err);
}

void beat_stop(struct beat *b)
{
	b->is_done = true;
	mailbox_interrupt(&b->box);
	thread_join(b->thread);
	struct said rest = { .progress = -1 };
	collect(b, &rest);
	forget(&rest);
}
