/* A real store, writer and blob folder in a temporary folder, without threads. */
#ifndef TAKT_TESTS_UNIT_ARTIFACT_FIXTURE_H
#define TAKT_TESTS_UNIT_ARTIFACT_FIXTURE_H

#include <unistd.h>

#include "../unit.h"

#include "artifact/artifact_priv.h"
#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"

struct fixture {
	char folder[64];
	struct store *store;
	struct writer *writer;
	struct artifacts *artifacts;
	struct arena *arena;
	struct err err;
};

static const struct scope alice = { .tenant = 1, .actor = 7, .role = ROLE_AGENT };
static const struct scope bob = { .tenant = 2, .actor = 8, .role = ROLE_OWNER };

static inline void fixture_open(struct fixture *f)
{
	log_setup(LOG_OFF, false, "test");
	*f = (struct fixture){ .folder = "/tmp/takt-artifact-XXXXXX" };
	ck_assert(mkdtemp(f->folder) != NULL);
	f->arena = arena_create(4096);
	struct store_options so = { .folder = f->folder, .env = &env_system, .is_migrating = true };
	enum rc rc = store_open(&so, &f->store, &f->err);
	ck_assert_msg(rc == RC_OK, "%s", f->err.text);
	struct writer_options wo = { .store = f->store, .env = &env_system };
	ck_assert_ok(writer_create(&wo, &f->writer, &f->err));
	struct artifacts_options ao = { .folder = f->folder,
		                        .store = f->store,
		                        .writer = f->writer };
	ck_assert_ok(artifacts_create(&ao, &f->artifacts, &f->err));
}

static inline void fixture_close(struct fixture *f)
{
	artifacts_destroy(f->artifacts);
	writer_destroy(f->writer);
	store_close(f->store);
	arena_destroy(f->arena);
	ck_assert_ok(folder_remove(f->folder, &f->err));
}

static inline struct sha256 hash_of(struct str bytes)
{
	struct sha256 h;
	sha256_of(bytes, &h);
	return h;
}

/* Stores a blob and describes it as a file. */
static inline struct artifact_file file_put(struct fixture *f, const char *path, struct str bytes)
{
	bool is_new;
	struct sha256 h = hash_of(bytes);
	enum rc rc = blob_put(f->artifacts, h, bytes, &is_new, &f->err);
	ck_assert_msg(rc == RC_OK, "%s", f->err.text);
	return (struct artifact_file){ .path = str_z(path), .hash = h, .size = (int64_t)bytes.len };
}

static inline void reply_nothing(struct loop_message *m)
{
	(void)m;
}

/* Prepares and applies; the outcome of whichever failed, with its words in f->err. */
static inline enum rc create(struct fixture *f, struct scope scope,
                             struct artifact_create_command *c, const char *name,
                             struct artifact_file *files, size_t n)
{
	artifact_create_command_init(c, f->artifacts, scope);
	c->name = str_z(name);
	c->files = files;
	c->n_files = n;
	f->err = (struct err){ 0 };
	enum rc rc = artifact_create_prepare(c, f->arena, &f->err);
	if (rc != RC_OK)
		return rc;
	c->c.reply.fn = reply_nothing;
	c->c.posted_us = env_mono_us(&env_system);
	writer_batch(f->writer, &c->c);
	f->err = c->c.err;
	return c->c.rc;
}

#endif
