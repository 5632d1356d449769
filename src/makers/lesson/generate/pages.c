/* makers/lesson/generate/pages.c: the files that are templates filled in.
 *
 * One JSON view of the quiz is made, and each template takes from it what it needs.
 * {{x}} is escaped for the format at hand: HTML, Markdown or JSON.  The preview carries
 * its questions as a JSON data block in which no "<" is left, and a policy that allows
 * exactly its own style and its own script, named by their hashes.
 */
#include <sodium.h>

#include "makers/lesson/generate/parts.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/mustache.h"
#include "makers/files.h"
#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/generate/quiz.h"

enum { PAGE_MAX = 8 << 20 };
#define TEMPLATES "src/makers/lesson/templates/"

/* --- The view --- */

static void put_texts(struct json_out *o, const char *key, const struct str *texts,
                      const size_t *order, size_t n, char first_letter)
{
	json_key(o, str_z(key));
	json_begin_array(o);
	for (size_t i = 0; i < n; i++) {
		char letter = (char)(first_letter + (char)i);
		json_begin_object(o);
		json_put_str(o, "letter", (struct str){ &letter, 1 });
		json_put_str(o, "text", texts[order ? order[i] : i]);
		json_end_object(o);
	}
	json_end_array(o);
}

/* The letters or numbers that solve a question on paper: "B", "1C 2A 3B", "A2 B1 C3". */
static void put_marks(struct json_out *o, const struct quiz_question *q)
{
	struct buf marks = BUF_INIT(200);
	if (q->kind == QUIZ_CHOICE)
		buf_addc(&marks, (char)('A' + (char)q->shown_at[0]));
	for (size_t i = 0; q->kind == QUIZ_MATCH && i < q->n_texts; i++)
		buf_addf(&marks, "%s%zu%c", i ? "  " : "", i + 1,
		         (char)('A' + (char)q->shown_at[i]));
	for (size_t i = 0; q->kind == QUIZ_ORDER && i < q->n_texts; i++)
		buf_addf(&marks, "%s%c%zu", i ? "  " : "", (char)('A' + (char)i), q->shown[i] + 1);
	json_put_str(o, "marks", buf_str(&marks));
	buf_fini(&marks);
}

/* What the preview compares a typed number with. */
static void put_figure(struct json_out *o, const struct quiz_question *q)
{
	const struct figure *f = &q->figure;
	json_keyz(o, "figure");
	json_begin_object(o);
	json_put_str(o, "number", f->number);
	json_keyz(o, "units");
	json_begin_array(o);
	for (size_t i = 0; i < f->n_units; i++)
		json_str(o, f->units[i]);
	json_end_array(o);
	json_keyz(o, "words");
	json_begin_array(o);
	for (size_t i = 0; i < f->n_words; i++)
		json_str(o, f->words[i]);
	json_end_array(o);
	json_put_bool(o, "hasComma", f->has_comma);
	json_end_object(o);
}

static void put_question(struct json_out *o, const struct quiz_question *q, size_t number)
{
	bool is_shuffled = quiz_is_shuffled(q->kind);
	bool is_typed = q->kind == QUIZ_CLOZE || q->kind == QUIZ_SHORT;
	json_begin_object(o);
	json_put_int(o, "number", (int64_t)number);
	json_put_str(o, "id", q->id);
	json_put_str(o, "kind", q->kind_name);
	json_put_str(o, "section", q->section);
	json_put_str(o, "prompt", q->prompt);
	json_put_str(o, "solution", q->solution);
	json_put_str(o, "explanation", q->explanation);
	json_put_str(o, "source", q->source);
	json_put_bool(o, "is_choice", q->kind == QUIZ_CHOICE);
	json_put_bool(o, "is_true_false", q->kind == QUIZ_TRUE_FALSE);
	json_put_bool(o, "is_typed", is_typed);
	json_put_bool(o, "is_number", q->kind == QUIZ_NUMBER);
	json_put_str(o, "unit", q->unit);
	json_put_bool(o, "is_match", q->kind == QUIZ_MATCH);
	json_put_bool(o, "is_order", q->kind == QUIZ_ORDER);
	json_put_bool(o, "truth", q->is_true);
	put_texts(o, "options", q->texts, q->shown, is_shuffled ? q->n_texts : 0, 'A');
	put_texts(o, "lefts", q->lefts, NULL, q->kind == QUIZ_MATCH ? q->n_texts : 0, '1');
	put_texts(o, "accepted", q->texts, NULL, is_typed ? q->n_texts : 0, 'A');
	put_figure(o, q);
	put_marks(o, q);
	json_keyz(o, "places"); /* choice: the key first; match, order: by place */
	json_begin_array(o);
	for (size_t i = 0; is_shuffled && i < q->n_texts; i++)
		json_int(o, (int64_t)q->shown_at[i]);
	json_end_array(o);
	json_end_object(o);
}

static void put_quiz(struct json_out *o, const struct quiz *q)
{
	json_put_str(o, "title", q->title);
	json_put_str(o, "language", q->language);
	json_put_str(o, "summary", q->summary);
	json_put_str(o, "source_name", q->source_name);
	json_put_int(o, "n_questions", (int64_t)q->n_questions);
	json_keyz(o, "objectives");
	json_begin_array(o);
	for (size_t i = 0; i < q->n_objectives; i++)
		json_str(o, q->objectives[i]);
	json_end_array(o);
	json_keyz(o, "questions");
	json_begin_array(o);
	for (size_t i = 0; i < q->n_questions; i++)
		put_question(o, &q->questions[i], i + 1);
	json_end_array(o);
}

/* --- Escaping --- */

static void escape_json(struct buf *out, struct str text)
{
	struct buf quoted = BUF_INIT(PAGE_MAX);
	struct json_out o;
	json_out_init(&o, &quoted);
	json_str(&o, text);
	buf_add(out, str_sub(buf_str(&quoted), 1, quoted.len - 2));
	buf_fini(&quoted);
}

/* A text within a line, or at the start of one: there, "#", "1." and the like would begin
 * a block.  Escaping no more than must be keeps the file readable as it is. */
static void escape_markdown(struct buf *out, struct str text)
{
	bool is_start = true, is_number = false;
	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool is_digit = c >= '0' && c <= '9';
		bool is_block =
		        (is_start && strchr("#+-=", c)) || (is_number && (c == '.' || c == ')'));
		if (is_block || strchr("\\`*_[]<>|~&", c))
			buf_addc(out, '\\');
		buf_addc(out, c == '\n' ? ' ' : c);
		is_number = is_digit && (is_start || is_number);
		is_start = false;
	}
}

/* JSON text that may stand inside <script type="application/json">. */
static struct str for_script(struct arena *a, struct str json)
{
	struct buf out = BUF_INIT(PAGE_MAX);
	for (size_t i = 0; i < json.len; i++) {
		char c = json.ptr[i];
		if (c == '<' || c == '>' || c == '&')
			buf_addf(&out, "\\u%04x", (unsigned)c);
		else
			buf_addc(&out, c);
	}
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

/* "sha256-…" as a content security policy names an inline block. */
static struct str policy_hash(struct arena *a, struct str block)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
	crypto_hash_sha256(hash, (const unsigned char *)block.ptr, block.len);
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	return str_fmt(a, "sha256-%s", text);
}

/* --- Rendering --- */

static enum rc add_page(struct arena *a, const struct json *view, const char *tmpl,
                        mustache_escape *escape, const char *path, struct made_files *files,
                        struct err *err)
{
	struct mustache_options options = { .escape = escape, .is_strict = true };
	struct buf out = BUF_INIT(PAGE_MAX);
	enum rc rc = mustache_render(a, embedded_find(tmpl), view, &options, &out, err);
	if (rc == RC_OK)
		rc = made_files_add(files, str_z(path), buf_str(&out), err);
	else
		err_prefix(err, "%s", path);
	buf_fini(&out);
	return rc;
}

/* The quiz, with what the pages carry inside. */
static enum rc make_view(struct arena *a, const struct quiz *q, const struct json **ret,
                         struct err *err)
{
	struct buf data = BUF_INIT(PAGE_MAX), view = BUF_INIT(PAGE_MAX);
	struct str style = embedded_find(TEMPLATES "preview.css");
	struct str script =
	        str_fmt(a, STR_FMT STR_FMT, STR_ARG(embedded_find(TEMPLATES "figures.js")),
	                STR_ARG(embedded_find(TEMPLATES "preview.js")));
	struct str sheet = embedded_find(TEMPLATES "worksheet.css");
	struct json_out o;
	json_out_init(&o, &data);
	json_begin_object(&o);
	put_quiz(&o, q);
	json_end_object(&o);

	json_out_init(&o, &view);
	json_begin_object(&o);
	put_quiz(&o, q);
	json_put_str(&o, "data", for_script(a, buf_str(&data)));
	json_put_str(&o, "style", style);
	json_put_str(&o, "style_hash", policy_hash(a, style));
	json_put_str(&o, "sheet", sheet);
	json_put_str(&o, "sheet_hash", policy_hash(a, sheet));
	json_put_str(&o, "script", script);
	json_put_str(&o, "script_hash", policy_hash(a, script));
	json_end_object(&o);

	enum rc rc = buf_rc(&view) == RC_OK && buf_rc(&data) == RC_OK ? RC_OK : RC_LIMIT;
	struct json_limits limits = { PAGE_MAX, 32, 1000000 };
	if (rc == RC_OK)
		rc = json_read(a, str_dup(a, buf_str(&view)), &limits, ret, err);
	else
		err_set(err, CODE_TOO_LARGE, "the lesson's pages would be larger than 8 MiB");
	buf_fini(&data);
	buf_fini(&view);
	return rc;
}

enum rc pages_add(struct arena *a, const struct quiz *q, struct made_files *files, struct err *err)
{
	static const struct page {
		const char *tmpl, *path;
		mustache_escape *escape;
	} pages[] = {
		{ TEMPLATES "README.md", "README.md", escape_markdown },
		{ TEMPLATES "default.project.json", "game/default.project.json", escape_json },
		{ TEMPLATES "preview.html", "preview/index.html", mustache_escape_html },
		{ TEMPLATES "worksheet.html", "exports/worksheet.html", mustache_escape_html },
	};
	const struct json *view;
	enum rc rc = make_view(a, q, &view, err);
	for (size_t i = 0; i < ARRAY_LEN(pages) && rc == RC_OK; i++)
		rc = add_page(a, view, pages[i].tmpl, pages[i].escape, pages[i].path, files, err);
	return rc;
}
