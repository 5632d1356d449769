/* What the checks found, written down: report.json for programs, report.md for people,
 * SARIF and JUnit for other tools, and the manifest that names them too. */
#ifndef TAKT_MAKERS_LESSON_REPORT_H
#define TAKT_MAKERS_LESSON_REPORT_H

#include "base/base.h"
#include "base/str.h"
#include "makers/files.h"

struct arena;
struct json;
struct check_result;
struct json_out;
struct lesson_check;

/* {"name", "title", "verdict": "pass|fail|not_run", "evidence", "findings": […]} */
void report_check(struct json_out *o, const struct lesson_check *check,
                  const struct check_result *result);
/* `checks`: an array of those; `dropped`: what review took out, may be NULL.  Files of the
 * lesson with report.json, report.md, report.sarif, report.junit.xml and a manifest that lists
 * them. */
enum rc report_compose(struct arena *a, const struct made_files *draft, const struct json *spec,
                       const struct json *checks, const struct json *dropped,
                       struct made_files *ret, struct err *err) MUST_USE;
/* Names of the checks that failed, "gift, manifest"; empty when none did. */
struct str report_failed(struct arena *a, const struct json *checks);
/* "questions": {"choice": 4, …} in the order of first appearance. */
void report_questions(struct json_out *o, const struct json *spec);

#endif
