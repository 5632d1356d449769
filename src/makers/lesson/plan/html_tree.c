/* What is in the tree of a page, and what of it is no matter. */
#include <tidy/tidybuffio.h>

#include "makers/lesson/plan/html_tree.h"

#include "base/arena.h"
#include "makers/lesson/plan/plaintext.h"

enum { TEXT_MAX = PLAN_BYTES_MAX * 4 };

struct str html_node_attribute(TidyNode n, TidyAttrId id)
{
	TidyAttr x = tidyAttrGetById(n, id);
	ctmbstr value = x ? tidyAttrValue(x) : NULL;
	return str_z(value ? value : "");
}

struct str html_node_attribute_named(TidyNode n, const char *name)
{
	for (TidyAttr x = tidyAttrFirst(n); x; x = tidyAttrNext(x))
		if (str_eq_nocase(str_z(tidyAttrName(x)), str_z(name)))
			return str_z(tidyAttrValue(x) ? tidyAttrValue(x) : "");
	return (struct str){ "", 0 };
}

TidyNode html_find(TidyNode n, TidyTagId id)
{
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		TidyNode ret = tidyNodeGetId(c) == id ? c : html_find(c, id);
		if (ret)
			return ret;
	}
	return NULL;
}

size_t html_count(TidyNode n, TidyTagId id)
{
	size_t ret = tidyNodeGetId(n) == id;
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c))
		ret += html_count(c, id);
	return ret;
}

/* The text below a node, as characters. */
void html_add_text(TidyDoc doc, TidyNode n, struct buf *out)
{
	for (TidyNode c = tidyGetChild(n); c; c = tidyGetNext(c)) {
		TidyBuffer b;
		tidyBufInit(&b);
		if (tidyNodeGetType(c) == TidyNode_Text && tidyNodeGetValue(doc, c, &b) && b.bp)
			buf_add(out, (struct str){ (const char *)b.bp, b.size });
		else if (tidyNodeGetId(c) == TidyTag_BR)
			buf_addc(out, '\n');
		tidyBufFree(&b);
		html_add_text(doc, c, out);
	}
}

struct str html_text(TidyDoc doc, TidyNode n, struct arena *a)
{
	struct buf raw = BUF_INIT(TEXT_MAX), clean = BUF_INIT(TEXT_MAX);
	html_add_text(doc, n, &raw);
	text_clean(&clean, buf_str(&raw));
	struct str ret = str_dup(a, str_trim(buf_str(&clean)));
	buf_fini(&raw);
	buf_fini(&clean);
	return ret;
}

/* --- What is left out --- */

static bool is_around(struct str names)
{
	while (names.len > 0)
		if (one_of(str_cut(names, ' ', &names),
		           "toc banner docnav breadcrumb breadcrumbs cookie cookies sidebar navbar "
		           "menu share "
		           "sharing comments related footnotes newsletter"))
			return true;
	return false;
}

static bool is_hidden(TidyNode n)
{
	return tidyAttrGetById(n, TidyAttr_HIDDEN) ||
	       str_eqz(html_node_attribute_named(n, "aria-hidden"), "true") ||
	       str_find(html_node_attribute(n, TidyAttr_STYLE), STR("display:none"), 0) !=
	               SIZE_MAX ||
	       str_find(html_node_attribute(n, TidyAttr_STYLE), STR("display: none"), 0) !=
	               SIZE_MAX;
}

bool html_is_left_out(TidyNode n)
{
	ctmbstr name = tidyNodeGetName(n);
	/* sup: the marks of notes, and powers, which would read as other numbers */
	return one_of(str_z(name ? name : ""),
	              "script style noscript template nav footer aside form button select textarea "
	              "dialog figcaption caption img svg math canvas video audio object iframe "
	              "sup") ||
	       is_hidden(n) || is_around(html_node_attribute(n, TidyAttr_CLASS)) ||
	       is_around(html_node_attribute(n, TidyAttr_ID)) ||
	       one_of(html_node_attribute_named(n, "role"),
	              "navigation banner contentinfo search complementary");
}
