/* The states of a task and the table of transitions: nothing else decides them.
 *
 *	scheduled ──due──▶ blocked ──room──▶ ready ──lease──▶ leased ──complete──▶ succeeded
 *	    ▲  └──due, room──────────────────▲ │ ▲              │ │ │
 *	    │                 ◀──paused, limit─┘ └─lost, return─┘ │ └──attempts used up──▶ failed
 *	    └────────────────────fails, tried again───────────────┘
 *
 *	scheduled, blocked, ready, leased ──cancel──▶ cancelled, ──deadline──▶ failed
 */
#include "base/str.h"
#include "queue/queue_priv.h"

#define TO(s) (1u << TASK_##s)
static const unsigned task_next[TASK_STATES] = {
	[TASK_SCHEDULED] = TO(BLOCKED) | TO(READY) | TO(FAILED) | TO(CANCELLED),
	[TASK_BLOCKED] = TO(READY) | TO(FAILED) | TO(CANCELLED),
	[TASK_READY] = TO(BLOCKED) | TO(LEASED) | TO(FAILED) | TO(CANCELLED),
	[TASK_LEASED] = TO(SCHEDULED) | TO(READY) | TO(SUCCEEDED) | TO(FAILED) | TO(CANCELLED),
	[TASK_SUCCEEDED] = 0,
	[TASK_FAILED] = 0,
	[TASK_CANCELLED] = 0,
};
#undef TO

static const char *const state_texts[TASK_STATES] = {
	[TASK_SCHEDULED] = "scheduled", [TASK_BLOCKED] = "blocked",     [TASK_READY] = "ready",
	[TASK_LEASED] = "leased",       [TASK_SUCCEEDED] = "succeeded", [TASK_FAILED] = "failed",
	[TASK_CANCELLED] = "cancelled",
};

bool task_can_move(enum task_state from, enum task_state to)
{
	assert(from < TASK_STATES && to < TASK_STATES);
	return task_next[from] & (1u << to);
}

const char *task_state_text(enum task_state s)
{
	assert(s < TASK_STATES);
	return state_texts[s];
}

bool task_state_parse(struct str text, enum task_state *ret)
{
	for (enum task_state s = 0; s < TASK_STATES; s++) {
		if (str_eqz(text, state_texts[s])) {
			*ret = s;
			return true;
		}
	}
	return false;
}
