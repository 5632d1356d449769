/* The owner's key, and what of a header is let through; over a real store. */
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "identity/identity.h"
#include "identity/key.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"

static char folder[] = "/tmp/takt-identity-XXXXXX";
static struct store *store;
static struct identity *identity;
static struct arena *arena;
static struct err err;
static int64_t wall_offset_ms;

static int64_t wall_ms(void *self)
{
	(void)self;
	return env_wall_ms(&env_system) + wall_offset_ms;
}

static struct env env;

static enum rc start(void)
{
	struct identity_options o = { .folder = folder, .store = store, .env = &env };
	return identity_create(&o, &identity, &err);
}

static void setup(void)
{
	log_setup(LOG_OFF, false, "test");
	env = env_system;
	env.wall_ms = wall_ms;
	arena = arena_create(4096);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	struct store_options o = { .folder = folder, .env = &env_system, .is_migrating = true };
	enum rc rc = store_open(&o, &store, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	rc = start();
	ck_assert_msg(rc == RC_OK, "%s", err.text);
}

static void teardown(void)
{
	identity_destroy(identity);
	store_close(store);
	arena_destroy(arena);
	ck_assert_ok(folder_remove(folder, NULL));
}

static void restart(void)
{
	identity_destroy(identity);
	ck_assert_ok(start());
}

static char *key_path(void)
{
	return str_dupz(arena, str_fmt(arena, "%s/key", folder));
}

static struct str key_text(void)
{
	struct str text;
	ck_assert_ok(file_read(arena, key_path(), 100, &text, &err));
	return str_trim(text);
}

static enum rc ask(struct str key, struct scope *ret)
{
	return identity_from_header(identity, str_fmt(arena, "Bearer " STR_FMT, STR_ARG(key)), ret,
	                            &err);
}

START_TEST(key_is_made_once)
{
	struct stat st;
	struct scope scope;
	setup();
	struct str key = key_text();
	ck_assert_uint_eq(key.len, KEY_TEXT_LEN);
	ck_assert(key_is_formed(key));
	ck_assert_int_eq(stat(key_path(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_ok(ask(key, &scope));
	ck_assert_int_eq(scope.tenant, 1);
	ck_assert_int_gt(scope.actor, 0);
	ck_assert_int_eq(scope.role, ROLE_OWNER);
	restart();
	ck_assert(str_eq(key, key_text()));
	ck_assert_ok(ask(key, &scope));
	teardown();
}
END_TEST

static size_t count_keys(void)
{
	struct rows rows;
	size_t n = 0;
	db_query(store_writer_db(store), SQL_API_KEY_LOAD, NULL, 0, &rows, &err);
	for (; rows_next(&rows); n++)
		ck_assert_uint_eq(rows_str(&rows, 2).len, 32);
	ck_assert_ok(rows_end(&rows, &err));
	return n;
}

START_TEST(lost_file_gives_another_key)
{
	struct scope scope, other;
	setup();
	struct str key = key_text();
	ck_assert_ok(ask(key, &scope));
	ck_assert_int_eq(unlink(key_path()), 0);
	restart();
	ck_assert(!str_eq(key, key_text()));
	ck_assert_ok(ask(key_text(), &other));
	ck_assert_int_ne(other.actor, scope.actor);
	ck_assert_int_eq(identity_local(identity).actor, other.actor);
	ck_assert_ok(ask(key, &scope)); /* copies of the old one still work */
	ck_assert_uint_eq(count_keys(), 2);
	teardown();
}
END_TEST

/* A key of another server, or nonsense, is neither accepted nor overwritten. */
START_TEST(foreign_file_stays)
{
	struct scope scope;
	char foreign[KEY_TEXT_LEN + 1];
	setup();
	key_make(&env_system, foreign);
	ck_assert_ok(file_write(key_path(), str_z(foreign), 0600, &err));
	restart();
	ck_assert(str_eqz(key_text(), foreign));
	ck_assert_int_eq(ask(key_text(), &scope), RC_DENIED);
	ck_assert_int_eq(identity_local(identity).role, ROLE_OWNER);
	ck_assert_uint_eq(count_keys(), 1);
	teardown();
}
END_TEST

/* The database is whole when the file can't be written, and the next start succeeds. */
START_TEST(unwritable_folder)
{
	setup();
	identity_destroy(identity);
	identity = NULL;
	char *away = str_dupz(arena, str_fmt(arena, "%s/nowhere", folder));
	struct identity_options o = { .folder = away, .store = store, .env = &env };
	ck_assert_int_eq(identity_create(&o, &identity, &err), RC_NOT_FOUND);
	ck_assert_ptr_null(strstr(err.text, KEY_PREFIX));
	ck_assert_ok(start());
	teardown();
}
END_TEST

static void denied(struct str header)
{
	struct scope scope = { .tenant = 42 };
	err = (struct err){ 0 };
	ck_assert_msg(identity_from_header(identity, header, &scope, &err) == RC_DENIED,
	              "\"" STR_FMT "\" was let in", STR_ARG(header));
	ck_assert_int_eq(err.code, CODE_UNAUTHENTICATED);
	ck_assert_int_eq(scope.tenant, 42);
	ck_assert_uint_gt(strlen(err.text), 0);
	/* Never the key, whole or in part. */
	if (header.len > 30)
		ck_assert_ptr_null(strstr(err.text, str_dupz(arena, str_sub(header, 20, 8))));
}

START_TEST(headers_that_are_refused)
{
	setup();
	struct str key = key_text();
	char foreign[KEY_TEXT_LEN + 1];
	key_make(&env_system, foreign);
	denied((struct str){ 0 });
	denied(STR(""));
	denied(STR(" "));
	denied(STR("Bearer"));
	denied(STR("Bearer "));
	denied(key);
	denied(str_fmt(arena, "Basic " STR_FMT, STR_ARG(key)));
	denied(str_fmt(arena, "Bearer" STR_FMT, STR_ARG(key)));
	denied(str_fmt(arena, "Bearer,Bearer " STR_FMT, STR_ARG(key)));
	denied(str_fmt(arena, "Bearer %s", foreign));
	denied(str_fmt(arena, "Bearer " STR_FMT "x", STR_ARG(key)));
	denied(str_fmt(arena, "Bearer " STR_FMT " x", STR_ARG(key)));
	denied(str_fmt(arena, "Bearer " STR_FMT, STR_ARG(str_sub(key, 0, key.len - 1))));
	denied(str_fmt(arena, "Bearer TAKT_" STR_FMT, STR_ARG(str_sub(key, 5, 43))));
	/* Each byte counts, also right after the right one. */
	for (size_t i = 0; i < key.len; i++) {
		struct scope scope;
		ck_assert_ok(ask(key, &scope));
		char *wrong = str_dupz(arena, key);
		wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
		denied(str_fmt(arena, "Bearer %s", wrong));
	}
	teardown();
}
END_TEST

START_TEST(headers_that_pass)
{
	struct scope scope;
	setup();
	struct str key = key_text();
	ck_assert_ok(ask(key, &scope));
	static const char *const schemes[] = { "bearer", "BEARER", "Bearer " };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		ck_assert_ok(identity_from_header(
		        identity, str_fmt(arena, "%s " STR_FMT, schemes[i], STR_ARG(key)), &scope,
		        &err));
	teardown();
}
END_TEST

static void insert(struct str text, int64_t id, int64_t tenant, enum role role, int64_t expires_ms)
{
	struct key_hash hash;
	struct db *db = store_writer_db(store);
	key_hash_of(text, &hash);
	struct str bytes = { (const char *)hash.bytes, sizeof hash.bytes };
	ck_assert_ok(db_begin(db, &err));
	ck_assert_ok(DB_RUN(db, SQL_API_KEY_INSERT, &err, BIND_INT(id), BIND_INT(tenant),
	                    BIND_STR(STR("k")), BIND_BLOB(bytes), BIND_INT(role), BIND_INT(1),
	                    bind_opt_int(expires_ms)));
	ck_assert_ok(db_commit(db, &err));
}

START_TEST(many_keys_and_expiry)
{
	enum { N = 50 };
	char texts[N][KEY_TEXT_LEN + 1];
	struct scope scope;
	setup();
	int64_t now = env_wall_ms(&env);
	for (int i = 0; i < N; i++) {
		key_make(&env_system, texts[i]);
		insert(str_z(texts[i]), 1000 + i, 1 + i, (enum role)(i % 5),
		       i % 2 ? now + 60000 : 0);
	}
	restart();
	for (int i = 0; i < N; i++) {
		ck_assert_ok(ask(str_z(texts[i]), &scope));
		ck_assert_int_eq(scope.actor, 1000 + i);
		ck_assert_int_eq(scope.tenant, 1 + i);
		ck_assert_int_eq((int)scope.role, i % 5);
	}
	wall_offset_ms = 120000;
	for (int i = N - 1; i >= 0; i--) /* the one that was asked for last first */
		ck_assert_int_eq(ask(str_z(texts[i]), &scope), i % 2 ? RC_DENIED : RC_OK);
	ck_assert_ptr_nonnull(strstr(err.text, "expired"));
	teardown();
}
END_TEST

START_TEST(damaged_row)
{
	setup();
	insert(STR("x"), 5, 1, (enum role)9, 0);
	identity_destroy(identity);
	identity = NULL;
	ck_assert_int_eq(start(), RC_IO);
	ck_assert_int_eq(err.code, CODE_DAMAGED);
	teardown();
}
END_TEST

START_TEST(roles)
{
	for (int has = ROLE_VIEWER; has <= ROLE_OWNER; has++)
		for (int least = ROLE_VIEWER; least <= ROLE_OWNER; least++) {
			struct scope scope = { .tenant = 1, .role = (enum role)has };
			enum rc rc = identity_require(scope, (enum role)least, &err);
			ck_assert_int_eq(rc, has >= least ? RC_OK : RC_DENIED);
			if (rc != RC_OK) {
				ck_assert_int_eq(err.code, CODE_FORBIDDEN);
				ck_assert_ptr_nonnull(
				        strstr(err.text, role_text((enum role)least)));
			}
		}
	ck_assert_str_eq(role_text(ROLE_MAKER), "maker");
}
END_TEST

UNIT_MAIN("identity", key_is_made_once, lost_file_gives_another_key, foreign_file_stays,
          unwritable_folder, headers_that_are_refused, headers_that_pass, many_keys_and_expiry,
          damaged_row, roles)
