/* Blobs of folders that no server has open: into a backup, out of it, and are they sound.
 * Each byte is hashed on its way. */
#include <sodium.h>

#include "artifact/artifact.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/file_stream.h"

struct hashing {
	crypto_hash_sha256_state state;
	int64_t bytes;
	const atomic_bool *is_cancelled; /* NULL: never */
	struct err *err;
};

static enum rc hash_piece(void *ctx, struct str piece)
{
	struct hashing *h = ctx;
	crypto_hash_sha256_update(&h->state, (const unsigned char *)piece.ptr, piece.len);
	h->bytes += (int64_t)piece.len;
	if (h->is_cancelled && atomic_load(h->is_cancelled))
		return err_set(h->err, CODE_SHUTTING_DOWN, "given up");
	return RC_OK;
}

static void hashing_begin(struct hashing *h)
{
	crypto_hash_sha256_init(&h->state);
	h->bytes = 0;
}

static void hashing_end(struct hashing *h, struct sha256 *ret, int64_t *ret_bytes)
{
	crypto_hash_sha256_final(&h->state, ret->bytes);
	*ret_bytes = h->bytes;
}

enum rc sha256_of_file(const char *path, const atomic_bool *is_cancelled, struct sha256 *ret,
                       int64_t *ret_bytes, struct err *err)
{
	struct hashing h = { .is_cancelled = is_cancelled, .err = err };
	hashing_begin(&h);
	enum rc rc = file_stream(path, hash_piece, &h, err);
	if (rc == RC_OK)
		hashing_end(&h, ret, ret_bytes);
	return rc;
}

enum rc sha256_of_copy(const char *from, const char *to, struct sha256 *ret, int64_t *ret_bytes,
                       struct err *err)
{
	struct hashing h = { .err = err };
	hashing_begin(&h);
	enum rc rc = file_copy(from, to, 0600, hash_piece, &h, err);
	if (rc == RC_OK)
		hashing_end(&h, ret, ret_bytes);
	return rc;
}

static char *path_in(struct arena *a, const char *blobs, const struct blob *b)
{
	char hex[65];
	struct str text = sha256_text(&b->hash, hex);
	return str_dupz(a, str_fmt(a, "%s/%.2s/%s", blobs, text.ptr, text.ptr + 2));
}

/* What is wrong with it, at its place below the folder; CODE_DAMAGED. */
static enum rc damaged(const struct blob *b, const char *what, struct err *err)
{
	char hex[65];
	struct str text = sha256_text(&b->hash, hex);
	err_set(err, CODE_DAMAGED, "the blob %s", what);
	return err_at(err, "blobs/%.2s/%s", text.ptr, text.ptr + 2);
}

static enum rc judge(const struct blob *b, enum rc rc, const struct sha256 *hash, int64_t bytes,
                     struct err *err)
{
	if (rc == RC_NOT_FOUND)
		return damaged(b, "is missing", err);
	if (rc != RC_OK)
		return rc;
	if (bytes != b->size)
		return damaged(b, bytes < b->size ? "is too short" : "is too long", err);
	if (memcmp(hash, &b->hash, sizeof *hash) != 0)
		return damaged(b, "has other bytes than its name says", err);
	return RC_OK;
}

enum rc blob_check(const char *blobs, const struct blob *b, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(1024);
	struct sha256 hash;
	int64_t bytes = 0;
	enum rc rc = sha256_of_file(path_in(a, blobs, b), NULL, &hash, &bytes, err);
	return judge(b, rc, &hash, bytes, err);
}

enum rc blob_copy(const char *from, const char *to, const struct blob *b, bool is_synced,
                  struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(1024);
	struct sha256 hash;
	int64_t bytes = 0;
	char *target = path_in(a, to, b), *source = path_in(a, from, b);
	char *folder = str_dupz(a, (struct str){ target, (size_t)(strrchr(target, '/') - target) });
	if (file_size(source) < 0)
		return damaged(b, "is missing", err);
	enum rc rc = folder_create(folder, 0700, err);
	if (rc != RC_OK)
		return rc;
	rc = sha256_of_copy(source, target, &hash, &bytes, err);
	if (rc == RC_OK && is_synced)
		rc = file_sync(target, err);
	return judge(b, rc, &hash, bytes, err);
}
