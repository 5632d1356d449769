/* makers/lesson/check/place.c: the XML place is the Rojo project.
 *
 * (1) It is well-formed; every instance has a class, a name and a referent of its own.
 * (2) Each instance of the project stands where the project says, with its class; each Luau
 *     file below it is a script of the class its suffix says, with exactly the file's bytes;
 *     and there is nothing else.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/check/xml_read.h"

#define PLACE "game/place.rbxlx"
#define PROJECT "game/default.project.json"

/* One instance: where it stands, what it is, what it says. */
struct instance {
	struct str path, class, source;
	unsigned line;
	bool is_met;
	struct instance *next;
};

struct place {
	struct findings f;
	const struct made_files *files;
	struct instance *instances;
	size_t n_instances, n_scripts;
};

/* --- (1) the place --- */

static struct str property(const struct xml_node *item, const char *name)
{
	const struct xml_node *properties = xml_child(item, "Properties");
	for (const struct xml_node *v = properties ? properties->first : NULL; v; v = v->next) {
		if (str_eqz(xml_attribute(v, "name"), name))
			return v->text;
	}
	return STR("");
}

static void read_items(struct place *p, const struct xml_node *parent, struct str above)
{
	struct arena *a = p->f.arena;
	for (const struct xml_node *item = parent->first; item; item = item->next) {
		struct str place = str_fmt(a, PLACE ":%u", item->line);
		if (str_eqz(item->name, "Properties") && str_eqz(parent->name, "Item"))
			continue;
		struct str referent = str_fmt(a, "RBX%zu", ++p->n_instances);
		if (!str_eqz(item->name, "Item") ||
		    !str_eq(xml_attribute(item, "referent"), referent))
			finding_add(&p->f, place, "this is no item with the referent " STR_FMT,
			            STR_ARG(referent));
		struct instance *one = arena_new(a, struct instance, 1);
		one->path = str_fmt(a, STR_FMT "/" STR_FMT, STR_ARG(above),
		                    STR_ARG(property(item, "Name")));
		one->class = xml_attribute(item, "class");
		one->source = property(item, "Source");
		one->line = item->line;
		one->next = p->instances;
		p->instances = one;
		read_items(p, item, one->path);
	}
}

/* --- (2) the project --- */

static struct instance *find(struct place *p, struct str path)
{
	for (struct instance *one = p->instances; one; one = one->next) {
		if (str_eq(one->path, path))
			return one;
	}
	return NULL;
}

static void expect(struct place *p, struct str path, struct str class, struct str source)
{
	struct instance *one = find(p, path);
	if (!one) {
		finding_add(&p->f, STR(PLACE), STR_FMT " is missing", STR_ARG(path));
		return;
	}
	struct str place = str_fmt(p->f.arena, PLACE ":%u", one->line);
	one->is_met = true;
	if (!str_eq(one->class, class))
		finding_add(&p->f, place, STR_FMT " is a " STR_FMT ", not a " STR_FMT,
		            STR_ARG(path), STR_ARG(one->class), STR_ARG(class));
	if (!str_eq(one->source, source))
		finding_add(&p->f, place, STR_FMT " has not the source of the project",
		            STR_ARG(path));
}

static void expect_script(struct place *p, struct str above, struct str name, struct str source)
{
	static const struct {
		struct str suffix, class;
	} kinds[] = {
		{ STR_INIT(".server.luau"), STR_INIT("Script") },
		{ STR_INIT(".client.luau"), STR_INIT("LocalScript") },
		{ STR_INIT(".luau"), STR_INIT("ModuleScript") },
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!str_ends(name, kinds[i].suffix))
			continue;
		name.len -= kinds[i].suffix.len;
		p->n_scripts++;
		expect(p, str_fmt(p->f.arena, STR_FMT "/" STR_FMT, STR_ARG(above), STR_ARG(name)),
		       kinds[i].class, source);
		return;
	}
}

static void expect_node(struct place *p, const struct json *node, struct str path)
{
	struct arena *a = p->f.arena;
	struct str folder = member_text(node, "$path");
	if (path.len > 0)
		expect(p, path, json_get_str(node, "$className", STR("Folder")), STR(""));
	struct str prefix = str_fmt(a, "game/" STR_FMT "/", STR_ARG(folder));
	for (size_t i = 0; i < p->files->n && folder.len > 0; i++) {
		const struct made_file *file = &p->files->items[i];
		if (str_starts(file->path, prefix))
			expect_script(p, path, str_sub(file->path, prefix.len, file->path.len),
			              file->bytes);
	}
	json_each(child, node) {
		if (child->type == JSON_OBJECT && !str_starts(child->name, STR("$")))
			expect_node(p, child,
			            str_fmt(a, STR_FMT "/" STR_FMT, STR_ARG(path),
			                    STR_ARG(child->name)));
	}
}

static void compare(struct place *p)
{
	const struct made_file *file = made_files_find(p->files, STR(PROJECT));
	const struct json *project = NULL;
	const struct json *tree = NULL;
	if (file && json_read(p->f.arena, file->bytes, NULL, &project, NULL) == RC_OK)
		tree = json_getz(project, "tree");
	if (!tree) {
		finding_add(&p->f, STR(PROJECT), "there is no project to compare the place with");
		return;
	}
	expect_node(p, tree, STR(""));
	for (const struct instance *one = p->instances; one; one = one->next) {
		if (!one->is_met)
			finding_add(&p->f, str_fmt(p->f.arena, PLACE ":%u", one->line),
			            STR_FMT " is not in the project", STR_ARG(one->path));
	}
}

void check_place(struct arena *a, const struct json *spec, const struct made_files *files,
                 struct check_result *ret)
{
	const struct made_file *file = made_files_find(files, STR(PLACE));
	struct place p = { .files = files };
	struct xml_node *root;
	struct err err = { 0 };
	(void)spec;
	findings_init(&p.f, a);
	if (!file) {
		finding_add(&p.f, STR(PLACE), "the file is missing");
	} else if (xml_read(a, file->bytes, &root, &err) != RC_OK) {
		finding_add(&p.f, str_fmt(a, PLACE ":%s", err.place), "%s", err.text);
	} else if (!str_eqz(root->name, "roblox") ||
	           !str_eqz(xml_attribute(root, "version"), "4")) {
		finding_add(&p.f, STR(PLACE ":1"), "it is no place of version 4");
	} else {
		read_items(&p, root, STR(""));
		compare(&p);
	}
	findings_end(&p.f, ret, "%zu instances, %zu scripts with the project's sources",
	             p.n_instances, p.n_scripts);
}
