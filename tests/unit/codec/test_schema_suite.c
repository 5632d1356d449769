/* The required tests of JSON Schema draft 2020-12, all of them.  The documents under
 * remotes/ are given to the validator as http://localhost:1234/…, as the suite asks. */
#include "suite.h"

#include <sys/stat.h>

#include "codec/schema.h"

enum { REMOTES_MAX = 200 };

struct suite {
	struct arena *arena;
	struct schema_doc remotes[REMOTES_MAX];
	size_t n_remotes, root_len, files, passed, failed;
};

static void add_remote(const char *path, void *with)
{
	struct suite *s = with;
	assert(s->n_remotes < REMOTES_MAX);
	struct str uri = str_fmt(s->arena, "http://localhost:1234%s", path + s->root_len);
	s->remotes[s->n_remotes++] = (struct schema_doc){ uri, suite_json(s->arena, path) };
}

static void add_remotes(struct suite *s, const char *folder)
{
	struct dirent **entries;
	suite_files(folder, add_remote, s);
	int n = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[1024];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			add_remotes(s, path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void run_case(struct suite *s, const char *path, const struct json *group)
{
	struct schema_options options = { .docs = s->remotes, .n_docs = s->n_remotes };
	struct schema *schema = NULL;
	struct err err = { 0 };
	enum rc compiled = schema_compile(json_getz(group, "schema"), &options, &schema, &err);
	if (compiled != RC_OK)
		printf("%s: %.*s: not compiled: %s at %s\n", path,
		       STR_ARG(json_get_str(group, "description", STR("?"))), err.text, err.place);
	json_each(test, json_getz(group, "tests")) {
		bool is_valid = compiled == RC_OK && schema_check(schema, json_getz(test, "data"),
		                                                  s->arena, &err) == RC_OK;
		bool is_right =
		        compiled == RC_OK && is_valid == json_get_bool(test, "valid", false);
		s->passed += is_right;
		s->failed += !is_right;
		if (!is_right)
			printf("%s: %.*s: %.*s\n", path,
			       STR_ARG(json_get_str(group, "description", STR("?"))),
			       STR_ARG(json_get_str(test, "description", STR("?"))));
	}
	schema_destroy(schema);
}

static void run_file(const char *path, void *with)
{
	struct suite *s = with;
	s->files++;
	json_each(group, suite_json(s->arena, path))
		run_case(s, path, group);
}

int main(int argc, char **argv)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	struct suite s = { .arena = arena };
	char folder[512], remotes[600];
	snprintf(folder, sizeof folder, "%s/json-schema-2020-12", suite_data(argc, argv));
	snprintf(remotes, sizeof remotes, "%s/remotes", folder);
	s.root_len = strlen(remotes);
	add_remotes(&s, remotes);
	suite_files(folder, run_file, &s);
	if (s.files == 0) {
		printf("skipped: the JSON Schema suite is not at %s\n", folder);
		return SUITE_SKIPPED;
	}
	printf("JSON Schema 2020-12: %zu passed, %zu failed, %zu files\n", s.passed, s.failed,
	       s.files);
	return s.failed || s.passed == 0;
}
