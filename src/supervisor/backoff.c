/* When a child that ended is started again: at first soon, then twice as late each time,
 * and after a long life as at first. */
#include "supervisor/supervisor.h"

const struct backoff_policy backoff_default = { .first_ms = 100,
	                                        .max_ms = 30 * 1000,
	                                        .reset_ms = 60 * 1000 };

int64_t backoff_after(struct backoff *b, const struct backoff_policy *p, int64_t lived_ms)
{
	if (lived_ms >= p->reset_ms || b->next_ms == 0)
		b->next_ms = p->first_ms;
	int64_t wait = b->next_ms;
	b->next_ms = int64_min(2 * b->next_ms, p->max_ms);
	return wait;
}
