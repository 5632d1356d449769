/* Writing and reading what a backup says of itself: see manifest.h.  What is read may be
 * damaged in any way, so nothing of it is believed before SHA256SUMS agrees. */
#include <stdio.h>

#include "backup/manifest.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/rfc3339.h"
#include "sys/file.h"
#include "sys/file_stream.h"

enum { HASH_TEXT = 64, EVENTS_MAX = 1 << 20 };

static void put_hash(struct json_out *o, const struct sha256 *h)
{
	char hex[65];
	json_put_str(o, "sha256", sha256_text(h, hex));
}

static void put_time(struct json_out *o, const char *key, int64_t ms)
{
	char text[RFC3339_MAX];
	json_put_str(o, key, rfc3339_text(ms, text));
}

static void put_parts(struct json_out *o, const struct manifest *m)
{
	json_keyz(o, "database");
	json_begin_object(o);
	json_put_str(o, "file", STR(MANIFEST_DATABASE));
	json_put_int(o, "bytes", m->says.database_bytes);
	put_hash(o, &m->database);
	json_end_object(o);
	json_keyz(o, "blobs");
	json_begin_object(o);
	json_put_str(o, "file", STR(MANIFEST_BLOBS));
	json_put_int(o, "count", m->says.blobs);
	json_put_int(o, "bytes", m->says.blob_bytes);
	put_hash(o, &m->blobs);
	json_end_object(o);
}

static void put_rows(struct json_out *o, const struct backup_summary *s)
{
	json_keyz(o, "rows");
	json_begin_object(o);
	json_put_int(o, "tasks", s->tasks);
	json_put_int(o, "runs", s->runs);
	json_put_int(o, "events", s->events);
	json_put_int(o, "artifacts", s->artifacts);
	json_end_object(o);
}

void manifest_write(const struct manifest *m, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_int(&o, "takt_backup", MANIFEST_VERSION);
	json_put_str(&o, "id", m->says.id);
	json_put_str(&o, "takt", m->says.takt);
	json_put_int(&o, "schema_version", m->says.schema_version);
	put_time(&o, "started_at", m->started_ms);
	put_time(&o, "finished_at", m->says.finished_ms);
	put_parts(&o, m);
	put_rows(&o, &m->says);
	json_keyz(&o, "last_events");
	json_begin_array(&o);
	for (size_t i = 0; i < m->n_events; i++) {
		json_begin_object(&o);
		json_put_int(&o, "tenant", m->events[i].tenant);
		json_put_int(&o, "seq", m->events[i].last);
		json_end_object(&o);
	}
	json_end_array(&o);
	json_end_object(&o);
	buf_addc(out, '\n');
}

/* --- Reading --- */

static enum rc damaged(const char *what, struct err *err)
{
	err_set(err, CODE_DAMAGED, "there is no good \"%s\"", what);
	return err_at(err, MANIFEST_FILE);
}

static enum rc read_hash(const struct json *part, struct sha256 *ret, struct err *err)
{
	struct str text = json_get_str(part, "sha256", STR(""));
	return sha256_parse(text, ret) == RC_OK ? RC_OK : damaged("sha256", err);
}

static enum rc read_count(const struct json *v, const char *name, int64_t *ret, struct err *err)
{
	*ret = v ? json_get_int(v, name, -1) : -1;
	return *ret >= 0 ? RC_OK : damaged(name, err);
}

static enum rc read_time(const struct json *v, const char *name, int64_t *ret, struct err *err)
{
	struct str text = json_get_str(v, name, STR(""));
	return rfc3339_parse(text, ret) == RC_OK ? RC_OK : damaged(name, err);
}

static enum rc read_parts(const struct json *v, struct manifest *m, struct err *err)
{
	const struct json *database = json_getz(v, "database"), *blobs = json_getz(v, "blobs");
	struct backup_summary *s = &m->says;
	enum rc rc = read_count(database, "bytes", &s->database_bytes, err);
	if (rc == RC_OK)
		rc = read_hash(database, &m->database, err);
	if (rc == RC_OK)
		rc = read_count(blobs, "count", &s->blobs, err);
	if (rc == RC_OK)
		rc = read_count(blobs, "bytes", &s->blob_bytes, err);
	return rc == RC_OK ? read_hash(blobs, &m->blobs, err) : rc;
}

static enum rc read_rows(const struct json *v, struct backup_summary *s, struct err *err)
{
	const struct json *rows = json_getz(v, "rows");
	enum rc rc = read_count(rows, "tasks", &s->tasks, err);
	if (rc == RC_OK)
		rc = read_count(rows, "runs", &s->runs, err);
	if (rc == RC_OK)
		rc = read_count(rows, "events", &s->events, err);
	return rc == RC_OK ? read_count(rows, "artifacts", &s->artifacts, err) : rc;
}

static enum rc read_events(struct arena *a, const struct json *v, struct manifest *m,
                           struct err *err)
{
	const struct json *list = json_getz(v, "last_events");
	if (!list || list->type != JSON_ARRAY || list->count > EVENTS_MAX)
		return damaged("last_events", err);
	struct manifest_events *events = arena_new(a, struct manifest_events, list->count + 1);
	for (const struct json *e = list->first; e; e = e->next) {
		struct manifest_events *to = &events[m->n_events++];
		enum rc rc = read_count(e, "tenant", &to->tenant, err);
		if (rc == RC_OK)
			rc = read_count(e, "seq", &to->last, err);
		if (rc != RC_OK)
			return rc;
	}
	m->events = events;
	return RC_OK;
}

static enum rc read_head(struct arena *a, const struct json *v, struct manifest *m, struct err *err)
{
	int64_t version = json_get_int(v, "takt_backup", 0);
	if (version != MANIFEST_VERSION)
		return err_set(err, version > MANIFEST_VERSION ? CODE_CONFLICT : CODE_DAMAGED,
		               "the backup has form %lld, this takt reads form %d",
		               (long long)version, MANIFEST_VERSION);
	m->says.id = str_dup(a, json_get_str(v, "id", STR("")));
	m->says.takt = str_dup(a, json_get_str(v, "takt", STR("")));
	enum rc rc = m->says.id.len ? RC_OK : damaged("id", err);
	if (rc == RC_OK)
		rc = read_count(v, "schema_version", &m->says.schema_version, err);
	if (rc == RC_OK)
		rc = read_time(v, "started_at", &m->started_ms, err);
	return rc == RC_OK ? read_time(v, "finished_at", &m->says.finished_ms, err) : rc;
}

enum rc manifest_read(struct arena *a, struct str json, struct manifest *ret, struct err *err)
{
	static const struct json_limits limits = { MANIFEST_MAX, 16, 4 << 20 };
	const struct json *v;
	struct manifest m = { 0 };
	enum rc rc = json_read(a, str_trim(json), &limits, &v, err);
	if (rc == RC_OK && v->type != JSON_OBJECT)
		rc = RC_INVALID;
	if (rc != RC_OK)
		return damaged("object", err);
	rc = read_head(a, v, &m, err);
	if (rc == RC_OK)
		rc = read_parts(v, &m, err);
	if (rc == RC_OK)
		rc = read_rows(v, &m.says, err);
	if (rc == RC_OK)
		rc = read_events(a, v, &m, err);
	if (rc == RC_OK)
		*ret = m;
	return rc;
}

/* --- SHA256SUMS --- */

static const char *const sum_names[] = { MANIFEST_FILE, MANIFEST_DATABASE, MANIFEST_BLOBS };

static struct sha256 *sum_at(struct manifest_sums *s, size_t i)
{
	struct sha256 *const at[] = { &s->manifest, &s->database, &s->blobs };
	return at[i];
}

void manifest_sums_write(const struct manifest_sums *s, struct buf *out)
{
	struct manifest_sums copy = *s;
	char hex[65];
	for (size_t i = 0; i < ARRAY_LEN(sum_names); i++)
		buf_addf(out, "%s  %s\n", sha256_text(sum_at(&copy, i), hex).ptr, sum_names[i]);
}

enum rc manifest_sums_read(struct str text, struct manifest_sums *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(sum_names); i++) {
		struct str line = str_cut(text, '\n', &text);
		bool is_good = line.len > HASH_TEXT + 2 &&
		               sha256_parse(str_sub(line, 0, HASH_TEXT), sum_at(ret, i)) == RC_OK &&
		               str_starts(str_sub(line, HASH_TEXT, line.len), STR("  ")) &&
		               str_eqz(str_sub(line, HASH_TEXT + 2, line.len), sum_names[i]);
		if (!is_good) {
			err_set(err, CODE_DAMAGED, "line %zu is not the sum of %s", i + 1,
			        sum_names[i]);
			return err_at(err, MANIFEST_SUMS);
		}
	}
	if (text.len == 0)
		return RC_OK;
	err_set(err, CODE_DAMAGED, "there is more than three sums");
	return err_at(err, MANIFEST_SUMS);
}

/* --- blobs.list --- */

struct str blob_line_write(const struct blob *b, char to[BLOB_LINE])
{
	char hex[65];
	int n = snprintf(to, BLOB_LINE, "%s %lld\n", sha256_text(&b->hash, hex).ptr,
	                 (long long)b->size);
	return (struct str){ to, (size_t)n };
}

enum rc blob_line_read(struct str line, struct blob *ret, struct err *err)
{
	struct str size, hash = str_cut(line, ' ', &size);
	if (sha256_parse(hash, &ret->hash) == RC_OK && str_to_i64(size, &ret->size) == RC_OK &&
	    ret->size >= 0)
		return RC_OK;
	err_set(err, CODE_DAMAGED, "a line is not \"SHA-256 SIZE\"");
	return err_at(err, MANIFEST_BLOBS);
}

const char *backup_path(struct arena *a, const char *folder, const char *name)
{
	return str_dupz(a, str_fmt(a, "%s/%s", folder, name));
}

static bool is_ours(const char *name)
{
	static const char *const ours[] = { MANIFEST_DATABASE, MANIFEST_BLOBS,   MANIFEST_FILE,
		                            MANIFEST_SUMS,     "takt.db-wal",    "takt.db-shm",
		                            "blobs",           "takt.db-journal" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (str_starts(str_z(name), str_z(ours[i]))) /* with a suffix while it is written */
			return true;
	return false;
}

enum rc partial_create(struct arena *a, const char *path, struct err *err)
{
	enum { ENTRIES_MAX = 64 };
	const char *const *names;
	size_t n;
	enum rc rc = folder_entries(a, path, ENTRIES_MAX, &names, &n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (!is_ours(names[i]))
			rc = err_set(err, CODE_CONFLICT,
			             "%s is in the way, and has \"%s\", which is not takt's", path,
			             names[i]);
	if (rc == RC_OK)
		rc = folder_remove(path, err);
	return rc == RC_OK ? folder_create(path, 0700, err) : rc;
}

struct listing {
	enum rc (*fn)(void *ctx, const struct blob *b);
	void *ctx;
	struct err *err;
	char line[BLOB_LINE]; /* begun in the piece before */
	size_t len;
};

static enum rc take_line(struct listing *l)
{
	struct blob b;
	enum rc rc = blob_line_read((struct str){ l->line, l->len }, &b, l->err);
	l->len = 0;
	return rc == RC_OK ? l->fn(l->ctx, &b) : rc;
}

static enum rc take_piece(void *ctx, struct str piece)
{
	struct listing *l = ctx;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < piece.len && rc == RC_OK; i++) {
		if (piece.ptr[i] == '\n')
			rc = take_line(l);
		else if (l->len < sizeof l->line)
			l->line[l->len++] = piece.ptr[i];
		else
			rc = blob_line_read(STR(""), &(struct blob){ 0 }, l->err);
	}
	return rc;
}

enum rc blob_list_each(const char *folder, enum rc (*fn)(void *ctx, const struct blob *b),
                       void *ctx, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct listing l = { .fn = fn, .ctx = ctx, .err = err };
	return file_stream(backup_path(a, folder, MANIFEST_BLOBS), take_piece, &l, err);
}
