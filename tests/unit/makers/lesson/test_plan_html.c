/* A page of HTML is read like the Markdown it could have been: what it says is kept, what
 * surrounds it is not, and what it hides or breaks does no harm. */
#include <cmark-gfm.h>
#include <stdlib.h>

#include "planned.h"

static const char harbour[] =
        "A breakwater is a wall of stone that keeps the waves out of a harbour. A lighthouse is "
        "a tower with a lamp that shows ships the way at night. Pilots are local sailors who "
        "bring large ships through the narrow channel. The harbour master always decides which "
        "ship may enter the inner basin. Fishing boats usually leave the old quay before "
        "sunrise. The Coastal Rescue Service (CRS) keeps a *fast boat* beside the fuel "
        "station.\n\n"
        "## The channel\n\n"
        "Strong tides carry sand into the entrance of the harbour. A **dredger** is a ship that "
        "digs sand and mud out of the channel. The largest crane of the port lifts containers "
        "onto trucks. Every buoy in the channel carries a bright lamp & a bell. The customs "
        "office inspects all the goods from foreign countries. Wooden piles rot quickly in warm "
        "water with many shipworms. A shipworm is a long clam that bores into wooden hulls and "
        "piles. Copper sheets protect the hull of an old schooner against shipworms.\n\n"
        "The steps of mooring are:\n\n"
        "1. Lower the sails of the ship\n2. Throw the rope to the quay\n"
        "3. Make the rope fast to a ring\n4. Call the harbour master\n\n"
        "## Winter\n\n"
        "A winch is a drum that hauls a heavy rope by turning slowly. Gulls rarely nest on the "
        "roofs of the old warehouses. An anchor is a heavy hook that holds a ship in its place. "
        "Thick ropes of hemp were replaced with nylon in most ports. Storm warnings are hoisted "
        "on the mast of the signal station. A barge is a flat boat that carries coal and grain "
        "along the canals. The dry dock is a basin that is pumped empty for repairs. Painters "
        "cover the hull with a toxic coating against weeds. The canal connects the harbour with "
        "the inland mills. The port received 5,200 barrels of oil in 2019.\n\n"
        "- **Ropes:** Coil the ropes on deck before the frost comes.\n"
        "- **Engines:** Drain the water from the engine in the first cold night.\n"
        "- **Hatches:** Cover the hatches of the hold with tarred cloth.\n";

static struct made make(const char *name, struct str text)
{
	return made_of(name, text, 0);
}

/* The harbour as a page, with `head` in its head, `before` and `after` around its main part. */
static void add_page(struct buf *out, const char *head, const char *before, const char *after)
{
	char *html = cmark_markdown_to_html(harbour, strlen(harbour), CMARK_OPT_DEFAULT);
	buf_addf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head>%s</head><body>%s<main>%s</main>%s",
	         head, before, html, after);
	buf_addz(out, "</body></html>");
	free(html);
}

START_TEST(a_page_is_read_like_its_markdown)
{
	struct buf page = BUF_INIT(1 << 20);
	add_page(&page, "<title>x</title>", "", "");
	struct made a = make("a.md", str_z(harbour)), b = make("a.html", buf_str(&page));
	ck_assert_ok(a.rc);
	ck_assert_ok(b.rc);
	static const char *const same[] = { "terms", "sections" };
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		ck_assert(str_eq(json_get(a.spec, str_z(same[i]))->raw,
		                 json_get(b.spec, str_z(same[i]))->raw));
	unmake(&a);
	unmake(&b);
	buf_fini(&page);
}
END_TEST

START_TEST(what_surrounds_the_matter_is_left_out)
{
	static const char *const around[] = {
		"<nav><p>A kraken is a beast that pulls ships under the water.</p></nav>",
		"<div class='sidebar wide'><p>A kraken is a beast that pulls ships "
		"under.</p></div>",
		"<footer><p>A kraken is a beast that pulls ships under the water.</p></footer>",
		"<script>var a = '<p>A kraken is a beast that pulls ships under.</p>';</script>",
		"<style>p::after { content: 'A kraken is a beast that pulls ships under.' "
		"}</style>",
		"<p hidden>A kraken is a beast that pulls ships under the water.</p>",
		"<p style='color: red; display: none'>A kraken is a beast that pulls ships.</p>",
		"<p aria-hidden='true'>A kraken is a beast that pulls ships under the water.</p>",
		"<form><label>A kraken is a beast that pulls ships under the water.</label></form>",
		"<aside>A kraken is a beast that pulls ships under the water.</aside>",
		"<figure><figcaption>A kraken is a beast that pulls ships.</figcaption></figure>",
		"<!-- A kraken is a beast that pulls ships under the water. -->",
	};
	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		struct buf page = BUF_INIT(1 << 20);
		char *html = cmark_markdown_to_html(harbour, strlen(harbour), CMARK_OPT_DEFAULT);
		buf_addf(&page, "<html><body>%s%s%s</body></html>", around[i], html, around[i]);
		struct made m = make("a.html", buf_str(&page));
		ck_assert_ok(m.rc);
		ck_assert_msg(!says(&m, "kraken"), "%s", around[i]);
		free(html);
		unmake(&m);
		buf_fini(&page);
	}
	/* … and the same where it is the matter: else this proves nothing. */
	struct buf page = BUF_INIT(1 << 20);
	add_page(&page, "", "<p>A squid is a beast that lives far outside the main part.</p>",
	         "</main><p>Outside.</p>");
	struct made m = make("a.html", buf_str(&page));
	ck_assert_ok(m.rc);
	ck_assert(!says(&m, "squid"));
	ck_assert(says(&m, "breakwater"));
	unmake(&m);
	buf_fini(&page);
}
END_TEST

START_TEST(a_page_says_what_it_is_about)
{
	struct buf page = BUF_INIT(1 << 20), headed = BUF_INIT(1 << 20);
	add_page(&page,
	         "<title>Ships &amp; stones | The Port's own pages</title>"
	         "<meta name=\"description\" content=\"How a harbour keeps ships safe in any "
	         "weather.\">",
	         "", "");
	struct made m = make("a.html", buf_str(&page));
	ck_assert_ok(m.rc);
	ck_assert_str(member(&m, "title"), "Ships & stones");
	ck_assert(str_starts(member(&m, "summary"),
	                     STR("How a harbour keeps ships safe in any weather.")));
	unmake(&m);
	add_page(&headed, "<title>Another</title>", "<main><h1>The <em>old</em> harbour</h1>", "");
	m = make("a.html", buf_str(&headed));
	ck_assert_ok(m.rc);
	ck_assert_str(member(&m, "title"), "The old harbour");
	unmake(&m);
	buf_fini(&page);
	buf_fini(&headed);
}
END_TEST

START_TEST(a_page_is_known_by_how_it_begins)
{
	static const char *const heads[] = {
		"<?xml version=\"1.0\"?>\n<!-- kept -->\n<!DOCTYPE html>\n<html>",
		"\xef\xbb\xbf  <HTML>", "<head><title>x</title></head>", "<body class=x>"
	};
	char *html = cmark_markdown_to_html(harbour, strlen(harbour), CMARK_OPT_DEFAULT);
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct buf page = BUF_INIT(1 << 20);
		buf_addf(&page, "%s<nav>A kraken is a beast that pulls ships under.</nav>%s",
		         heads[i], html);
		struct made m = make("brief", buf_str(&page));
		ck_assert_ok(m.rc);
		ck_assert_msg(!says(&m, "kraken") && says(&m, "breakwater"), "%s", heads[i]);
		unmake(&m);
		buf_fini(&page);
	}
	/* Markdown may begin with a tag: its own marks still count. */
	struct buf text = BUF_INIT(1 << 20);
	buf_addf(&text, "<p align=\"center\">The harbour</p>\n\n# Stones\n\n%s", harbour);
	struct made m = make("README.md", buf_str(&text));
	ck_assert_ok(m.rc);
	ck_assert_str(member(&m, "title"), "Stones");
	unmake(&m);
	buf_fini(&text);
	free(html);
}
END_TEST

START_TEST(text_of_a_page_is_no_markup)
{
	struct buf page = BUF_INIT(1 << 20);
	add_page(&page, "<title>*Not* # a `title` [x](y)</title>", "", "");
	struct made m = make("a.html", buf_str(&page));
	ck_assert_ok(m.rc);
	ck_assert_str(member(&m, "title"), "*Not* # a `title` [x](y)");
	unmake(&m);
	buf_clear(&page);
	add_page(&page, "",
	         "<main><p># A kedge is a *small* anchor that pulls a &lt;b&gt;ship&lt;/b&gt; "
	         "off the [ground](no).</p><p>1. A mooring is a chain of the port that "
	         "holds ships in a storm.</p>",
	         "");
	m = make("a.html", buf_str(&page));
	ck_assert_ok(m.rc);
	ck_assert(!says(&m, "\"title\": \"A kedge"));
	ck_assert(says(&m, "a *small* anchor that pulls a <b>ship</b> off the [ground](no)") ||
	          !says(&m, "kedge"));
	unmake(&m);
	buf_fini(&page);
}
END_TEST

START_TEST(definition_lists_and_broken_markup_are_read)
{
	struct buf page = BUF_INIT(1 << 20);
	char *html = cmark_markdown_to_html(harbour, strlen(harbour), CMARK_OPT_DEFAULT);
	buf_addf(&page,
	         "<html><p>Unclosed <b>bold</b> text of a page<p>and again<br></i>broken%s"
	         "<dl><dt>Capstan<dd>A drum that six strong sailors turn to raise the anchor."
	         "<dt>Bollard<dd>Put the loop of the rope over the bollard on the quay."
	         "<dt>Fender<dd>Hang a fender of old rope between the ship and the wall.</dl>",
	         html);
	struct made m = make("a.html", buf_str(&page));
	ck_assert_ok(m.rc);
	ck_assert(says(&m, "\"term\": \"Capstan\""));
	unmake(&m);
	free(html);
	buf_fini(&page);
}
END_TEST

START_TEST(nesting_without_end_is_bounded)
{
	static const char *const units[] = { "<div>",        "<b>",     "<b><p>",      "<ul><li>",
		                             "<blockquote>", "<i>a<p>", "<table><tr>", "<dl><dt>",
		                             "<x-y>",        "</div>",  "<a href='",   "<!--" };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct buf page = BUF_INIT(2 << 20);
		buf_addz(&page, "<html><body>");
		while (page.len < 200000)
			buf_addz(&page, units[i]);
		struct made m = make("a.html", buf_str(&page));
		ck_assert_msg(m.rc == RC_INVALID, "%s: %s", units[i], m.err.text);
		unmake(&m);
		buf_fini(&page);
	}
}
END_TEST

/* tidy compares each attribute with every other, and opens inline elements anew in each
 * paragraph: unbounded, these attributes alone take longer than a test may. */
START_TEST(attributes_and_inline_elements_are_bounded)
{
	struct buf page = BUF_INIT(2 << 20);
	buf_addz(&page, "<html><body><p");
	for (int i = 0; i < 110000; i++)
		buf_addf(&page, " a%d=1", i);
	buf_addz(&page, ">kraken</p>");
	for (int i = 0; i < 6000; i++)
		buf_addz(&page, "<font color=red>the<p>");
	char *html = cmark_markdown_to_html(harbour, strlen(harbour), CMARK_OPT_DEFAULT);
	buf_addz(&page, html);
	struct made m = make("a.html", buf_str(&page));
	ck_assert_msg(m.rc == RC_OK, "%s", m.err.text);
	ck_assert(says(&m, "A breakwater is a wall of stone"));
	unmake(&m);
	free(html);
	buf_fini(&page);
}
END_TEST

UNIT_MAIN("makers/lesson/plan_html", a_page_is_read_like_its_markdown,
          what_surrounds_the_matter_is_left_out, a_page_says_what_it_is_about,
          a_page_is_known_by_how_it_begins, text_of_a_page_is_no_markup,
          definition_lists_and_broken_markup_are_read, nesting_without_end_is_bounded,
          attributes_and_inline_elements_are_bounded)
