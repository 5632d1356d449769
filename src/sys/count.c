/* The values and descriptions of the counters: see count.h. */
#include "sys/count.h"

const struct count_info count_infos[COUNT_COUNT] = {
#define X(name, type, metric, help) [COUNT_##name] = { metric, help, COUNT_TYPE_##type },
	COUNT_TABLE(X)
#undef X
};

_Atomic int64_t count_values[COUNT_COUNT];
