/* Keys in memory, the first key, and scopes: see identity.h.
 *
 * (1) The database knows hashes only; the owner's key stands in DATA/key and nowhere
 *     else, in no log line and in no error.
 * (2) The row is committed before the file is written: a crash in between leaves a key
 *     that nobody has, and the next start makes another.  The other order could leave a
 *     file with a key that the server refuses.
 * (3) A file that is there is never overwritten.
 */
#include <sodium.h>

#include "identity/identity.h"

#include "base/arena.h"
#include "base/str.h"
#include "identity/key.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"

enum { FIRST_TENANT = 1, KEYS_MAX = 100000 };

struct key_row {
	struct key_hash hash;
	int64_t id, tenant;
	int64_t expires_ms; /* wall clock; 0: never */
	enum role role;
};

/* The key of the last request, which is mostly the next one's too: a short keyed hash of its
 * text instead of SHA-256 (2 % of a submit).  The hash's own key is drawn at the start, so
 * nobody can look for a text with the same one. */
struct remembered {
	unsigned char secret[crypto_shorthash_siphashx24_KEYBYTES];
	unsigned char hash[crypto_shorthash_siphashx24_BYTES];
	const struct key_row *key; /* NULL: none */
};

struct identity {
	const struct env *env;
	struct remembered last;
	struct key_row *keys; /* sorted by hash */
	size_t n_keys;
	int64_t owner_key; /* id of the key in DATA/key; 0 when that is a foreign one */
};

static const char *const role_texts[] = {
	[ROLE_VIEWER] = "viewer", [ROLE_AGENT] = "agent", [ROLE_MAKER] = "maker",
	[ROLE_ADMIN] = "admin",   [ROLE_OWNER] = "owner",
};

const char *role_text(enum role r)
{
	assert((size_t)r < ARRAY_LEN(role_texts));
	return role_texts[r];
}

enum rc identity_require(struct scope scope, enum role least, struct err *err)
{
	if (scope.role >= least)
		return RC_OK;
	return err_set(err, CODE_FORBIDDEN, "this needs the role \"%s\"; your key has \"%s\"",
	               role_text(least), role_text(scope.role));
}

/* --- The table of keys --- */

static enum rc read_key(const struct rows *rows, struct key_row *ret, struct err *err)
{
	struct str hash = rows_str(rows, 2);
	int64_t role = rows_int(rows, 3);
	if (hash.len != sizeof ret->hash.bytes || role < ROLE_VIEWER || role > ROLE_OWNER ||
	    rows_int(rows, 1) <= 0)
		return err_set(err, CODE_DAMAGED, "the row of API key %lld is damaged",
		               (long long)rows_int(rows, 0));
	*ret = (struct key_row){ .id = rows_int(rows, 0),
		                 .tenant = rows_int(rows, 1),
		                 .role = (enum role)role,
		                 .expires_ms = rows_int(rows, 4) };
	memcpy(ret->hash.bytes, hash.ptr, hash.len);
	return RC_OK;
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(&((const struct key_row *)a)->hash, &((const struct key_row *)b)->hash,
	              sizeof(struct key_hash));
}

static void key_add(struct identity *i, struct key_row key)
{
	i->keys = xrealloc(i->keys, (i->n_keys + 1) * sizeof *i->keys);
	i->keys[i->n_keys++] = key;
	i->last.key = NULL; /* it may move */
	qsort(i->keys, i->n_keys, sizeof *i->keys, by_hash);
}

static enum rc load_keys(struct identity *i, struct db *db, struct err *err)
{
	struct rows rows;
	struct key_row key;
	size_t cap = 0;
	enum rc rc = RC_OK, rc_end;
	db_query(db, SQL_API_KEY_LOAD, NULL, 0, &rows, err);
	while (rc == RC_OK && rows_next(&rows)) {
		rc = read_key(&rows, &key, err);
		if (rc == RC_OK && i->n_keys == KEYS_MAX)
			rc = err_set(err, CODE_TOO_LARGE, "there are more than %d API keys",
			             KEYS_MAX);
		if (rc != RC_OK)
			break;
		if (i->n_keys == cap) {
			cap = cap ? cap * 2 : 8;
			i->keys = xrealloc(i->keys, cap * sizeof *i->keys);
		}
		i->keys[i->n_keys++] = key; /* the query sorts */
	}
	rc_end = rows_end(&rows, err);
	return rc_end != RC_OK ? rc_end : rc;
}

/* The way of the search tells something of hashes, which tell nothing of keys; the
 * comparison that decides takes the same time whatever is equal. */
static const struct key_row *find_key(const struct identity *i, const struct key_hash *hash)
{
	size_t low = 0, high = i->n_keys;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(&i->keys[middle].hash, hash, sizeof *hash) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < i->n_keys && sodium_memcmp(&i->keys[low].hash, hash, sizeof *hash) == 0)
		return &i->keys[low];
	return NULL;
}

static const struct key_row *find_text(struct identity *i, struct str text)
{
	struct remembered *last = &i->last;
	unsigned char hash[sizeof last->hash];
	struct key_hash long_hash;
	crypto_shorthash_siphashx24(hash, (const unsigned char *)text.ptr, text.len, last->secret);
	if (last->key && sodium_memcmp(hash, last->hash, sizeof hash) == 0)
		return last->key;
	key_hash_of(text, &long_hash);
	const struct key_row *key = find_key(i, &long_hash);
	if (key) {
		memcpy(last->hash, hash, sizeof hash);
		last->key = key;
	}
	return key;
}

/* --- The first start --- */

static enum rc tenant_ensure(struct identity *i, struct db *db, struct err *err)
{
	struct rows rows;
	bool is_there = false;
	DB_QUERY(db, SQL_TENANT_EXISTS, &rows, err, BIND_INT(FIRST_TENANT));
	while (rows_next(&rows))
		is_there = true;
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK || is_there)
		return rc;
	return DB_RUN(db, SQL_TENANT_INSERT, err, BIND_INT(FIRST_TENANT), BIND_STR(STR("default")),
	              BIND_INT(env_wall_ms(i->env)));
}

static enum rc insert_owner_key(struct identity *i, struct db *db, const struct key_row *key,
                                struct err *err)
{
	struct str hash = { (const char *)key->hash.bytes, sizeof key->hash.bytes };
	enum rc rc = tenant_ensure(i, db, err);
	if (rc == RC_OK)
		rc = DB_RUN(db, SQL_API_KEY_INSERT, err, BIND_INT(key->id), BIND_INT(key->tenant),
		            BIND_STR(STR("owner")), BIND_BLOB(hash), BIND_INT(key->role),
		            BIND_INT(env_wall_ms(i->env)), BIND_NULL);
	return rc;
}

static enum rc commit_owner_key(struct identity *i, struct store *store, struct str text,
                                struct err *err)
{
	struct db *db = store_writer_db(store);
	struct key_row key = { .id = store_new_id(store, env_wall_ms(i->env)),
		               .tenant = FIRST_TENANT,
		               .role = ROLE_OWNER };
	key_hash_of(text, &key.hash);
	enum rc rc = db_begin(db, err);
	if (rc != RC_OK)
		return rc;
	rc = insert_owner_key(i, db, &key, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	else
		db_rollback(db);
	if (rc == RC_OK) {
		key_add(i, key);
		i->owner_key = key.id;
	}
	return rc;
}

static enum rc make_owner_key(struct identity *i, struct store *store, const char *path,
                              struct err *err)
{
	char text[KEY_TEXT_LEN + 2];
	key_make(i->env, text);
	enum rc rc = commit_owner_key(i, store, (struct str){ text, KEY_TEXT_LEN }, err);
	if (rc == RC_OK) {
		text[KEY_TEXT_LEN] = '\n'; /* so that `cat` shows it well */
		rc = file_write(path, (struct str){ text, KEY_TEXT_LEN + 1 }, 0600, err);
	}
	sodium_memzero(text, sizeof text);
	if (rc == RC_OK)
		LOG(LOG_INFO,
		    i->n_keys > 1 ? "the owner's key was gone; made a new one"
		                  : "made the owner's key",
		    LOG_STR("file", str_z(path)));
	return rc;
}

/* Which of the known keys stands in the file. */
static enum rc find_owner_key(struct identity *i, const char *path, struct err *err)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	struct str text;
	struct key_hash hash;
	enum rc rc = file_read(arena, path, 4096, &text, err);
	if (rc != RC_OK)
		return rc;
	key_hash_of(str_trim(text), &hash);
	sodium_memzero((char *)(uintptr_t)text.ptr, text.len);
	const struct key_row *key = find_key(i, &hash);
	i->owner_key = key ? key->id : 0;
	if (!key)
		LOG(LOG_WARN,
		    "the key in this file is not one of this server; remove the file and start "
		    "again "
		    "to have a new one made",
		    LOG_STR("file", str_z(path)));
	return RC_OK;
}

static enum rc prepare(struct identity *i, const struct identity_options *o, struct err *err)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(512);
	struct str path = str_fmt(arena, "%s/key", o->folder);
	char *path_z = str_dupz(arena, path);
	enum rc rc = load_keys(i, store_writer_db(o->store), err);
	if (rc != RC_OK)
		return rc;
	return file_exists(path_z) ? find_owner_key(i, path_z, err)
	                           : make_owner_key(i, o->store, path_z, err);
}

enum rc identity_create(const struct identity_options *o, struct identity **ret, struct err *err)
{
	assert(o->folder && o->store && o->env);
	if (sodium_init() < 0)
		return err_set(err, CODE_IO, "libsodium can't start on this machine");
	struct identity *i = xcalloc(1, sizeof *i);
	i->env = o->env;
	env_random(i->env, i->last.secret, sizeof i->last.secret);
	enum rc rc = prepare(i, o, err);
	if (rc == RC_OK)
		*ret = i;
	else
		identity_destroy(i);
	return rc;
}

void identity_destroy(struct identity *i)
{
	if (!i)
		return;
	free(i->keys);
	free(i);
}

/* --- Who asks --- */

static enum rc key_of_header(struct str header, struct str *ret, struct err *err)
{
	struct str rest, scheme = str_cut(str_trim(header), ' ', &rest);
	if (header.len == 0)
		return err_set(err, CODE_UNAUTHENTICATED,
		               "the header \"Authorization: Bearer takt_…\" is missing");
	if (!str_eq_nocase(scheme, STR("Bearer")))
		return err_set(err, CODE_UNAUTHENTICATED,
		               "the scheme of the Authorization header must be Bearer");
	*ret = str_trim(rest);
	if (!key_is_formed(*ret))
		return err_set(err, CODE_UNAUTHENTICATED,
		               "this is no API key: one is \"takt_\" and 43 characters");
	return RC_OK;
}

enum rc identity_from_header(struct identity *i, struct str authorization, struct scope *ret,
                             struct err *err)
{
	struct str text;
	enum rc rc = key_of_header(authorization, &text, err);
	if (rc != RC_OK)
		return rc;
	const struct key_row *key = find_text(i, text);
	if (!key)
		return err_set(err, CODE_UNAUTHENTICATED, "this API key is unknown here");
	if (key->expires_ms && key->expires_ms <= env_wall_ms(i->env))
		return err_set(err, CODE_UNAUTHENTICATED, "this API key has expired");
	*ret = (struct scope){ .tenant = key->tenant, .actor = key->id, .role = key->role };
	return RC_OK;
}

/* Whoever may connect to the socket (mode 0600) may read the owner's key, too. */
struct scope identity_local(struct identity *i)
{
	return (struct scope){ .tenant = FIRST_TENANT, .actor = i->owner_key, .role = ROLE_OWNER };
}

struct scope identity_system(struct identity *i)
{
	(void)i;
	return (struct scope){ .tenant = FIRST_TENANT, .actor = 0, .role = ROLE_OWNER };
}
