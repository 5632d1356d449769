/* The findings in the two formats that other tools read: SARIF 2.1.0 for editors and code
 * hosts, JUnit XML for whatever shows tests. */
#ifndef TAKT_MAKERS_LESSON_REPORT_FORMATS_H
#define TAKT_MAKERS_LESSON_REPORT_FORMATS_H

#include "base/base.h"
#include "base/str.h"

struct json;

/* `checks`: as report_check() writes them.  `dropped`: what review took out, may be NULL; it
 * is a note that refers to the check that named it. */
void report_sarif(struct buf *out, const struct json *checks, const struct json *dropped);
void report_junit(struct buf *out, const struct json *spec, const struct json *checks);

#endif
