/* A strict reader of the XML that we write: elements with quoted attributes, text, CDATA,
 * five entities and numeric ones.  No comments, no processing instructions, no document type:
 * what is not there can't be misread. */
#ifndef TAKT_MAKERS_LESSON_CHECK_XML_READ_H
#define TAKT_MAKERS_LESSON_CHECK_XML_READ_H

#include "base/base.h"
#include "base/str.h"

struct arena;

enum { XML_DEPTH_MAX = 64, XML_ATTRIBUTES_MAX = 8 };

struct xml_node {
	struct str name;
	struct str text; /* all text inside, decoded; between elements white space only */
	struct {
		struct str name, value;
	} attributes[XML_ATTRIBUTES_MAX];
	size_t n_attributes;
	unsigned line;
	struct xml_node *first, *next;
};

/* The root element.  CODE_INVALID with the line as place for what is not well-formed, not
 * UTF-8, holds a character that XML 1.0 does not allow, or passes a limit. */
enum rc xml_read(struct arena *a, struct str in, struct xml_node **ret, struct err *err) MUST_USE;
/* "" when there is none. */
struct str xml_attribute(const struct xml_node *node, const char *name);
const struct xml_node *xml_child(const struct xml_node *node, const char *name);

#endif
