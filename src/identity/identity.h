/* Who may do what: tenants, API keys, scopes.  The only maker of `struct scope`.
 *
 * A key is "takt_" and 43 characters of base64url (256 random bits).  Stored is its
 * SHA-256 (the key has full entropy, so a slow hash would only slow each request).  At
 * first start one owner key is made and written to DATA/key (mode 0600), which the
 * command line reads.  Over the Unix socket a checked peer is the owner.
 *
 * A key can't be read back from the server.  When DATA/key is gone, the next start makes
 * another owner key (older ones stay valid) and says so in the log, without its text.
 */
#ifndef TAKT_IDENTITY_IDENTITY_H
#define TAKT_IDENTITY_IDENTITY_H

#include "base/base.h"
#include "store/scope.h"

struct env;
struct identity;
struct store;

struct identity_options {
	const char *folder; /* the data folder */
	struct store *store;
	const struct env *env;
};
/* Before the writer's first batch: makes tenant 1 and the owner's key when there are
 * none, loads the keys into memory. */
enum rc identity_create(const struct identity_options *o, struct identity **ret,
                        struct err *err) MUST_USE;
void identity_destroy(struct identity *i);

/* From "Authorization: Bearer …".  CODE_UNAUTHENTICATED says what is missing, never the
 * key.  Constant time in the key.  The loop's thread. */
enum rc identity_from_header(struct identity *i, struct str authorization, struct scope *ret,
                             struct err *err) MUST_USE;
struct scope identity_local(struct identity *i);  /* the checked peer of the Unix socket */
struct scope identity_system(struct identity *i); /* takt itself; callers in tools/scope.txt */
/* CODE_FORBIDDEN names the role that is needed. */
enum rc identity_require(struct scope scope, enum role least, struct err *err) MUST_USE;
const char *role_text(enum role r);

#endif
