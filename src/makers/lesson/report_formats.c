/* makers/lesson/report_formats.c: SARIF and JUnit; see report_formats.h.
 *
 * A finding's place is FILE, FILE:LINE or FILE#POINTER.  In SARIF a line becomes a region, a
 * pointer a logical location.  Both are pure functions of the checks: no clock, no host. */
#include "makers/lesson/report_formats.h"

#include "codec/json.h"
#include "codec/mustache.h"

static struct str text_of(const struct json *v, const char *name)
{
	return json_get_str(v, name, STR(""));
}

static const struct json *list_of(const struct json *v, const char *name)
{
	static const struct json empty = { .type = JSON_ARRAY };
	const struct json *ret = json_get(v, str_z(name));
	return ret && ret->type == JSON_ARRAY ? ret : &empty;
}

/* --- Places --- */

struct place {
	struct str file, pointer;
	int64_t line; /* 0: none */
};

static struct place read_place(struct str text)
{
	struct place ret = { .file = text, .pointer = STR("") };
	size_t hash = str_find(text, STR("#"), 0);
	if (hash != SIZE_MAX) {
		ret.file = str_sub(text, 0, hash);
		ret.pointer = str_sub(text, hash + 1, text.len);
		return ret;
	}
	size_t colon = str_find(text, STR(":"), 0);
	if (colon == SIZE_MAX)
		return ret;
	struct str rest, line = str_cut(str_sub(text, colon + 1, text.len), ':', &rest);
	ret.file = str_sub(text, 0, colon);
	if (str_to_i64(line, &ret.line) != RC_OK || ret.line < 1)
		ret.line = 0;
	return ret;
}

/* As a relative reference of RFC 3986. */
static void put_uri(struct json_out *o, struct str file)
{
	struct buf out = BUF_INIT(2000);
	for (size_t i = 0; i < file.len; i++) {
		unsigned char c = (unsigned char)file.ptr[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		                (c >= '0' && c <= '9') || strchr("-._~/@", c);
		if (is_plain && c != '\0')
			buf_addc(&out, (char)c);
		else
			buf_addf(&out, "%%%02X", c);
	}
	json_put_str(o, "uri", buf_str(&out));
	buf_fini(&out);
}

static void put_location(struct json_out *o, struct str text)
{
	struct place place = read_place(text);
	json_begin_object(o);
	json_keyz(o, "physicalLocation");
	json_begin_object(o);
	json_keyz(o, "artifactLocation");
	json_begin_object(o);
	put_uri(o, place.file.len > 0 ? place.file : STR("spec.json"));
	json_end_object(o);
	if (place.line > 0) {
		json_keyz(o, "region");
		json_begin_object(o);
		json_put_int(o, "startLine", place.line);
		json_end_object(o);
	}
	json_end_object(o);
	if (place.pointer.len > 0) {
		json_keyz(o, "logicalLocations");
		json_begin_array(o);
		json_begin_object(o);
		json_put_str(o, "fullyQualifiedName", place.pointer);
		json_end_object(o);
		json_end_array(o);
	}
	json_end_object(o);
}

/* --- SARIF --- */

static void put_text(struct json_out *o, const char *key, struct str text)
{
	json_key(o, str_z(key));
	json_begin_object(o);
	json_put_str(o, "text", text);
	json_end_object(o);
}

static void put_rules(struct json_out *o, const struct json *checks)
{
	json_keyz(o, "rules");
	json_begin_array(o);
	json_each(check, checks) {
		json_begin_object(o);
		json_put_str(o, "id", text_of(check, "name"));
		put_text(o, "shortDescription", text_of(check, "title"));
		json_end_object(o);
	}
	json_end_array(o);
}

static void put_result(struct json_out *o, struct str rule, const char *level, struct str message,
                       struct str place)
{
	json_begin_object(o);
	json_put_str(o, "ruleId", rule);
	json_put_str(o, "level", str_z(level));
	put_text(o, "message", message);
	json_keyz(o, "locations");
	json_begin_array(o);
	put_location(o, place);
	json_end_array(o);
	json_end_object(o);
}

static void put_results(struct json_out *o, const struct json *checks, const struct json *dropped)
{
	json_keyz(o, "results");
	json_begin_array(o);
	json_each(check, checks) {
		json_each(finding, list_of(check, "findings")) {
			put_result(o, text_of(check, "name"), "error", text_of(finding, "text"),
			           text_of(finding, "place"));
		}
	}
	for (const struct json *one = dropped ? dropped->first : NULL; one; one = one->next)
		put_result(o, text_of(one, "check"), "note", text_of(one, "text"),
		           STR("spec.json"));
	json_end_array(o);
}

/* A check that was not run is told as such: silence would look like a pass. */
static void put_invocation(struct json_out *o, const struct json *checks)
{
	json_keyz(o, "invocations");
	json_begin_array(o);
	json_begin_object(o);
	json_put_bool(o, "executionSuccessful", true);
	json_keyz(o, "toolExecutionNotifications");
	json_begin_array(o);
	json_each(check, checks) {
		if (!str_eqz(text_of(check, "verdict"), "not_run"))
			continue;
		json_begin_object(o);
		json_put_str(o, "level", STR("warning"));
		put_text(o, "message", text_of(check, "evidence"));
		json_keyz(o, "associatedRule");
		json_begin_object(o);
		json_put_str(o, "id", text_of(check, "name"));
		json_end_object(o);
		json_end_object(o);
	}
	json_end_array(o);
	json_end_object(o);
	json_end_array(o);
}

void report_sarif(struct buf *out, const struct json *checks, const struct json *dropped)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_str(&o, "$schema", STR("https://json.schemastore.org/sarif-2.1.0.json"));
	json_put_str(&o, "version", STR("2.1.0"));
	json_keyz(&o, "runs");
	json_begin_array(&o);
	json_begin_object(&o);
	json_keyz(&o, "tool");
	json_begin_object(&o);
	json_keyz(&o, "driver");
	json_begin_object(&o);
	json_put_str(&o, "name", STR("takt-maker-lesson"));
	json_put_str(&o, "version", STR("1")); /* of the checks */
	put_rules(&o, checks);
	json_end_object(&o);
	json_end_object(&o);
	put_invocation(&o, checks);
	put_results(&o, checks, dropped);
	json_end_object(&o);
	json_end_array(&o);
	json_end_object(&o);
	buf_addc(out, '\n');
}

/* --- JUnit --- */

/* Escaped, and without the characters that XML 1.0 has no way to write. */
static void add_xml(struct buf *out, struct str text)
{
	size_t from = 0;
	for (size_t i = 0; i <= text.len; i++) {
		bool is_end = i == text.len;
		unsigned char c = is_end ? 0 : (unsigned char)text.ptr[i];
		bool is_sign = !is_end && i + 2 < text.len && c == 0xef &&
		               (unsigned char)text.ptr[i + 1] == 0xbf &&
		               (unsigned char)text.ptr[i + 2] >= 0xbe;
		if (!is_end && !is_sign && (c >= 0x20 || c == '\n' || c == '\t'))
			continue;
		mustache_escape_html(out, str_sub(text, from, i - from));
		if (!is_end)
			buf_addc(out, '?');
		i += is_sign ? 2 : 0;
		from = i + 1;
	}
}

static void add_attribute(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, " %s=\"", name);
	add_xml(out, value);
	buf_addc(out, '"');
}

static size_t count_verdicts(const struct json *checks, const char *verdict)
{
	size_t n = 0;
	json_each(check, checks)
		n += str_eqz(text_of(check, "verdict"), verdict);
	return n;
}

static void add_failure(struct buf *out, const struct json *check)
{
	buf_addz(out, "\t\t\t<failure");
	add_attribute(out, "message", text_of(check, "evidence"));
	buf_addz(out, ">");
	json_each(finding, list_of(check, "findings")) {
		add_xml(out, text_of(finding, "place"));
		buf_addz(out, ": ");
		add_xml(out, text_of(finding, "text"));
		buf_addc(out, '\n');
	}
	buf_addz(out, "</failure>\n");
}

static void add_case(struct buf *out, const struct json *check)
{
	struct str verdict = text_of(check, "verdict");
	buf_addz(out, "\t\t<testcase classname=\"lesson\"");
	add_attribute(out, "name", text_of(check, "name"));
	buf_addz(out, ">\n");
	if (str_eqz(verdict, "fail")) {
		add_failure(out, check);
	} else if (str_eqz(verdict, "not_run")) {
		buf_addz(out, "\t\t\t<skipped");
		add_attribute(out, "message", text_of(check, "evidence"));
		buf_addz(out, "/>\n");
	} else {
		buf_addz(out, "\t\t\t<system-out>");
		add_xml(out, text_of(check, "evidence"));
		buf_addz(out, "</system-out>\n");
	}
	buf_addz(out, "\t\t</testcase>\n");
}

void report_junit(struct buf *out, const struct json *spec, const struct json *checks)
{
	char counts[100];
	snprintf(counts, sizeof counts,
	         " tests=\"%u\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
	         (unsigned)checks->count, count_verdicts(checks, "fail"),
	         count_verdicts(checks, "not_run"));
	buf_addz(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\t<testsuite");
	add_attribute(out, "name", text_of(spec, "title"));
	buf_addf(out, "%s>\n", counts);
	json_each(check, checks)
		add_case(out, check);
	buf_addz(out, "\t</testsuite>\n</testsuites>\n");
}
