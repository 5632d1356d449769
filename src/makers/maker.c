/* Reading maker.json: see maker.h. */
#include "makers/maker.h"

#include "base/arena.h"
#include "codec/field.h"
#include "codec/json.h"
#include "sys/file.h"

enum { MAKER_JSON_MAX = 256 << 10, KINDS_MAX = 64 };

struct raw {
	struct str name, description, program;
	const struct json *kinds, *input, *workflow;
};

static const struct field fields[] = {
	FIELD_STR(struct raw, name, .is_required = true, .min = 1, .max = 64, .bytes = "a-z0-9_-"),
	FIELD_STR(struct raw, description, .is_required = true, .max = 400),
	FIELD_STR(struct raw, program, .is_required = true, .min = 1, .max = 100,
	          .bytes = "A-Za-z0-9._-"),
	FIELD_ARRAY(struct raw, kinds, .is_required = true, .min = 1, .max = KINDS_MAX),
	FIELD_OBJECT(struct raw, input, .is_required = true),
	FIELD_OBJECT(struct raw, workflow, .is_required = true),
};

/* The definition as the API wants it: name, description and input in front of the rest. */
static struct str write_workflow(struct arena *a, const struct raw *r)
{
	struct buf out = BUF_INIT(MAKER_JSON_MAX);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_put_str(&o, "name", r->name);
	json_put_str(&o, "description", r->description);
	json_put_raw(&o, "input", r->input->raw);
	json_each(member, r->workflow) {
		json_key(&o, member->name);
		json_raw(&o, member->raw);
	}
	json_end_object(&o);
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

static enum rc take_kinds(struct arena *a, const struct json *kinds, struct maker *m,
                          struct err *err)
{
	const char **list = arena_new(a, const char *, kinds->count);
	json_each(k, kinds) {
		if (k->type != JSON_STRING)
			return err_set(err, CODE_FIELD_TYPE, "kinds are names");
		list[m->n_kinds++] = str_dupz(a, k->text);
	}
	m->kinds = list;
	return RC_OK;
}

enum rc maker_read(struct arena *a, const char *folder, struct maker *ret, struct err *err)
{
	const char *path = str_dupz(a, str_fmt(a, "%s/maker.json", folder));
	struct str text;
	const struct json *root;
	struct raw r = { 0 };
	enum rc rc = file_read(a, path, MAKER_JSON_MAX, &text, err);
	if (rc != RC_OK)
		return rc;
	rc = json_read(a, text, NULL, &root, err);
	if (rc == RC_OK)
		rc = field_read(fields, ARRAY_LEN(fields), root, "", &r, err);
	if (rc != RC_OK)
		return err_prefix(err, "%s", path);
	struct maker m = { .name = str_dupz(a, r.name),
		           .description = str_dupz(a, r.description),
		           .program = str_dupz(
		                   a, str_fmt(a, "%s/" STR_FMT, folder, STR_ARG(r.program))),
		           .folder = folder,
		           .workflow = write_workflow(a, &r) };
	rc = take_kinds(a, r.kinds, &m, err);
	if (rc != RC_OK)
		return err_prefix(err, "%s", path);
	*ret = m;
	return RC_OK;
}

/* Finding */

struct search {
	struct arena *arena;
	const char *folder;
	struct maker *ret;
	size_t n;
	struct err *err;
};

/* One level deep: what a maker keeps in folders of its own is not looked at. */
static enum rc take_file(void *ctx, struct str relative, int64_t size)
{
	struct search *s = ctx;
	struct str name, rest;
	(void)size;
	name = str_cut(relative, '/', &rest);
	if (!str_eqz(rest, "maker.json") || s->n == MAKERS_MAX)
		return RC_OK;
	const char *folder =
	        str_dupz(s->arena, str_fmt(s->arena, "%s/" STR_FMT, s->folder, STR_ARG(name)));
	enum rc rc = maker_read(s->arena, folder, &s->ret[s->n], s->err);
	s->n += rc == RC_OK;
	return rc;
}

enum rc makers_find(struct arena *a, const char *folder, struct maker *ret, size_t *ret_n,
                    struct err *err)
{
	struct search s = { a, folder, ret, 0, err };
	*ret_n = 0;
	if (!file_exists(folder))
		return RC_OK;
	enum rc rc = folder_walk(folder, take_file, &s, err);
	if (rc == RC_OK)
		*ret_n = s.n;
	return rc;
}

const char *makers_standard_folder(struct arena *a)
{
	struct str own = program_folder(a);
	const char *beside = str_dupz(a, str_fmt(a, STR_FMT "/makers", STR_ARG(own)));
	if (file_exists(beside))
		return beside;
	return str_dupz(a, str_fmt(a, STR_FMT "/../%s/takt/makers", STR_ARG(own), TAKT_LIBDIR));
}
