/* makers/lesson/generate/place.c: the Rojo project as one XML place.
 *
 * Walks game/default.project.json as `rojo build` would: a node with $className is an
 * instance, one with $path holds what the folder holds, and a Luau file is a script whose
 * class its suffix says.  So the place and the project cannot differ.
 *
 * (1) Instances come in the order of the project, files in bytewise order; referents count
 *     up: the same project gives the same bytes.
 * (2) A source stands in CDATA; "]]>" inside of it is split between two sections, so that
 *     no text ends its own.
 */
#include "makers/lesson/generate/parts.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/mustache.h"
#include "makers/files.h"

enum { PLACE_MAX = 16 << 20 };
#define PROJECT "game/default.project.json"

struct place {
	struct buf out;
	const struct made_files *files;
	struct arena *arena;
	int n_items, depth;
};

static void begin_line(struct place *p)
{
	for (int i = 0; i < p->depth; i++)
		buf_addc(&p->out, '\t');
}

static void add_line(struct place *p, const char *line)
{
	begin_line(p);
	buf_addz(&p->out, line);
	buf_addc(&p->out, '\n');
}

/* --- Properties --- */

static void add_text(struct place *p, const char *name, struct str text)
{
	begin_line(p);
	buf_addf(&p->out, "<string name=\"%s\">", name);
	mustache_escape_html(&p->out, text);
	buf_addz(&p->out, "</string>\n");
}

static void add_source(struct place *p, struct str source)
{
	size_t at = 0, end;
	begin_line(p);
	buf_addz(&p->out, "<ProtectedString name=\"Source\"><![CDATA[");
	while ((end = str_find(source, STR("]]>"), at)) != SIZE_MAX) {
		buf_add(&p->out, str_sub(source, at, end + 2 - at));
		buf_addz(&p->out, "]]><![CDATA[");
		at = end + 2;
	}
	buf_add(&p->out, str_sub(source, at, source.len));
	buf_addz(&p->out, "]]></ProtectedString>\n");
}

static void add_vector(struct place *p, const struct json *list)
{
	static const char *const axes[] = { "X", "Y", "Z" };
	for (size_t i = 0; i < 3; i++) {
		const struct json *v = json_at(list, i);
		buf_addf(&p->out, "<%s>" STR_FMT "</%s>", axes[i], STR_ARG(v ? v->raw : STR("0")),
		         axes[i]);
	}
}

/* The file format has names of its own for these two; a position is a frame that is not
 * turned. */
static void add_property(struct place *p, const struct json *v)
{
	begin_line(p);
	if (v->type == JSON_BOOL) {
		buf_addf(&p->out, "<bool name=\"" STR_FMT "\">%s</bool>", STR_ARG(v->name),
		         v->boolean ? "true" : "false");
	} else if (str_eqz(v->name, "Size")) {
		buf_addz(&p->out, "<Vector3 name=\"size\">");
		add_vector(p, v);
		buf_addz(&p->out, "</Vector3>");
	} else {
		assert(str_eqz(v->name, "Position")); /* the template has no others */
		buf_addz(&p->out, "<CoordinateFrame name=\"CFrame\">");
		add_vector(p, v);
		buf_addz(&p->out, "<R00>1</R00><R01>0</R01><R02>0</R02><R10>0</R10><R11>1</R11>"
		                  "<R12>0</R12><R20>0</R20><R21>0</R21><R22>1</R22>"
		                  "</CoordinateFrame>");
	}
	buf_addc(&p->out, '\n');
}

/* --- Items --- */

static void begin_item(struct place *p, struct str class, struct str name)
{
	begin_line(p);
	buf_addf(&p->out, "<Item class=\"" STR_FMT "\" referent=\"RBX%d\">\n", STR_ARG(class),
	         ++p->n_items);
	p->depth++;
	add_line(p, "<Properties>");
	p->depth++;
	add_text(p, "Name", name);
}

static void end_properties(struct place *p)
{
	p->depth--;
	add_line(p, "</Properties>");
}

static void end_item(struct place *p)
{
	p->depth--;
	add_line(p, "</Item>");
}

static void add_script(struct place *p, struct str file_name, struct str source)
{
	static const struct {
		struct str suffix, class;
	} kinds[] = {
		{ STR_INIT(".server.luau"), STR_INIT("Script") },
		{ STR_INIT(".client.luau"), STR_INIT("LocalScript") },
		{ STR_INIT(".luau"), STR_INIT("ModuleScript") },
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!str_ends(file_name, kinds[i].suffix))
			continue;
		begin_item(p, kinds[i].class,
		           str_sub(file_name, 0, file_name.len - kinds[i].suffix.len));
		add_source(p, source);
		end_properties(p);
		end_item(p);
		return;
	}
}

static void add_folder(struct place *p, struct str path)
{
	struct str prefix = str_fmt(p->arena, "game/" STR_FMT "/", STR_ARG(path));
	for (size_t i = 0; i < p->files->n; i++) {
		const struct made_file *file = &p->files->items[i];
		struct str rest = str_sub(file->path, prefix.len, file->path.len);
		if (str_starts(file->path, prefix) && str_find(rest, STR("/"), 0) == SIZE_MAX)
			add_script(p, rest, file->bytes);
	}
}

static void add_children(struct place *p, const struct json *node);

static void add_node(struct place *p, const struct json *node)
{
	const struct json *properties = json_getz(node, "$properties");
	begin_item(p, json_get_str(node, "$className", STR("Folder")), node->name);
	for (const struct json *v = properties ? properties->first : NULL; v; v = v->next)
		add_property(p, v);
	end_properties(p);
	add_children(p, node);
	end_item(p);
}

static void add_children(struct place *p, const struct json *node)
{
	struct str path = json_get_str(node, "$path", STR(""));
	if (path.len > 0)
		add_folder(p, path);
	json_each(child, node) {
		if (child->type == JSON_OBJECT && !str_starts(child->name, STR("$")))
			add_node(p, child);
	}
}

enum rc place_add(struct arena *a, struct made_files *files, struct err *err)
{
	struct place p = { .out = BUF_INIT(PLACE_MAX), .files = files, .arena = a, .depth = 1 };
	const struct made_file *file = made_files_find(files, STR(PROJECT));
	const struct json *project;
	assert(file);
	enum rc rc = json_read(a, file->bytes, NULL, &project, err);
	if (rc != RC_OK)
		return err_prefix(err, PROJECT);
	buf_addz(&p.out, "<roblox version=\"4\">\n");
	add_children(&p, json_getz(project, "tree"));
	buf_addz(&p.out, "</roblox>\n");
	if (buf_rc(&p.out) == RC_OK)
		rc = made_files_add(files, STR("game/place.rbxlx"), buf_str(&p.out), err);
	else
		rc = err_set(err, CODE_TOO_LARGE, "the place would pass 16 MiB");
	buf_fini(&p.out);
	return rc;
}
