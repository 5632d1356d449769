/* makers/lesson/report.c: the report of the checks; see report.h. */
#include <sodium.h>

#include "makers/lesson/report.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/report_formats.h"

enum { REPORT_MAX = 4 << 20, FINDINGS_SHOWN = 50, TYPES_MAX = 16 };

void report_check(struct json_out *o, const struct lesson_check *check,
                  const struct check_result *result)
{
	static const char *const verdicts[] = {
		[CHECK_PASS] = "pass", [CHECK_FAIL] = "fail", [CHECK_NOT_RUN] = "not_run"
	};
	size_t n = 0;
	json_begin_object(o);
	json_put_str(o, "name", str_z(check->name));
	json_put_str(o, "title", str_z(check->title));
	json_put_str(o, "verdict", str_z(verdicts[result->verdict]));
	json_put_str(o, "evidence", result->evidence);
	json_keyz(o, "findings");
	json_begin_array(o);
	for (const struct check_finding *f = result->findings; f && n++ < FINDINGS_SHOWN;
	     f = f->next) {
		json_begin_object(o);
		json_put_str(o, "place", f->place);
		json_put_str(o, "text", f->text);
		json_end_object(o);
	}
	json_end_array(o);
	json_end_object(o);
}

static bool is_verdict(const struct json *check, const char *verdict)
{
	return str_eqz(json_get_str(check, "verdict", STR("")), verdict);
}

struct str report_failed(struct arena *a, const struct json *checks)
{
	struct buf names = BUF_INIT(4096);
	json_each(c, checks) {
		if (!is_verdict(c, "fail"))
			continue;
		if (names.len)
			buf_addz(&names, ", ");
		buf_add(&names, json_get_str(c, "name", STR("?")));
	}
	struct str ret = str_dup(a, buf_str(&names));
	buf_fini(&names);
	return ret;
}

void report_questions(struct json_out *o, const struct json *spec)
{
	struct str types[TYPES_MAX];
	int64_t counts[TYPES_MAX] = { 0 };
	size_t n = 0;
	const struct json *questions = json_getz(spec, "questions");
	json_each(q, questions) {
		struct str type = json_get_str(q, "type", STR("other"));
		size_t i = 0;
		while (i < n && !str_eq(types[i], type))
			i++;
		if (i == n && n < TYPES_MAX)
			types[n++] = type;
		if (i < TYPES_MAX)
			counts[i]++;
	}
	json_keyz(o, "questions");
	json_begin_object(o);
	for (size_t i = 0; i < n; i++) {
		json_key(o, types[i]);
		json_int(o, counts[i]);
	}
	json_end_object(o);
}

/* The files */

static void write_json(struct buf *out, const struct json *spec, const struct json *checks,
                       const struct json *dropped)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_str(&o, "format", STR("takt.report/1"));
	json_put_str(&o, "title", json_get_str(spec, "title", STR("")));
	report_questions(&o, spec);
	json_keyz(&o, "checks");
	json_value(&o, checks);
	if (dropped) {
		json_keyz(&o, "dropped");
		json_value(&o, dropped);
	}
	json_end_object(&o);
	buf_addc(out, '\n');
}

/* A cell of a table must not end it. */
static void write_cell(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '|')
			buf_addc(out, '\\');
		buf_addc(out, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
	}
}

static void write_row(struct buf *out, const struct json *check)
{
	const char *verdict = is_verdict(check, "pass")   ? "pass"
	                      : is_verdict(check, "fail") ? "**fail**"
	                                                  : "not run";
	buf_addf(out, "| %s | ", verdict);
	write_cell(out, json_get_str(check, "title", STR("")));
	buf_addz(out, " | ");
	write_cell(out, json_get_str(check, "evidence", STR("")));
	buf_addz(out, " |\n");
}

static void write_dropped(struct buf *out, const struct json *dropped)
{
	buf_addz(out, "\n## What was taken out before, and why\n\n");
	json_each(one, dropped) {
		buf_addf(out, "- `" STR_FMT "` (" STR_FMT "): ",
		         STR_ARG(json_get_str(one, "id", STR(""))),
		         STR_ARG(json_get_str(one, "check", STR(""))));
		write_cell(out, json_get_str(one, "what", STR("")));
		buf_addz(out, "; ");
		write_cell(out, json_get_str(one, "reason", STR("")));
		buf_addc(out, '\n');
	}
}

static void write_markdown(struct buf *out, const struct json *spec, const struct json *checks,
                           const struct json *dropped)
{
	buf_addf(out,
	         "# Checks of \"" STR_FMT "\"\n\n| verdict | what it proves | evidence |\n"
	         "|---|---|---|\n",
	         STR_ARG(json_get_str(spec, "title", STR(""))));
	json_each(c, checks)
		write_row(out, c);
	json_each(c, checks) {
		const struct json *findings = json_getz(c, "findings");
		if (!findings || findings->type != JSON_ARRAY || findings->count == 0)
			continue;
		buf_addf(out, "\n## " STR_FMT "\n\n", STR_ARG(json_get_str(c, "name", STR(""))));
		json_each(f, findings)
			buf_addf(out, "- `" STR_FMT "`: " STR_FMT "\n",
			         STR_ARG(json_get_str(f, "place", STR(""))),
			         STR_ARG(json_get_str(f, "text", STR(""))));
	}
	if (dropped && dropped->count > 0)
		write_dropped(out, dropped);
}

static void manifest_row(struct json_out *o, const struct made_file *f)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof hash];
	crypto_hash_sha256(hash, (const unsigned char *)f->bytes.ptr, f->bytes.len);
	hex_encode(hash, sizeof hash, hex);
	json_begin_object(o);
	json_put_str(o, "path", f->path);
	json_put_int(o, "size", (int64_t)f->bytes.len);
	json_put_str(o, "sha256", (struct str){ hex, sizeof hex });
	json_end_object(o);
}

/* The draft's manifest with the list of files written anew. */
static void write_manifest(struct buf *out, const struct json *before,
                           const struct made_files *files)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_each(member, before) {
		if (str_eqz(member->name, "files"))
			continue;
		json_key(&o, member->name);
		json_value(&o, member);
	}
	json_keyz(&o, "files");
	json_begin_array(&o);
	for (size_t i = 0; i < files->n; i++)
		manifest_row(&o, &files->items[i]);
	json_end_array(&o);
	json_end_object(&o);
	buf_addc(out, '\n');
}

static enum rc add(struct made_files *files, struct str path, struct buf *bytes, struct err *err)
{
	enum rc rc = buf_rc(bytes);
	if (rc != RC_OK)
		rc = err_set(err, CODE_TOO_LARGE, STR_FMT " would pass %d bytes", STR_ARG(path),
		             REPORT_MAX);
	else
		rc = made_files_add(files, path, buf_str(bytes), err);
	buf_fini(bytes);
	return rc;
}

static enum rc copy_draft(const struct made_files *draft, struct made_files *ret, struct err *err)
{
	for (size_t i = 0; i < draft->n; i++) {
		const struct made_file *f = &draft->items[i];
		if (str_eqz(f->path, "manifest.json"))
			continue;
		enum rc rc = made_files_add(ret, f->path, f->bytes, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc report_compose(struct arena *a, const struct made_files *draft, const struct json *spec,
                       const struct json *checks, const struct json *dropped,
                       struct made_files *ret, struct err *err)
{
	static const char *const paths[] = { "report.json", "report.junit.xml", "report.md",
		                             "report.sarif" };
	const struct made_file *manifest = made_files_find(draft, STR("manifest.json"));
	const struct json *before;
	struct buf list = BUF_INIT(REPORT_MAX);
	if (!manifest)
		return err_set(err, CODE_NOT_FOUND, "the draft has no manifest.json");
	enum rc rc = json_read(a, manifest->bytes, NULL, &before, err);
	if (rc != RC_OK)
		return err_prefix(err, "manifest.json");
	made_files_init(ret, a);
	rc = copy_draft(draft, ret, err);
	for (size_t i = 0; i < ARRAY_LEN(paths) && rc == RC_OK; i++) {
		struct buf out = BUF_INIT(REPORT_MAX);
		if (i == 0)
			write_json(&out, spec, checks, dropped);
		else if (i == 1)
			report_junit(&out, spec, checks);
		else if (i == 2)
			write_markdown(&out, spec, checks, dropped);
		else
			report_sarif(&out, checks, dropped);
		rc = add(ret, str_z(paths[i]), &out, err);
	}
	if (rc != RC_OK)
		return rc;
	write_manifest(&list, before, ret);
	return add(ret, STR("manifest.json"), &list, err);
}
