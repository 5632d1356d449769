/* Compiled definitions, kept by (tenant, name, version), at most DEFINITIONS_MAX.  A
 * version never changes, so what is kept is never stale; after a rollback all is dropped,
 * because a version may have been read that was not stored after all. */
#include "codec/schema.h"
#include "flow/flow_priv.h"

static void drop(struct flow *f, size_t i)
{
	definition_fini(f->definitions[i].definition);
	arena_destroy(f->definitions[i].arena);
	f->definitions[i] = f->definitions[--f->n_definitions];
}

void compiled_clear(struct flow *f)
{
	while (f->n_definitions)
		drop(f, f->n_definitions - 1);
}

static void make_room(struct flow *f)
{
	size_t oldest = SIZE_MAX;
	if (f->n_definitions < DEFINITIONS_MAX)
		return;
	for (size_t i = 0; i < f->n_definitions; i++)
		if (!f->definitions[i].is_pinned &&
		    (oldest == SIZE_MAX ||
		     f->definitions[i].used_at < f->definitions[oldest].used_at))
			oldest = i;
	assert(oldest != SIZE_MAX); /* at most one is pinned */
	drop(f, oldest);
}

void compiled_pin(struct flow *f, const struct definition *d, bool is_pinned)
{
	for (size_t i = 0; i < f->n_definitions; i++)
		if (f->definitions[i].definition == d)
			f->definitions[i].is_pinned = is_pinned;
}

static struct compiled *find(struct flow *f, int64_t tenant, struct str name, int64_t version)
{
	for (size_t i = 0; i < f->n_definitions; i++) {
		struct compiled *c = &f->definitions[i];
		if (c->tenant != tenant || c->version != version || !str_eq(c->name, name))
			continue;
		c->used_at = ++f->clock;
		return c;
	}
	return NULL;
}

static enum rc compile(struct arena *a, struct str text, struct definition **ret, struct err *err)
{
	const struct json *document;
	enum rc rc = json_read(a, text, NULL, &document, err);
	if (rc == RC_OK)
		rc = definition_read(document, a, ret, err);
	if (rc != RC_OK)
		return rc;
	rc = definition_compile(*ret, err);
	if (rc != RC_OK)
		definition_fini(*ret);
	return rc;
}

static enum rc add(struct flow *f, int64_t tenant, struct str name, int64_t version,
                   struct str text, const struct compiled **ret, struct err *err)
{
	struct arena *a = arena_create(16 << 10);
	struct definition *d;
	struct err why;
	make_room(f);
	if (compile(a, str_dup(a, text), &d, &why) != RC_OK) {
		arena_destroy(a);
		return err_set(err, CODE_BAD_WORKFLOW, "the stored workflow can't be read: %s",
		               why.text);
	}
	struct compiled *c = &f->definitions[f->n_definitions++];
	*c = (struct compiled){ .tenant = tenant,
		                .version = version,
		                .name = str_dup(a, name),
		                .arena = a,
		                .definition = d,
		                .used_at = ++f->clock };
	*ret = c;
	return RC_OK;
}

static enum rc not_found(struct str name, int64_t version, struct err *err)
{
	struct str brief = str_sub(name, 0, WORKFLOW_NAME_MAX);
	if (version)
		return err_set(err, CODE_NOT_FOUND,
		               "there is no version %lld of a workflow \"" STR_FMT "\"",
		               (long long)version, STR_ARG(brief));
	return err_set(err, CODE_NOT_FOUND, "there is no workflow \"" STR_FMT "\"", STR_ARG(brief));
}

enum rc compiled_get(struct flow *f, struct tx *tx, int64_t tenant, struct str name,
                     int64_t version, const struct compiled **ret, struct err *err)
{
	struct rows rows;
	enum rc rc = RC_NOT_FOUND;
	*ret = version ? find(f, tenant, name, version) : NULL;
	if (*ret)
		return RC_OK;
	if (version)
		DB_QUERY(tx->db, SQL_WORKFLOW_GET, &rows, err, BIND_INT(tenant), BIND_STR(name),
		         BIND_INT(version));
	else
		DB_QUERY(tx->db, SQL_WORKFLOW_NEWEST, &rows, err, BIND_INT(tenant), BIND_STR(name));
	if (rows_next(&rows)) {
		int64_t found = rows_int(&rows, 0);
		*ret = find(f, tenant, name, found);
		rc = *ret ? RC_OK : add(f, tenant, name, found, rows_str(&rows, 3), ret, err);
	}
	struct err end_err;
	enum rc end = rows_end(&rows, &end_err);
	if (end != RC_OK) {
		if (err)
			*err = end_err;
		return end;
	}
	return rc == RC_NOT_FOUND ? not_found(name, version, err) : rc;
}
