/* The server a command speaks to: the one named by --server, the one that holds the data
 * folder, or an embedded one that lives as long as the command.
 *
 * The embedded one is `takt serve --ephemeral`, a child: it dies with us however we end
 * (PR_SET_PDEATHSIG), listens on the folder's Unix socket only, and what it did stays in
 * the folder. */
#ifndef TAKT_CLI_SESSION_H
#define TAKT_CLI_SESSION_H

#include "base/base.h"
#include "cli/cli.h"
#include "sys/process.h"

struct session {
	struct cli *c;
	struct takt *t;
	const char *url, *unix_path, *key;
	struct process server; /* pid 0: none of ours */
	bool is_embedded;
	bool (*is_cancelled)(void *ctx);
	void *ctx;
};

/* `may_embed`: start a server when none is there.  is_cancelled ends the waiting. */
enum takt_outcome session_open(struct cli *c, bool may_embed, bool (*is_cancelled)(void *ctx),
                               void *ctx, struct session *ret, struct takt_error *e);
/* One more handle on the same server, for another thread. */
enum takt_outcome session_handle(const struct session *s, struct takt **ret, struct takt_error *e);
/* Nobody holds the data folder any more: waiting for the server is in vain. */
bool session_is_gone(struct session *s);
/* A server holds this folder. */
bool folder_is_held(struct arena *a, const char *folder);
void session_wait_ms(int64_t ms);
/* Ends the embedded server, and waits until nothing of it is left. */
void session_close(struct session *s);

#endif
