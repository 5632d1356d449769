/* The consumer's mailbox: see mailbox.h.
 *
 * Messages form a stack whose top is swung by compare-and-swap; the consumer takes the
 * whole stack with one exchange and turns it over.  There is no ABA: nodes leave only
 * all together.
 *
 * The futex word tells whether a wake-up is owed:
 *
 *	AWAKE --wait--> ASLEEP --post--> SIGNALLED --wait returns--> AWAKE
 *	AWAKE --post--> SIGNALLED (the next wait returns at once)
 *
 * A post pushes first and signals second.  A consumer that saw an empty stack and then
 * went from AWAKE to ASLEEP is woken by that signal, because the exchange returns
 * ASLEEP; a consumer that comes later finds SIGNALLED and does not sleep.
 */
#include "sys/mailbox.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { AWAKE, SIGNALLED, ASLEEP };

void mailbox_init(struct mailbox *m)
{
	atomic_init(&m->newest, NULL);
	atomic_init(&m->state, AWAKE);
}

static void signal_consumer(struct mailbox *m)
{
	if (atomic_exchange(&m->state, SIGNALLED) == ASLEEP)
		syscall(SYS_futex, &m->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* `newest` … `oldest` are linked from the newest to the oldest, as on the stack. */
static void push(struct mailbox *m, struct mailbox_node *newest, struct mailbox_node *oldest)
{
	struct mailbox_node *top = atomic_load_explicit(&m->newest, memory_order_relaxed);
	do
		oldest->next = top;
	while (!atomic_compare_exchange_weak(&m->newest, &top, newest));
	if (!top)
		signal_consumer(m);
}

void mailbox_post(struct mailbox *m, struct mailbox_node *node)
{
	assert(node);
	push(m, node, node);
}

static struct mailbox_node *turned_over(struct mailbox_node *from)
{
	struct mailbox_node *to = NULL;
	while (from) {
		struct mailbox_node *next = from->next;
		from->next = to;
		to = from;
		from = next;
	}
	return to;
}

void mailbox_post_chain(struct mailbox *m, struct mailbox_node *first)
{
	assert(first);
	push(m, turned_over(first), first);
}

void mailbox_interrupt(struct mailbox *m)
{
	signal_consumer(m);
}

struct mailbox_node *mailbox_take_all(struct mailbox *m)
{
	return turned_over(atomic_exchange(&m->newest, NULL));
}

bool mailbox_is_empty(const struct mailbox *m)
{
	return atomic_load(&m->newest) == NULL;
}

void mailbox_wait(struct mailbox *m, int64_t deadline_us)
{
	uint32_t state = AWAKE;
	if (mailbox_is_empty(m) && atomic_compare_exchange_strong(&m->state, &state, ASLEEP)) {
		struct timespec at = { .tv_sec = (time_t)(deadline_us / 1000000),
			               .tv_nsec = (long)(deadline_us % 1000000 * 1000) };
		/* With a bit set the time-out is absolute and monotonic. */
		syscall(SYS_futex, &m->state, FUTEX_WAIT_BITSET_PRIVATE, ASLEEP,
		        deadline_us == INT64_MAX ? NULL : &at, NULL, FUTEX_BITSET_MATCH_ANY);
	}
	atomic_store(&m->state, AWAKE);
}
