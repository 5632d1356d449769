/* Reading the settings: see config.h.
 *
 * Each source becomes a JSON object of its own and is checked against the schema by
 * itself, so that an error names the flag, the variable or the line of the file.  Then
 * the objects are laid over each other, weakest first. */
#include <stdio.h>

#include "cli/config.h"

#include "base/arena.h"
#include "base/nearest.h"
#include "cli/embedded.h"
#include "codec/field.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "codec/yaml.h"
#include "sys/file.h"

enum { FILE_MAX = 1 << 20, PROPERTIES_MAX = 32, JSON_MAX = 64 << 10 };

/* The schema, read once; it lives as long as the process. */
static const struct json *config_schema(void)
{
	static const struct json *root;
	static struct arena *a;
	if (root)
		return root;
	a = arena_create(16 << 10);
	struct str text = { (const char *)embedded_config_schema, embedded_config_schema_len };
	struct err err = { 0 };
	enum rc rc = json_read(a, text, NULL, &root, &err);
	assert(rc == RC_OK); /* it is part of the program */
	return root;
}

static const struct json *properties(void)
{
	return json_getz(config_schema(), "properties");
}

bool config_property_at(size_t i, struct config_property *ret)
{
	const struct json *p = json_get(config_schema(), STR("properties"))->first;
	while (p && i--)
		p = p->next;
	if (!p)
		return false;
	*ret = (struct config_property){
		.name = p->name,
		.description = json_get_str(p, "description", STR("")),
		.has_flag = !json_get_bool(p, "x-no-flag", false),
	};
	snprintf(ret->flag, sizeof ret->flag, STR_FMT, STR_ARG(p->name));
	for (char *c = ret->flag; *c; c++)
		*c = *c == '_' ? '-' : *c;
	return true;
}

const char *nearest_name(struct str word, const char *const *names)
{
	struct nearest n = nearest_begin(word);
	for (; *names; names++)
		nearest_offer(&n, str_z(*names));
	return n.best.ptr;
}

/* Unknown names */

/* "a_b" as it is written in that source. */
enum spelling { SPELL_FILE, SPELL_ENVIRONMENT };

static const char *spell(struct arena *a, struct str name, enum spelling how)
{
	char *text = str_dupz(a, name);
	if (how == SPELL_FILE)
		return text;
	for (char *c = text; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return str_dupz(a, str_fmt(a, "TAKT_%s", text));
}

static const char *const *known_names(struct arena *a, enum spelling how)
{
	const char **names = arena_new(a, const char *, PROPERTIES_MAX);
	struct config_property p;
	for (size_t i = 0; config_property_at(i, &p); i++) {
		assert(i < PROPERTIES_MAX - 1);
		names[i] = spell(a, p.name, how);
	}
	return names;
}

static enum rc unknown(struct arena *a, struct str name, enum spelling how, struct err *err)
{
	const char *const *names = known_names(a, how);
	const char *near = nearest_name(name, names);
	if (near)
		return err_set(err, CODE_BAD_CONFIG,
		               "there is no setting " STR_FMT "; did you mean %s?", STR_ARG(name),
		               near);
	return err_set(err, CODE_BAD_CONFIG,
	               "there is no setting " STR_FMT "; `takt serve --print-config` lists them",
	               STR_ARG(name));
}

/* Checking */

/* One value against its property's schema.  The place is the pointer within the value. */
static enum rc check_value(struct arena *a, const struct json *schema, const struct json *value,
                           struct err *err)
{
	struct schema *compiled;
	enum rc rc = schema_compile(schema, NULL, &compiled, err);
	if (rc != RC_OK)
		return rc;
	rc = schema_check(compiled, value, a, err);
	schema_destroy(compiled);
	if (rc == RC_OK)
		return RC_OK;
	char said[sizeof err->text], within[sizeof err->place];
	snprintf(said, sizeof said, "%s", err ? err->text : "");
	snprintf(within, sizeof within, "%s", err ? err->place : "");
	struct str what = json_get_str(schema, "description", STR(""));
	(void)err_set(err, CODE_BAD_CONFIG, "%s. " STR_FMT, said, STR_ARG(what));
	return err_at(err, "%s", within);
}

/* Text from a flag or variable becomes JSON of the property's type. */
static enum rc text_to_json(struct arena *a, const struct json *schema, struct str text,
                            struct buf *out, struct err *err)
{
	struct str type = json_get_str(schema, "type", STR("string"));
	struct json_out o;
	json_out_init(&o, out);
	if (utf8_check(text) != text.len)
		return err_set(err, CODE_BAD_CONFIG, "the value is not UTF-8");
	if (str_eqz(type, "integer")) {
		int64_t v;
		if (str_to_i64(text, &v) != RC_OK)
			return err_set(err, CODE_BAD_CONFIG,
			               "\"" STR_FMT "\" is no integer. " STR_FMT, STR_ARG(text),
			               STR_ARG(json_get_str(schema, "description", STR(""))));
		json_int(&o, v);
	} else if (str_eqz(type, "array")) {
		json_begin_array(&o);
		while (text.len)
			json_str(&o, str_trim(str_cut(text, ',', &text)));
		json_end_array(&o);
	} else {
		json_str(&o, text);
	}
	(void)a;
	return RC_OK;
}

/* The value of each property, from the strongest source so far. */
struct layers {
	struct arena *arena;
	const struct config_report *report;
	struct str raw[PROPERTIES_MAX]; /* JSON; empty: not said */
};

/* A mistake with its place: heard and passed over, or the end. */
static enum rc mistake(const struct layers *l, enum rc rc, const struct err *err)
{
	if (rc == RC_OK || !l->report)
		return rc;
	l->report->fn(l->report->ctx, err);
	return RC_OK;
}

static size_t property_index(struct str name)
{
	size_t i = 0;
	json_each(p, properties()) {
		if (str_eq(p->name, name))
			return i;
		i++;
	}
	return SIZE_MAX;
}

static enum rc set_text(struct layers *l, struct str name, struct str text, struct err *err)
{
	const struct json *schema = json_get(properties(), name);
	struct buf raw = BUF_INIT(JSON_MAX);
	enum rc rc = text_to_json(l->arena, schema, text, &raw, err);
	struct str kept = rc == RC_OK ? str_dup(l->arena, buf_str(&raw)) : (struct str){ 0 };
	buf_fini(&raw);
	const struct json *value;
	if (rc == RC_OK)
		rc = json_read(l->arena, kept, NULL, &value, err);
	if (rc == RC_OK)
		rc = check_value(l->arena, schema, value, err);
	if (rc == RC_OK)
		l->raw[property_index(name)] = kept;
	return rc;
}

/* The file */

static enum rc file_place(struct err *err, const char *path, struct str text, size_t at)
{
	unsigned line, column;
	text_place(text, at, &line, &column);
	return err_at(err, "%s:%u:%u", path, line, column);
}

/* Where the member's name stands: the last time before its value. */
static size_t name_at(struct str text, const struct json *v)
{
	for (size_t at = size_min(v->at, text.len); at-- > 0;)
		if (str_starts(str_sub(text, at, text.len), v->name))
			return at;
	return v->at;
}

/* One member of the file. */
static enum rc take_member(struct layers *l, const char *path, struct str text,
                           const struct json *v, struct err *err)
{
	const struct json *schema = json_get(properties(), v->name);
	if (!schema) {
		(void)unknown(l->arena, v->name, SPELL_FILE, err);
		return file_place(err, path, text, name_at(text, v));
	}
	if (check_value(l->arena, schema, v, err) == RC_OK) {
		l->raw[property_index(v->name)] = v->raw;
		return RC_OK;
	}
	/* The place within the value: the second of a list, say. */
	size_t at = err ? pointer_at(v, str_dup(l->arena, str_z(err->place))) : v->at;
	(void)err_prefix(err, STR_FMT, STR_ARG(v->name));
	return file_place(err, path, text, at);
}

static enum rc take_members(struct layers *l, const char *path, struct str text,
                            const struct json *root, struct err *err)
{
	if (root->type == JSON_NULL) /* nothing but comments */
		return RC_OK;
	if (root->type != JSON_OBJECT) {
		(void)err_set(err, CODE_BAD_CONFIG, "settings are written as NAME: VALUE");
		return file_place(err, path, text, root->at);
	}
	json_each(v, root) {
		enum rc rc = mistake(l, take_member(l, path, text, v, err), err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc read_file(struct layers *l, const char *path, struct err *err)
{
	struct str text;
	const struct json *root;
	enum rc rc = file_read(l->arena, path, FILE_MAX, &text, err);
	if (rc != RC_OK) {
		char said[sizeof err->text];
		snprintf(said, sizeof said, "%s", err ? err->text : "");
		return err_set(err, CODE_BAD_CONFIG, "%s", said);
	}
	rc = yaml_read(l->arena, text, NULL, &root, err);
	if (rc != RC_OK) {
		char place[sizeof err->place], said[sizeof err->text];
		snprintf(place, sizeof place, "%s", err ? err->place : "");
		snprintf(said, sizeof said, "%s", err ? err->text : "");
		(void)err_set(err, CODE_BAD_CONFIG, "%s", said);
		return err_at(err, "%s:%s", path, place);
	}
	return take_members(l, path, text, root, err);
}

/* The environment */

/* Variables that begin with TAKT_ and are no settings: those that takt gives to what it
 * starts, and those that an orchestrator invents for a service called takt. */
static bool is_foreign(struct str name)
{
	static const char *const ours[] = { "TAKT_CONFIG", "TAKT_TASK_ID", "TAKT_ATTEMPT",
		                            "TAKT_KIND",   "TAKT_RUN",     "TAKT_REQUEST_ID",
		                            "TAKT_SOURCE", "TAKT_BUILD" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (str_eqz(name, ours[i]))
			return true;
	return str_starts(name, STR("TAKT_SERVICE_")) || str_starts(name, STR("TAKT_PORT")) ||
	       str_starts(name, STR("TAKT_TEST_"));
}

static struct str property_of_variable(struct arena *a, struct str variable)
{
	struct config_property p;
	for (size_t i = 0; config_property_at(i, &p); i++)
		if (str_eqz(variable, spell(a, p.name, SPELL_ENVIRONMENT)))
			return p.name;
	return (struct str){ 0 };
}

static enum rc read_environment(struct layers *l, const char *const *environment, struct err *err)
{
	for (; environment && *environment; environment++) {
		struct str value;
		struct str name = str_cut(str_z(*environment), '=', &value);
		if (!str_starts(name, STR("TAKT_")) || is_foreign(name) || value.len == 0)
			continue;
		struct str property = property_of_variable(l->arena, name);
		enum rc rc = property.len ? set_text(l, property, value, err)
		                          : unknown(l->arena, name, SPELL_ENVIRONMENT, err);
		if (rc != RC_OK)
			rc = mistake(l, err_at(err, STR_FMT, STR_ARG(name)), err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* The flags */

static enum rc read_flags(struct layers *l, const struct config_sources *s, struct err *err)
{
	struct config_property p;
	for (size_t f = 0; f < s->n_flags; f++) {
		for (size_t i = 0; config_property_at(i, &p); i++) {
			if (strcmp(p.flag, s->flags[f].name) != 0)
				continue;
			enum rc rc = set_text(l, p.name, str_z(s->flags[f].value), err);
			if (rc != RC_OK)
				rc = mistake(l, err_at(err, "--%s", p.flag), err);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

/* Together */

static const char *variable(const struct config_sources *s, const char *name)
{
	size_t len = strlen(name);
	for (const char *const *e = s->environment; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=' && (*e)[len + 1])
			return *e + len + 1;
	return NULL;
}

static const char *file_of(const struct config_sources *s)
{
	for (size_t i = 0; i < s->n_flags; i++)
		if (strcmp(s->flags[i].name, "config") == 0)
			return s->flags[i].value;
	return variable(s, "TAKT_CONFIG");
}

static enum rc default_data(struct arena *a, const struct config_sources *s, const char **ret,
                            struct err *err)
{
	const char *xdg = variable(s, "XDG_DATA_HOME");
	if (xdg && xdg[0] == '/')
		*ret = str_dupz(a, str_fmt(a, "%s/takt", xdg));
	else if (s->home)
		*ret = str_dupz(a, str_fmt(a, "%s/.local/share/takt", s->home));
	else
		return err_set(err, CODE_BAD_CONFIG,
		               "there is no home folder for the data; say --data FOLDER");
	return RC_OK;
}

/* Without the key it may stand on a command line, where everybody can read it. */
static struct str merge(const struct layers *l, bool with_key)
{
	struct buf all = BUF_INIT(JSON_MAX * 4);
	struct json_out o;
	json_out_init(&o, &all);
	json_begin_object(&o);
	size_t i = 0;
	json_each(p, properties()) {
		const struct json *standard = json_getz(p, "default");
		struct str raw = l->raw[i++];
		if (!with_key && str_eqz(p->name, "key"))
			continue;
		if (raw.len == 0 && standard)
			raw = standard->raw;
		if (raw.len) {
			json_key(&o, p->name);
			json_raw(&o, raw);
		}
	}
	json_end_object(&o);
	struct str ret = str_dup(l->arena, buf_str(&all));
	buf_fini(&all);
	return ret;
}

static const char *text_or_null(struct arena *a, const struct json *v, const char *name)
{
	struct str text = json_get_str(v, name, (struct str){ 0 });
	return text.ptr && text.len ? str_dupz(a, text) : NULL;
}

static void take_hosts(struct arena *a, const struct json *hosts, struct config *c)
{
	if (!hosts || hosts->count == 0)
		return;
	const char **list = arena_new(a, const char *, hosts->count);
	json_each(h, hosts)
		list[c->n_hosts++] = str_dupz(a, h->text);
	c->hosts = list;
}

enum rc config_from_json(struct arena *a, struct str json, struct config *ret, struct err *err)
{
	const struct json *v;
	struct str kept = str_dup(a, json);
	enum rc rc = json_read(a, kept, NULL, &v, err);
	if (rc == RC_OK)
		rc = check_value(a, config_schema(), v, err);
	if (rc != RC_OK)
		return rc;
	*ret = (struct config){
		.data = text_or_null(a, v, "data"),
		.listen = text_or_null(a, v, "listen"),
		.makers = text_or_null(a, v, "makers"),
		.log_level = text_or_null(a, v, "log_level"),
		.log_format = text_or_null(a, v, "log_format"),
		.access_log = text_or_null(a, v, "access_log"),
		.server = text_or_null(a, v, "server"),
		.key = text_or_null(a, v, "key"),
		.maker_processes = json_get_int(v, "maker_processes", 0),
		.drain_ms = json_get_int(v, "drain_ms", 0),
		.disk_low_bytes = json_get_int(v, "disk_low_bytes", 0),
		.backup_every_ms = json_get_int(v, "backup_every_ms", 0),
		.backup_keep = json_get_int(v, "backup_keep", 0),
		.task_retention_ms = json_get_int(v, "task_retention_ms", 0),
		.event_retention_ms = json_get_int(v, "event_retention_ms", 0),
		.json = kept,
	};
	take_hosts(a, json_getz(v, "hosts"), ret);
	return RC_OK;
}

enum rc config_read(struct arena *a, const struct config_sources *s, struct config *ret,
                    struct err *err)
{
	struct layers l = { .arena = a, .report = s->report };
	const char *file = file_of(s);
	enum rc rc = file ? mistake(&l, read_file(&l, file, err), err) : RC_OK;
	if (rc == RC_OK)
		rc = read_environment(&l, s->environment, err);
	if (rc == RC_OK)
		rc = read_flags(&l, s, err);
	if (rc != RC_OK)
		return rc;
	struct config c;
	rc = config_from_json(a, merge(&l, true), &c, err);
	if (rc == RC_OK && !c.data)
		rc = default_data(a, s, &c.data, err);
	if (rc == RC_OK) {
		c.file = file;
		c.json = merge(&l, false);
		*ret = c;
	}
	return rc;
}

/* The example */

static void comment(struct buf *out, struct str text)
{
	size_t column = 0;
	while (text.len) {
		struct str word = str_cut(text, ' ', &text);
		if (column == 0 || column + word.len > 88) {
			buf_addz(out, column ? "\n# " : "# ");
			column = 2;
		} else {
			buf_addc(out, ' ');
		}
		buf_add(out, word);
		column += word.len + 1;
	}
	buf_addc(out, '\n');
}

void config_example(struct buf *out)
{
	comment(out, json_get_str(config_schema(), "description", STR("")));
	json_each(p, properties()) {
		const struct json *standard = json_getz(p, "default");
		buf_addc(out, '\n');
		comment(out, json_get_str(p, "description", STR("")));
		const struct json *choices = json_getz(p, "enum");
		if (choices) {
			buf_addz(out, "# One of:");
			json_each(c, choices)
				buf_addf(out, " " STR_FMT, STR_ARG(c->text));
			buf_addc(out, '\n');
		}
		if (standard)
			buf_addf(out, STR_FMT ": " STR_FMT "\n", STR_ARG(p->name),
			         STR_ARG(standard->raw));
		else
			buf_addf(out, "# " STR_FMT ": " STR_FMT "\n", STR_ARG(p->name),
			         STR_ARG(json_get_str(p, "x-example", STR(""))));
	}
}
