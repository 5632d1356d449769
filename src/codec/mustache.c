/* Mustache: see mustache.h.
 *
 * A template is parsed into a tree of parts, which is then rendered over a stack of
 * contexts.  A partial is parsed when it is met, so recursive ones end with the data;
 * one that stands alone on its line is indented first, as the specification asks.
 *
 * Falsey are: nothing, null, false, "" and the empty array.  A strict rendering refuses
 * {{name}} and {{>name}} that resolve to nothing; a section may ask for what is absent.
 */
#include "codec/mustache.h"

#include "base/arena.h"
#include "codec/json_priv.h"
#include "codec/yaml.h"

enum { NESTING_MAX = 64, STEPS_MAX = 4000000, DELIMITER_MAX = 32 };

enum part_type { PART_TEXT, PART_ESCAPED, PART_RAW, PART_SECTION, PART_INVERTED, PART_PARTIAL };

struct part {
	enum part_type type;
	struct str text;   /* PART_TEXT: the text, else the name */
	struct str indent; /* PART_PARTIAL, when it stands alone */
	size_t at;         /* offset in the template */
	struct part *first, *next;
};

struct render {
	struct arena *arena;
	const struct json *partials;
	mustache_escape *escape;
	bool is_strict;
	struct buf *out;
	unsigned nesting;
	int64_t steps_left;
	struct err *err;
};

struct source {
	struct render *r;
	struct str text, name; /* name: of the partial, for errors */
	struct str open, close;
	size_t p;
};

struct context {
	const struct context *up;
	const struct json *value;
};

static enum rc refuse(const struct source *s, size_t at, enum code code, const char *sentence,
                      struct str name)
{
	unsigned line, column;
	struct str brief = text_brief(name, 80);
	if (!s->r->err)
		return code_rc(code);
	text_place(s->text, at, &line, &column);
	err_set(s->r->err, code, "%s" STR_FMT "%s", sentence, STR_ARG(brief), name.len ? "}}" : "");
	return err_at(s->r->err, STR_FMT "%s%u:%u", STR_ARG(s->name), s->name.len ? ":" : "", line,
	              column);
}

/* --- parsing --- */

struct tag {
	char kind; /* the sigil: # ^ / > ! = { & or 0 */
	struct str name;
	size_t begin, end; /* of the whole tag */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The tag whose opening delimiter stands at s->p. */
static enum rc read_tag(struct source *s, struct tag *ret)
{
	struct tag tag = { .begin = s->p };
	size_t p = s->p + s->open.len;
	char after[DELIMITER_MAX + 1];
	struct str close = s->close;
	while (p < s->text.len && is_blank(s->text.ptr[p]))
		p++;
	if (p < s->text.len && strchr("#^/>!={&", s->text.ptr[p]) && s->text.ptr[p])
		tag.kind = s->text.ptr[p++];
	if (tag.kind == '{' || tag.kind == '=') {
		after[0] = tag.kind == '{' ? '}' : '=';
		memcpy(after + 1, s->close.ptr, s->close.len);
		close = (struct str){ after, s->close.len + 1 };
	}
	size_t end = str_find(s->text, close, p);
	if (end == SIZE_MAX)
		return refuse(s, tag.begin, CODE_INVALID, "this tag is never closed", STR(""));
	tag.name = str_trim(str_sub(s->text, p, end - p));
	tag.end = end + close.len;
	if (tag.name.len == 0 && tag.kind != '!')
		return refuse(s, tag.begin, CODE_INVALID, "this tag has no name", STR(""));
	*ret = tag;
	return RC_OK;
}

/* Is the tag alone on its line?  Then *line_begin and *line_end are where the line is. */
static bool stands_alone(const struct source *s, const struct tag *tag, size_t *line_begin,
                         size_t *line_end)
{
	size_t begin = tag->begin, end = tag->end;
	if (tag->kind == 0 || tag->kind == '{' || tag->kind == '&')
		return false;
	while (begin > 0 && is_blank(s->text.ptr[begin - 1]))
		begin--;
	if (begin > 0 && s->text.ptr[begin - 1] != '\n')
		return false;
	while (end < s->text.len && is_blank(s->text.ptr[end]))
		end++;
	if (end + 1 < s->text.len && s->text.ptr[end] == '\r' && s->text.ptr[end + 1] == '\n')
		end++;
	if (end < s->text.len && s->text.ptr[end] != '\n')
		return false;
	*line_begin = begin;
	*line_end = end < s->text.len ? end + 1 : end;
	return true;
}

/* "{{=<% %>=}}": two delimiters without blanks or '='. */
static enum rc set_delimiters(struct source *s, const struct tag *tag)
{
	struct str rest;
	struct str open = str_cut(tag->name, ' ', &rest);
	struct str close = str_trim(rest);
	bool is_good = open.len && close.len && open.len <= DELIMITER_MAX &&
	               close.len < DELIMITER_MAX && !memchr(open.ptr, '=', open.len) &&
	               !memchr(close.ptr, '=', close.len) && !memchr(close.ptr, ' ', close.len);
	if (!is_good)
		return refuse(s, tag->begin, CODE_INVALID,
		              "delimiters are two words without '=', as in {{=<% %>=}}", STR(""));
	s->open = open;
	s->close = close;
	return RC_OK;
}

static struct part *add_part(struct source *s, struct part ***link, enum part_type type,
                             struct str text, size_t at)
{
	struct part *part = arena_new(s->r->arena, struct part, 1);
	*part = (struct part){ .type = type, .text = text, .at = at };
	**link = part;
	*link = &part->next;
	return part;
}

static enum rc parse_parts(struct source *s, struct part **first, const struct tag *section);

static enum rc parse_section(struct source *s, struct part ***link, const struct tag *tag)
{
	enum part_type type = tag->kind == '#' ? PART_SECTION : PART_INVERTED;
	struct part *part = add_part(s, link, type, tag->name, tag->begin);
	if (s->r->nesting == NESTING_MAX)
		return refuse(s, tag->begin, CODE_TOO_LARGE, "sections are nested too deep",
		              STR(""));
	s->r->nesting++;
	enum rc rc = parse_parts(s, &part->first, tag);
	s->r->nesting--;
	return rc;
}

static enum rc add_tag(struct source *s, struct part ***link, const struct tag *tag,
                       struct str indent)
{
	switch (tag->kind) {
	case '#':
	case '^':
		return parse_section(s, link, tag);
	case '>':
		add_part(s, link, PART_PARTIAL, tag->name, tag->begin)->indent = indent;
		return RC_OK;
	case '=':
		return set_delimiters(s, tag);
	case '!':
		return RC_OK;
	default:
		add_part(s, link, tag->kind ? PART_RAW : PART_ESCAPED, tag->name, tag->begin);
		return RC_OK;
	}
}

/* Reads text and the tag behind it; RC_OK and *tag with kind '\n' at the end. */
static enum rc next_tag(struct source *s, struct part ***link, struct tag *tag, struct str *indent)
{
	size_t begin = s->p, at = str_find(s->text, s->open, s->p), line_begin, line_end;
	*tag = (struct tag){ .kind = '\n', .begin = s->text.len };
	*indent = (struct str){ 0 };
	s->p = at == SIZE_MAX ? s->text.len : at;
	if (at != SIZE_MAX) {
		enum rc rc = read_tag(s, tag);
		if (rc != RC_OK)
			return rc;
	}
	size_t text_end = s->p;
	if (at != SIZE_MAX)
		s->p = tag->end;
	if (at != SIZE_MAX && stands_alone(s, tag, &line_begin, &line_end)) {
		*indent = str_sub(s->text, line_begin, at - line_begin);
		text_end = line_begin > begin ? line_begin : begin;
		s->p = line_end;
	}
	if (text_end > begin)
		add_part(s, link, PART_TEXT, str_sub(s->text, begin, text_end - begin), begin);
	return RC_OK;
}

/* Parts up to the end of `section`, or of the text when it is NULL. */
static enum rc parse_parts(struct source *s, struct part **first, const struct tag *section)
{
	struct part **link = first;
	for (;;) {
		struct tag tag;
		struct str indent;
		enum rc rc = next_tag(s, &link, &tag, &indent);
		if (rc != RC_OK)
			return rc;
		if (tag.kind == '\n')
			return section ? refuse(s, section->begin, CODE_INVALID,
			                        "this section is never closed: {{#", section->name)
			               : RC_OK;
		if (tag.kind == '/') {
			if (!section || !str_eq(tag.name, section->name))
				return refuse(s, tag.begin, CODE_INVALID,
				              "this closes a section that is not open: {{/",
				              tag.name);
			return RC_OK;
		}
		rc = add_tag(s, &link, &tag, indent);
		if (rc != RC_OK)
			return rc;
	}
}

/* --- rendering --- */

/* A member; a search among many is paid for from the steps. */
static const struct json *member_of(struct render *r, const struct json *v, struct str name)
{
	r->steps_left -= v->count / 16;
	return json_get(v, name);
}

static const struct json *look_up(struct render *r, const struct context *context, struct str name)
{
	struct str rest, part;
	const struct json *found = NULL;
	if (str_eqz(name, "."))
		return context->value;
	part = str_cut(name, '.', &rest);
	for (; context && !found; context = context->up)
		found = member_of(r, context->value, part);
	while (found && rest.ptr) {
		part = str_cut(rest, '.', &rest);
		found = member_of(r, found, part);
	}
	return found;
}

static bool is_falsey(const struct json *v)
{
	return !v || v->type == JSON_NULL || (v->type == JSON_BOOL && !v->boolean) ||
	       (v->type == JSON_ARRAY && v->count == 0) ||
	       (v->type == JSON_STRING && v->text.len == 0);
}

static enum rc render_parts(const struct source *s, const struct part *first,
                            const struct context *context);

static enum rc render_value(const struct source *s, const struct part *part,
                            const struct context *context)
{
	const struct json *v = look_up(s->r, context, part->text);
	if (!v && s->r->is_strict)
		return refuse(s, part->at, CODE_INVALID, "there is no value for {{", part->text);
	if (!v || v->type == JSON_NULL)
		return RC_OK;
	struct str text = v->type == JSON_STRING ? v->text : v->raw;
	if (part->type == PART_RAW)
		buf_add(s->r->out, text);
	else
		s->r->escape(s->r->out, text);
	return RC_OK;
}

static enum rc render_inside(const struct source *s, const struct part *part,
                             const struct context *up, const struct json *value)
{
	struct context context = { up, value };
	return render_parts(s, part->first, &context);
}

static enum rc render_section(const struct source *s, const struct part *part,
                              const struct context *context)
{
	const struct json *v = look_up(s->r, context, part->text);
	if (part->type == PART_INVERTED)
		return is_falsey(v) ? render_parts(s, part->first, context) : RC_OK;
	if (is_falsey(v))
		return RC_OK;
	if (v->type != JSON_ARRAY)
		return render_inside(s, part, context, v);
	json_each(item, v) {
		enum rc rc = render_inside(s, part, context, item);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Every line of the text with the indent before it. */
static struct str indented(struct arena *a, struct str text, struct str indent)
{
	size_t lines = 1, n = 0;
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	char *out = arena_bytes(a, text.len + lines * indent.len);
	for (size_t i = 0; i < text.len; i++) {
		if (i == 0 || text.ptr[i - 1] == '\n') {
			memcpy(out + n, indent.ptr, indent.len);
			n += indent.len;
		}
		out[n++] = text.ptr[i];
	}
	return (struct str){ out, n };
}

static enum rc render_template(struct source *s, const struct context *context)
{
	struct part *first = NULL;
	enum rc rc = parse_parts(s, &first, NULL);
	return rc == RC_OK ? render_parts(s, first, context) : rc;
}

static enum rc render_partial(const struct source *s, const struct part *part,
                              const struct context *context)
{
	struct render *r = s->r;
	const struct json *v = json_get(r->partials, part->text);
	if ((!v || v->type != JSON_STRING) && r->is_strict)
		return refuse(s, part->at, CODE_INVALID, "there is no partial {{>", part->text);
	if (!v || v->type != JSON_STRING)
		return RC_OK;
	if (r->nesting == NESTING_MAX)
		return refuse(s, part->at, CODE_TOO_LARGE, "partials are nested too deep: {{>",
		              part->text);
	struct arena_mark start = arena_mark(r->arena);
	struct source inner = { .r = r, .text = v->text, .name = part->text };
	inner.open = STR("{{");
	inner.close = STR("}}");
	if (part->indent.len)
		inner.text = indented(r->arena, v->text, part->indent);
	r->steps_left -= (int64_t)inner.text.len / 16;
	r->nesting++;
	enum rc rc = render_template(&inner, context);
	r->nesting--;
	arena_rewind(r->arena, start);
	return rc;
}

static enum rc render_part(const struct source *s, const struct part *part,
                           const struct context *context)
{
	switch (part->type) {
	case PART_TEXT:
		buf_add(s->r->out, part->text);
		return RC_OK;
	case PART_ESCAPED:
	case PART_RAW:
		return render_value(s, part, context);
	case PART_SECTION:
	case PART_INVERTED:
		return render_section(s, part, context);
	case PART_PARTIAL:
		return render_partial(s, part, context);
	}
	abort();
}

static enum rc render_parts(const struct source *s, const struct part *first,
                            const struct context *context)
{
	s->r->steps_left--;
	for (const struct part *part = first; part; part = part->next) {
		enum rc rc = render_part(s, part, context);
		if (rc != RC_OK)
			return rc;
		if (buf_rc(s->r->out) != RC_OK)
			return refuse(s, part->at, CODE_TOO_LARGE, "the result is too large",
			              STR(""));
		if (--s->r->steps_left < 0)
			return refuse(s, part->at, CODE_TOO_LARGE,
			              "the template takes too many steps", STR(""));
	}
	return RC_OK;
}

enum rc mustache_render(struct arena *a, struct str tmpl, const struct json *value,
                        const struct mustache_options *options, struct buf *out, struct err *err)
{
	static const struct mustache_options defaults = { 0 };
	const struct mustache_options *o = options ? options : &defaults;
	assert(a && value && out);
	struct render r = { .arena = a, .out = out, .err = err, .steps_left = STEPS_MAX };
	r.partials = o->partials;
	r.is_strict = o->is_strict;
	r.escape = o->escape ? o->escape : mustache_escape_html;
	struct source s = { .r = &r, .text = tmpl.len ? tmpl : STR(""), .name = STR("") };
	s.open = STR("{{");
	s.close = STR("}}");
	struct context root = { NULL, value };
	return render_template(&s, &root);
}

/* --- escaping --- */

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void mustache_escape_html(struct buf *out, struct str text)
{
	size_t done = 0;
	for (size_t i = 0; i < text.len; i++) {
		const char *entity = html_entity(text.ptr[i]);
		if (!entity)
			continue;
		buf_add(out, str_sub(text, done, i - done));
		buf_addz(out, entity);
		done = i + 1;
	}
	buf_add(out, str_sub(text, done, SIZE_MAX));
}

void mustache_escape_none(struct buf *out, struct str text)
{
	buf_add(out, text);
}
