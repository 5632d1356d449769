/* Who asks, and where they may look: part of every call that touches a tenant's rows.
 * Made only by identity/ (and by main.c's tests); everybody else passes it on. */
#ifndef TAKT_STORE_SCOPE_H
#define TAKT_STORE_SCOPE_H

#include "base/base.h"

enum role { ROLE_VIEWER, ROLE_AGENT, ROLE_MAKER, ROLE_ADMIN, ROLE_OWNER };

struct scope {
	int64_t tenant; /* > 0 */
	int64_t actor;  /* the key or user; 0 is takt itself */
	enum role role;
};

#endif
