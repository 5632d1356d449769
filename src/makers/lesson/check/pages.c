/* makers/lesson/check/pages.c: worksheet and preview ask everything, and reach out to
 * nothing.
 *
 * (1) Tags balance; no attribute runs code; no attribute, style or policy names a place
 *     outside of the file.
 * (2) The worksheet has no script.  The preview has one, and one data block; the page's
 *     own policy names the hash of each style and script, so nothing else would run.
 * (3) Every prompt stands in the page, escaped, and so does every solution.
 */
#include <sodium.h>

#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/mustache.h"
#include "makers/lesson/check/html_read.h"

#define WORKSHEET "exports/worksheet.html"
#define PREVIEW "preview/index.html"

enum { OPEN_MAX = 64, PAGE_MAX = 8 << 20 };

struct page {
	struct findings *f;
	const char *path;
	bool may_script;
	struct str policy;
	struct str open[OPEN_MAX]; /* names of the elements we are in */
	size_t depth;
	struct str data; /* content of the JSON block */
	bool is_data;    /* the script just opened is the JSON block */
	size_t n_scripts;
};

static struct str place_of(const struct page *p, unsigned line)
{
	return str_fmt(p->f->arena, "%s:%u", p->path, line);
}

/* --- (1) tags and attributes --- */

static bool is_reference(struct str name)
{
	static const char *const names[] = { "src",    "href",       "action", "formaction",
		                             "srcset", "data",       "poster", "background",
		                             "ping",   "xlink:href", "cite",   "manifest" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_eq_nocase(name, str_z(names[i])))
			return true;
	}
	return false;
}

static void check_attribute(struct page *p, const struct html_item *tag, struct str name,
                            struct str value)
{
	struct str place = place_of(p, tag->line);
	if (str_eq_nocase(str_sub(name, 0, 2), STR("on")))
		finding_add(p->f, place, "the attribute " STR_FMT " would run code", STR_ARG(name));
	if (is_reference(name) && !str_starts(value, STR("#")) && !str_starts(value, STR("data:")))
		finding_add(p->f, place, "the attribute " STR_FMT " names a place outside",
		            STR_ARG(name));
	if (str_eq_nocase(name, STR("style")))
		finding_add(p->f, place, "an element has a style of its own");
	if (str_eqz(tag->name, "meta") && str_eqz(name, "content") &&
	    str_starts(value, STR("default-src")))
		p->policy = value;
	if (str_eqz(tag->name, "script") && str_eqz(name, "type"))
		p->is_data = str_eqz(value, "application/json");
}

static void open_tag(struct page *p, const struct html_item *tag)
{
	struct str rest = tag->attributes, name, value;
	bool is_bad;
	p->is_data = false;
	while (html_attribute(&rest, &name, &value, &is_bad)) {
		if (is_bad)
			finding_add(p->f, place_of(p, tag->line),
			            "an attribute is not well-formed");
		else
			check_attribute(p, tag, name, value);
	}
	if (str_eq_nocase(tag->name, STR("script")) && !p->may_script)
		finding_add(p->f, place_of(p, tag->line), "the page has a script");
	if (str_eq_nocase(tag->name, STR("iframe")) || str_eq_nocase(tag->name, STR("object")) ||
	    str_eq_nocase(tag->name, STR("base")) || str_eq_nocase(tag->name, STR("embed")))
		finding_add(p->f, place_of(p, tag->line), "<" STR_FMT "> has no business here",
		            STR_ARG(tag->name));
	if (html_is_void(tag->name))
		return;
	if (p->depth == OPEN_MAX)
		finding_add(p->f, place_of(p, tag->line), "elements are nested too deep");
	else
		p->open[p->depth++] = tag->name;
}

static void close_tag(struct page *p, const struct html_item *tag)
{
	if (p->depth == 0 || !str_eq(p->open[p->depth - 1], tag->name))
		finding_add(p->f, place_of(p, tag->line), "</" STR_FMT "> closes nothing",
		            STR_ARG(tag->name));
	else
		p->depth--;
}

/* --- (2) styles and scripts --- */

static void check_hash(struct page *p, const struct html_item *item)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
	crypto_hash_sha256(hash, (const unsigned char *)item->text.ptr, item->text.len);
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	if (str_find(p->policy, str_fmt(p->f->arena, "'sha256-%s'", text), 0) == SIZE_MAX)
		finding_add(p->f, place_of(p, item->line),
		            "the page's policy does not name this style or script");
}

static void check_text(struct page *p, const struct html_item *item)
{
	struct str inside = p->depth ? p->open[p->depth - 1] : STR("");
	if (str_eqz(inside, "style")) {
		check_hash(p, item);
		if (str_find(item->text, STR("url("), 0) != SIZE_MAX ||
		    str_find(item->text, STR("@import"), 0) != SIZE_MAX)
			finding_add(p->f, place_of(p, item->line), "the style loads something");
	} else if (str_eqz(inside, "script") && p->is_data) {
		p->data = item->text;
	} else if (str_eqz(inside, "script")) {
		check_hash(p, item);
		p->n_scripts++;
	}
}

static void scan(struct page *p, struct str bytes)
{
	struct html_reader reader = { bytes, 0, 1 };
	for (;;) {
		struct html_item item = html_next(&reader);
		switch (item.kind) {
		case HTML_END:
			if (p->depth > 0)
				finding_add(p->f, place_of(p, item.line),
				            "<" STR_FMT "> is not closed",
				            STR_ARG(p->open[p->depth - 1]));
			return;
		case HTML_BAD:
			finding_add(p->f, place_of(p, item.line), "this is no tag");
			break;
		case HTML_OPEN:
			open_tag(p, &item);
			break;
		case HTML_CLOSE:
			close_tag(p, &item);
			break;
		case HTML_TEXT:
			check_text(p, &item);
			break;
		case HTML_DOCTYPE:
			break;
		}
	}
}

/* NULL and a finding when the page is not there. */
static const struct made_file *scan_page(struct page *p, const struct made_files *files)
{
	const struct made_file *file = made_files_find(files, str_z(p->path));
	if (!file) {
		finding_add(p->f, str_z(p->path), "the file is missing");
		return NULL;
	}
	scan(p, file->bytes);
	if (str_find(p->policy, STR("default-src 'none'"), 0) == SIZE_MAX)
		finding_add(p->f, str_z(p->path), "the page's policy does not begin with nothing");
	return file;
}

/* --- (3) contents --- */

static bool holds_escaped(struct str bytes, struct str text)
{
	struct buf escaped = BUF_INIT(1 << 20);
	mustache_escape_html(&escaped, text);
	bool ret = str_find(bytes, buf_str(&escaped), 0) != SIZE_MAX;
	buf_fini(&escaped);
	return ret;
}

void check_worksheet(struct arena *a, const struct json *spec, const struct made_files *files,
                     struct check_result *ret)
{
	struct findings f;
	struct page p = { .f = &f, .path = WORKSHEET };
	size_t n = 0;
	findings_init(&f, a);
	const struct made_file *file = scan_page(&p, files);
	size_t key = file ? str_find(file->bytes, STR("<section class=\"key\">"), 0) : SIZE_MAX;
	if (file && key == SIZE_MAX)
		finding_add(&f, STR(WORKSHEET), "the sheet has no answer key");
	json_each(question, member_list(spec, "questions")) {
		n++;
		if (key == SIZE_MAX)
			continue;
		if (!holds_escaped(str_sub(file->bytes, 0, key), member_text(question, "prompt")))
			finding_add(&f, STR(WORKSHEET), "the prompt of question %zu is missing", n);
		if (!holds_escaped(str_sub(file->bytes, 0, key), member_text(question, "unit")))
			finding_add(&f, STR(WORKSHEET), "the unit of question %zu is missing", n);
		if (!holds_escaped(str_sub(file->bytes, key, file->bytes.len),
		                   member_text(question, "explanation")))
			finding_add(&f, STR(WORKSHEET), "the key of question %zu is missing", n);
	}
	findings_end(&f, ret, "%zu questions and their key, no script, nothing from outside", n);
}

/* The unit that is shown, and the number that what is typed is compared with. */
static bool is_number_equal(const struct json *shown, const struct json *question)
{
	const struct json *figure = json_getz(shown, "figure");
	if (!str_eq(member_text(shown, "unit"), member_text(question, "unit")))
		return false;
	return !str_eqz(member_text(question, "type"), "number") ||
	       (figure && str_eq(member_text(figure, "number"), member_text(question, "answer")));
}

static void check_data(struct findings *f, const struct json *spec, struct str data)
{
	const struct json_limits limits = { PAGE_MAX, 32, 1000000 };
	const struct json *lesson;
	struct err err = { 0 };
	size_t index = 0;
	if (str_find(data, STR("<"), 0) != SIZE_MAX)
		finding_add(f, STR(PREVIEW), "the data block holds a \"<\"");
	if (json_read(f->arena, data, &limits, &lesson, &err) != RC_OK) {
		finding_add(f, STR(PREVIEW), "the data block is no JSON: %s", err.text);
		return;
	}
	const struct json *shown = member_list(lesson, "questions");
	json_each(question, member_list(spec, "questions")) {
		const struct json *one = json_at(shown, index++);
		if (!one || !str_eq(member_text(one, "prompt"), member_text(question, "prompt")) ||
		    !str_eq(member_text(one, "kind"), member_text(question, "type")) ||
		    !str_eq(member_text(one, "explanation"),
		            member_text(question, "explanation")) ||
		    !is_number_equal(one, question))
			finding_add(f, STR(PREVIEW), "question %zu is not that of the spec", index);
	}
	if (shown->count != index)
		finding_add(f, STR(PREVIEW), "there are more questions than the spec has");
}

void check_preview(struct arena *a, const struct json *spec, const struct made_files *files,
                   struct check_result *ret)
{
	struct findings f;
	struct page p = { .f = &f, .path = PREVIEW, .may_script = true };
	findings_init(&f, a);
	if (scan_page(&p, files)) {
		if (p.n_scripts != 1)
			finding_add(&f, STR(PREVIEW), "it has %zu scripts, one is right",
			            p.n_scripts);
		check_data(&f, spec, p.data);
	}
	findings_end(&f, ret, "%u questions in one file that loads nothing",
	             (unsigned)member_list(spec, "questions")->count);
}
