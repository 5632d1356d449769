/* makers/lesson/check/project.c: the Rojo project as Roblox will see it.
 *
 * Definition: a file is *replicated* when a path of the project puts it anywhere but
 * under ServerScriptService or ServerStorage.
 *
 * (1) Every $path exists, and every Luau file is reached by one.
 * (2) The key's module is not replicated, and no replicated file names it, an
 *     explanation or a source sentence.
 * (3) LessonData holds what the spec makes public and not one field more.
 * (4) The key leads to the answers of the spec: keys.c.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"

#define LESSON_DATA "game/src/shared/LessonData.luau"

struct mount {           /* one $path */
	struct str path; /* in the artifact */
	bool is_server;
	struct mount *next;
};

struct project {
	struct findings f;
	const struct made_files *files;
	const struct json *spec;
	struct mount *mounts;
	size_t n_paths;
};

/* --- (1) paths --- */

static bool is_below(struct str path, struct str folder)
{
	return path.len > folder.len && str_starts(path, folder) && path.ptr[folder.len] == '/';
}

static bool exists(const struct made_files *files, struct str path)
{
	for (size_t i = 0; i < files->n; i++) {
		if (str_eq(files->items[i].path, path) || is_below(files->items[i].path, path))
			return true;
	}
	return false;
}

static void add_mount(struct project *p, struct str path, bool is_server, struct str place)
{
	struct mount *m = arena_new(p->f.arena, struct mount, 1);
	m->path = str_fmt(p->f.arena, "game/" STR_FMT, STR_ARG(path));
	m->is_server = is_server;
	m->next = p->mounts;
	p->mounts = m;
	p->n_paths++;
	if (!exists(p->files, m->path))
		finding_add(&p->f, place, "the path " STR_FMT " does not exist", STR_ARG(path));
}

static void walk_node(struct project *p, const struct json *node, struct str pointer,
                      bool is_server)
{
	struct str class = member_text(node, "$className");
	struct str path = member_text(node, "$path");
	is_server |= str_eqz(class, "ServerScriptService") || str_eqz(class, "ServerStorage");
	if (path.len > 0)
		add_mount(p, path, is_server,
		          str_fmt(p->f.arena, "game/default.project.json#" STR_FMT "/$path",
		                  STR_ARG(pointer)));
	json_each(child, node) {
		if (child->type != JSON_OBJECT || str_starts(child->name, STR("$")))
			continue;
		bool is_named = str_eqz(child->name, "ServerScriptService") ||
		                str_eqz(child->name, "ServerStorage");
		walk_node(p, child,
		          str_fmt(p->f.arena, STR_FMT "/" STR_FMT, STR_ARG(pointer),
		                  STR_ARG(child->name)),
		          is_server || is_named);
	}
}

static void read_project(struct project *p)
{
	const struct made_file *file = made_files_find(p->files, STR("game/default.project.json"));
	const struct json *project;
	struct err err = { 0 };
	if (!file) {
		finding_add(&p->f, STR("game/default.project.json"), "the file is missing");
	} else if (json_read(p->f.arena, file->bytes, NULL, &project, &err) != RC_OK) {
		finding_add(&p->f, str_fmt(p->f.arena, "game/default.project.json:%s", err.place),
		            "%s", err.text);
	} else {
		const struct json *tree = json_getz(project, "tree");
		if (!tree || tree->type != JSON_OBJECT)
			finding_add(&p->f, STR("game/default.project.json"), "it has no tree");
		else
			walk_node(p, tree, STR("/tree"), false);
	}
}

/* --- (2) what a player's device receives --- */

static bool is_replicated(const struct project *p, struct str path, bool *is_reached)
{
	bool ret = false;
	*is_reached = false;
	for (const struct mount *m = p->mounts; m; m = m->next) {
		if (!str_eq(path, m->path) && !is_below(path, m->path))
			continue;
		*is_reached = true;
		ret |= !m->is_server;
	}
	return ret;
}

/* A literal that carries what is told only after answering. */
static bool tells_key(const struct project *p, struct str literal)
{
	json_each(question, member_list(p->spec, "questions")) {
		struct str explanation = member_text(question, "explanation");
		struct str prompt = member_text(question, "prompt");
		if (explanation.len > 0 && str_find(literal, explanation, 0) != SIZE_MAX &&
		    str_find(prompt, explanation, 0) == SIZE_MAX)
			return true;
	}
	return false;
}

static void check_tokens(struct project *p, const struct made_file *file, bool is_client)
{
	struct arena *a = p->f.arena;
	struct luau_lexer lexer;
	struct luau_token token;
	struct err err = { 0 };
	luau_lexer_init(&lexer, a, file->bytes);
	for (;;) {
		if (luau_next(&lexer, &token, &err) != RC_OK) {
			finding_add(&p->f,
			            str_fmt(a, STR_FMT ":%s", STR_ARG(file->path), err.place), "%s",
			            err.text);
			return;
		}
		if (token.kind == LUAU_END)
			return;
		struct str place = str_fmt(a, STR_FMT ":%u", STR_ARG(file->path), token.line);
		if (is_client && str_eqz(token.text, "AnswerKey"))
			finding_add(&p->f, place, "replicated code names the answer key");
		if (is_client && token.kind == LUAU_STRING && tells_key(p, token.text))
			finding_add(&p->f, place, "a replicated text holds an explanation");
	}
}

static void check_luau_file(struct project *p, const struct made_file *file)
{
	bool is_reached, is_client = is_replicated(p, file->path, &is_reached);
	if (!str_starts(file->bytes, STR("--!strict\n")))
		finding_add(&p->f, str_fmt(p->f.arena, STR_FMT ":1", STR_ARG(file->path)),
		            "the file does not begin with --!strict");
	if (!is_reached)
		finding_add(&p->f, file->path, "no path of the project reaches the file");
	if (is_client && str_ends(file->path, STR("/AnswerKey.luau")))
		finding_add(&p->f, file->path, "the answer key is replicated to players");
	check_tokens(p, file, is_client);
}

/* --- (3) public data --- */

static bool only_fields(struct project *p, const struct json *table, struct str place,
                        const char *const *names, size_t n)
{
	bool ret = true;
	json_each(field, table) {
		bool is_known = false;
		for (size_t i = 0; i < n; i++)
			is_known |= str_eqz(field->name, names[i]);
		if (!is_known)
			finding_add(&p->f, place,
			            "the field " STR_FMT " may not be in replicated data",
			            STR_ARG(field->name));
		ret &= is_known;
	}
	return ret;
}

static void check_options(struct project *p, const struct json *question, const struct json *shown,
                          struct str place)
{
	const struct json *options = member_list(shown, "options");
	const struct json *lefts = member_list(shown, "lefts");
	size_t n, moved = 0;
	const struct json **right = question_options(p->f.arena, question, &n);
	bool is_equal = options->count == n;
	for (size_t i = 0; i < n; i++) {
		const struct json *at = json_at(options, i);
		is_equal &= right[i] && json_holds_text(options, right[i]->text);
		moved += at && right[i] && !str_eq(at->text, right[i]->text);
	}
	if (!is_equal)
		finding_add(&p->f, place, "the options are not those of the spec");
	if (n > 0 && moved == 0 && !str_eqz(member_text(question, "type"), "choice"))
		finding_add(&p->f, place, "the options stand in their solved order");
	size_t i = 0;
	json_each(pair, member_list(question, "pairs")) {
		const struct json *left = json_at(lefts, i++);
		if (!left || !str_eq(left->text, member_text(pair, "left")))
			finding_add(&p->f, place, "the left sides are not those of the spec");
	}
	if (lefts->count != i)
		finding_add(&p->f, place, "there are more left sides than the spec has");
}

static void check_public_question(struct project *p, const struct json *question,
                                  const struct json *shown, size_t index)
{
	static const char *const fields[] = { "id",      "kind",  "section",    "stage", "prompt",
		                              "options", "lefts", "difficulty", "unit" };
	struct str place = str_fmt(p->f.arena, LESSON_DATA "#/questions/%zu", index);
	only_fields(p, shown, place, fields, ARRAY_LEN(fields));
	if (!str_eq(member_text(shown, "id"), member_text(question, "id")) ||
	    !str_eq(member_text(shown, "kind"), member_text(question, "type")) ||
	    !str_eq(member_text(shown, "prompt"), member_text(question, "prompt")) ||
	    !str_eq(member_text(shown, "unit"), member_text(question, "unit")))
		finding_add(&p->f, place, "id, kind, unit or prompt is not that of the spec");
	check_options(p, question, shown, place);
}

static void check_public(struct project *p, const struct json *data)
{
	static const char *const fields[] = { "id",     "title",        "objectives", "stages",
		                              "levels", "achievements", "questions" };
	const struct json *questions = member_list(p->spec, "questions");
	const struct json *shown = member_list(data, "questions");
	only_fields(p, data, STR(LESSON_DATA), fields, ARRAY_LEN(fields));
	if (shown->count != questions->count)
		finding_add(&p->f, STR(LESSON_DATA), "it has %u questions, the spec %u",
		            (unsigned)shown->count, (unsigned)questions->count);
	size_t index = 0;
	json_each(question, questions) {
		const struct json *one = json_at(shown, index);
		if (one)
			check_public_question(p, question, one, index);
		index++;
	}
}

/* --- All --- */

static const struct json *read_table(struct project *p, const char *path)
{
	const struct made_file *file = made_files_find(p->files, str_z(path));
	const struct json *ret = NULL;
	struct err err = { 0 };
	if (!file)
		finding_add(&p->f, str_z(path), "the file is missing");
	else if (luau_table(p->f.arena, file->bytes, &ret, &err) != RC_OK)
		finding_add(&p->f, str_fmt(p->f.arena, "%s:%s", path, err.place), "%s", err.text);
	return ret;
}

void check_project(struct arena *a, const struct json *spec, const struct made_files *files,
                   struct check_result *ret)
{
	struct project p = { .files = files, .spec = spec };
	size_t n_luau = 0;
	findings_init(&p.f, a);
	read_project(&p);
	for (size_t i = 0; i < files->n; i++) {
		struct str path = files->items[i].path;
		if (!str_ends(path, STR(".luau")) && !str_ends(path, STR(".lua")))
			continue;
		check_luau_file(&p, &files->items[i]);
		n_luau++;
	}
	const struct json *data = read_table(&p, LESSON_DATA);
	const struct json *keys = read_table(&p, "game/src/server/AnswerKey.luau");
	if (data)
		check_public(&p, data);
	if (data && keys)
		keys_compare(&p.f, spec, data, keys);
	findings_end(&p.f, ret, "%zu paths, %zu strict Luau files, the key only on the server",
	             p.n_paths, n_luau);
}
