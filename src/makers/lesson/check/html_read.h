/* A scanner for the HTML that we write: tags with their attributes, and text between. */
#ifndef TAKT_MAKERS_LESSON_CHECK_HTML_READ_H
#define TAKT_MAKERS_LESSON_CHECK_HTML_READ_H

#include "base/base.h"
#include "base/str.h"

struct html_reader {
	struct str in;
	size_t at;
	unsigned line;
};

enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE, HTML_DOCTYPE, HTML_END, HTML_BAD };

struct html_item {
	enum html_kind kind;
	struct str name;       /* of a tag, as written */
	struct str attributes; /* of an opening tag, undecoded */
	struct str text;       /* HTML_TEXT; of script and style: all of their content */
	unsigned line;
};

/* The content of script and style comes as one HTML_TEXT, whatever it holds. */
struct html_item html_next(struct html_reader *r);
/* Takes the first attribute off `rest`; false when there is none.  A value stands in
 * double quotes or is missing; anything else gives is_bad. */
bool html_attribute(struct str *rest, struct str *name, struct str *value, bool *is_bad);
bool html_is_void(struct str name); /* meta, link, input …: has no closing tag */

#endif
