/* Large outputs: see output.h.  Nothing is stored twice for a word said twice: the row of the
 * task decides, in the transaction, whether this word is the one that counts. */
#include "artifact/output.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "flow/part.h"
#include "store/store.h"
#include "sys/thread.h"

#define OUTPUT_PATH STR_INIT("output.json")

/* --- Completing --- */

static void describe(struct output_command *o)
{
	char id[ID_TEXT_MAX], hex[65];
	int n = snprintf(o->descriptor, sizeof o->descriptor,
	                 "{\"$artifact\":\"" STR_FMT "\",\"sha256\":\"" STR_FMT
	                 "\",\"size\":%lld,\"media_type\":\"application/json\"}",
	                 STR_ARG(id_text("art", o->create.id, id)),
	                 STR_ARG(sha256_text(&o->file.hash, hex)), (long long)o->file.size);
	assert(n > 0 && (size_t)n < sizeof o->descriptor);
	o->word->output = (struct str){ o->descriptor, (size_t)n };
}

static enum rc output_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct output_command *o = (struct output_command *)c;
	bool is_held;
	enum rc rc = holder_is_live(o->queue, tx, o->word, &is_held, &o->create.run, err);
	if (rc == RC_OK && is_held) {
		o->create.c.scope = o->word->c.scope;
		rc = o->create.c.apply(&o->create.c, tx, err);
		if (rc == RC_OK)
			describe(o);
	}
	/* A word said again, or under a stale lease: its output counts for nothing. */
	return rc == RC_OK ? o->word->c.apply(&o->word->c, tx, err) : rc;
}

void output_command_init(struct output_command *o, struct artifacts *a, struct queue *q,
                         struct holder_command *word)
{
	*o = (struct output_command){
		.c = { .apply = output_apply,
		       .owner = a,
		       .scope = word->c.scope,
		       .is_urgent = true },
		.word = word,
		.queue = q,
	};
	artifact_create_command_init(&o->create, a, word->c.scope);
}

enum rc output_prepare(struct output_command *o, struct arena *arena, struct err *err)
{
	char id[ID_TEXT_MAX];
	bool is_new;
	struct str bytes = o->word->output;
	o->file = (struct artifact_file){ .path = OUTPUT_PATH, .size = (int64_t)bytes.len };
	sha256_of(bytes, &o->file.hash);
	enum rc rc = blob_put(o->c.owner, o->file.hash, bytes, &is_new, err);
	if (rc != RC_OK)
		return rc;
	struct str task = id_text("task", o->word->task, id);
	snprintf(o->name, sizeof o->name, "output." STR_FMT, STR_ARG(task));
	o->create.name = str_z(o->name);
	o->create.files = &o->file;
	o->create.n_files = 1;
	return artifact_create_prepare(&o->create, arena, err);
}

/* --- Reading for workflows --- */

struct reading {
	struct job job;
	struct loop_message done;
	struct output_reader *reader;
	struct output_part *part;
};

static enum rc load(const struct reading *r, struct arena *arena, const struct json **ret,
                    struct err *err)
{
	struct str bytes, path = OUTPUT_PATH;
	struct artifact_file file;
	const struct json_limits limits = { OUTPUT_MAX, 160, 1 << 20 };
	enum rc rc = artifact_file_read(r->reader->artifacts, r->part->c.scope, r->part->artifact,
	                                path, arena, &bytes, &file, err);
	if (rc != RC_OK)
		return rc;
	struct sha256 hash;
	sha256_of(bytes, &hash);
	if (memcmp(&hash, &file.hash, sizeof hash) != 0)
		return err_set(err, CODE_DAMAGED, "the bytes of a large output have changed");
	return json_read(arena, bytes, &limits, ret, err);
}

static enum rc find(const struct reading *r, struct arena *arena, struct str *ret, struct err *err)
{
	const struct json *v;
	enum rc rc = load(r, arena, &v, err);
	if (rc != RC_OK)
		return rc;
	v = json_pointer(v, r->part->pointer);
	if (!v)
		return err_set(err, CODE_BAD_REFERENCE,
		               "the reference to " STR_FMT " of a large output finds nothing",
		               STR_ARG(str_sub(r->part->pointer, 0, 160)));
	if (v->raw.len > PART_BYTES_MAX)
		return err_set(err, CODE_TOO_LARGE,
		               "a reference into a large output finds %zu bytes; at most %d are "
		               "passed on",
		               v->raw.len, PART_BYTES_MAX);
	*ret = v->raw;
	return RC_OK;
}

static void send_answer(struct loop_message *m)
{
	struct reading *r = (struct reading *)((char *)m - offsetof(struct reading, done));
	writer_send(r->reader->writer, &r->part->c);
	free(r);
}

static void read_on_pool(struct job *j)
{
	struct reading *r = (struct reading *)j;
	struct output_part *p = r->part;
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	struct str text;
	struct err err = { 0 };
	enum rc rc = find(r, arena, &text, &err);
	if (rc == RC_OK)
		output_part_found(p, text);
	else
		output_part_failed(p, &err);
	r->done.fn = send_answer;
	if (r->reader->loop)
		loop_post(r->reader->loop, &r->done);
	else
		send_answer(&r->done);
}

void output_read_part(void *reader, struct output_part *p)
{
	struct output_reader *of = reader;
	struct reading *r = xcalloc(1, sizeof *r);
	*r = (struct reading){ .job.fn = read_on_pool, .reader = of, .part = p };
	pool_submit(of->pool, &r->job);
}
