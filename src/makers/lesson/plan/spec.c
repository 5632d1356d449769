/* A brief → the spec.  Reads, mines, asks, selects, and writes JSON with one member a
 * line, so that a person can edit it. */
#include <sodium.h>

#include "codec/json.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/plan/shallow.h"

enum {
	QUESTIONS_MIN = 10,
	QUESTIONS_MAX = 30,
	OPTIONS_PER_QUESTION = 4,
	OPTION_QUESTIONS_MAX = 6,
	TERMS_MAX = 20,
	KEY_TERMS_MAX = 200,
	ENGLISH_MIN = 20, /* per cent of function words; English prose has 40 to 55 */
	SPEC_BYTES_MAX = 4 << 20
};

static const char wordnet_folder[] = "/usr/share/wordnet";

/* --- Members --- */

static struct str cut_line(struct str s)
{
	if (s.len <= PLAN_LINE_MAX)
		return s;
	s.len = PLAN_LINE_MAX;
	while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

/* A file name may hold anything but must be a line. */
static struct str name_line(struct arena *a, struct str name)
{
	char *out = arena_bytes(a, name.len + 1);
	size_t n = 0;
	bool is_text = utf8_check(name) == name.len;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		if (c >= 0x20 && c != 0x7f && (is_text || c < 0x80))
			out[n++] = (char)c;
	}
	return n > 0 ? cut_line((struct str){ out, n }) : STR("brief");
}

static void put_source(struct json_out *o, struct arena *a, const struct lesson_brief *brief,
                       const struct doc *d)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char hex[crypto_hash_sha256_BYTES * 2 + 1];
	crypto_hash_sha256(hash, (const unsigned char *)brief->text.ptr, brief->text.len);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	json_keyz(o, "source");
	json_begin_object(o);
	json_put_str(o, "name", name_line(a, brief->name));
	json_put_str(o, "sha256", str_z(hex));
	json_put_int(o, "words", d->n_words);
	json_end_object(o);
}

static struct str section_id(struct arena *a, const struct section *s)
{
	return str_fmt(a, "s%u", s && s->index > 0 ? s->index : 1);
}

static struct str section_title(const struct doc *d, const struct section *s)
{
	return cut_line(s->level == 0 && !s->next ? d->title : s->title);
}

/* A section that says nothing and is asked nothing is not shown; the others move up. */
static void drop_empty_sections(struct doc *d, const struct fact **terms, size_t n_terms,
                                struct question **q, size_t n)
{
	uint32_t index = 0;
	for (struct section *s = d->sections; s; s = s->next) {
		bool is_kept = s->summary.len > 0;
		for (size_t i = 0; i < n; i++)
			is_kept |= q[i]->section == s;
		for (size_t i = 0; i < n_terms; i++)
			is_kept |= terms[i]->sentence->block->section->parent == s;
		if (s->index > 0)
			s->index = is_kept ? ++index : 0;
	}
}

static void put_sections(struct json_out *o, struct arena *a, const struct doc *d)
{
	json_keyz(o, "sections");
	json_begin_array(o);
	for (const struct section *s = d->sections; s; s = s->next) {
		if (s->index == 0)
			continue;
		json_begin_object(o);
		json_put_str(o, "id", section_id(a, s));
		json_put_str(o, "title", section_title(d, s));
		json_put_str(o, "summary", s->summary.len > 0 ? s->summary : section_title(d, s));
		json_end_object(o);
	}
	json_end_array(o);
}

static void put_terms(struct json_out *o, struct arena *a, const struct fact **list, size_t n)
{
	json_keyz(o, "terms");
	json_begin_array(o);
	for (size_t i = 0; i < n; i++) {
		const struct fact *f = list[i];
		json_begin_object(o);
		json_put_str(o, "id", str_fmt(a, "t%zu", i + 1));
		json_put_str(o, "term", f->term);
		json_put_str(o, "definition", f->definition);
		json_put_str(o, "section", section_id(a, f->sentence->block->section->parent));
		json_put_str(o, "source", f->source);
		json_end_object(o);
	}
	json_end_array(o);
}

static void put_objectives(struct json_out *o, struct planner *p, const struct fact **list,
                           size_t n_terms, struct question **q, size_t n)
{
	struct aims x = { .n = 0 };
	if (p->doc->language)
		shallow_aims_find(p, q, n, &x);
	else
		aims_find(p, list, n_terms, q, n, &x);
	json_keyz(o, "objectives");
	json_begin_array(o);
	for (size_t i = 0; i < x.n; i++)
		json_str(o, x.text[i]);
	json_end_array(o);
}

/* --- Questions --- */

static void put_list(struct json_out *o, const char *key, const struct str *list, size_t n)
{
	json_key(o, str_z(key));
	json_begin_array(o);
	for (size_t i = 0; i < n; i++)
		json_str(o, list[i]);
	json_end_array(o);
}

static void put_pairs(struct json_out *o, const struct question *q)
{
	json_keyz(o, "pairs");
	json_begin_array(o);
	for (size_t i = 0; i < q->n_pairs; i++) {
		json_begin_object(o);
		json_put_str(o, "left", q->pairs[i].left);
		json_put_str(o, "right", q->pairs[i].right);
		json_put_str(o, "source", q->pairs[i].source);
		json_end_object(o);
	}
	json_end_array(o);
}

static void put_answer(struct json_out *o, const struct question *q)
{
	switch (q->type) {
	case Q_CHOICE:
		json_put_str(o, "answer", q->answer);
		put_list(o, "distractors", q->distractors.text, q->distractors.n);
		break;
	case Q_TRUE_FALSE:
		json_put_bool(o, "is_true", q->is_true);
		json_put_str(o, "answer", q->answer);
		if (!q->is_true)
			json_put_str(o, "replacement", q->replacement);
		break;
	case Q_CLOZE:
	case Q_SHORT:
		json_put_str(o, "answer", q->answer);
		put_list(o, "accepted", q->accepted, q->n_accepted);
		break;
	case Q_NUMBER:
		json_put_str(o, "answer", q->number);
		if (q->unit.len > 0)
			json_put_str(o, "unit", q->unit);
		break;
	case Q_MATCH:
		put_pairs(o, q);
		break;
	case Q_ORDER:
		put_list(o, "items", q->items, q->n_items);
		break;
	case Q_TYPES:
		break;
	}
}

static void put_questions(struct json_out *o, struct arena *a, struct question **list, size_t n)
{
	static const char *const types[Q_TYPES] = { "choice", "true_false", "cloze", "match",
		                                    "order",  "short",      "number" };
	json_keyz(o, "questions");
	json_begin_array(o);
	for (size_t i = 0; i < n; i++) {
		const struct question *q = list[i];
		json_begin_object(o);
		json_put_str(o, "id", str_fmt(a, "q%zu", i + 1));
		json_put_str(o, "type", str_z(types[q->type]));
		json_put_str(o, "section", section_id(a, q->section));
		json_put_int(o, "difficulty", q->difficulty);
		json_put_str(o, "prompt", q->prompt);
		put_answer(o, q);
		json_put_str(o, "explanation", q->explanation);
		json_put_str(o, "source", q->source);
		json_end_object(o);
	}
	json_end_array(o);
}

/* --- All of it --- */

static uint32_t hash_text(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h >> 7;
}

/* A manual's options can be asked for one by one: the more it has, the more are asked. */
static int64_t usual_number(struct planner *p)
{
	int64_t options = 0;
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		options += is_clear_option(p, f);
	return QUESTIONS_MIN + 2 + p->doc->n_words / 1000 +
	       int64_min(options / OPTIONS_PER_QUESTION, OPTION_QUESTIONS_MAX);
}

static size_t wanted(const struct lesson_brief *brief, struct planner *p)
{
	int64_t n = brief->questions > 0 ? brief->questions : usual_number(p);
	return (size_t)int64_max(QUESTIONS_MIN, int64_min(n, QUESTIONS_MAX));
}

static enum rc too_little(const struct doc *d, size_t n, struct err *err)
{
	unsigned sound = 0;
	for (const struct sentence *s = d->sentences; s; s = s->next)
		sound += s->is_sound;
	return err_set(err, CODE_NOTHING_TO_ASK,
	               "%u of %u sentences stand on their own, enough for %zu sound questions; %d "
	               "are needed: running text that states facts in full sentences",
	               sound, d->n_sentences, n, PLAN_QUESTIONS_MIN);
}

static void write_spec(struct planner *p, const struct lesson_brief *brief, struct question **q,
                       size_t n, struct buf *out)
{
	struct arena *a = p->arena;
	const struct doc *d = p->doc;
	struct buf terse = BUF_INIT(SPEC_BYTES_MAX);
	struct json_out o;
	const struct fact *list[TERMS_MAX];
	size_t n_terms = glossary_find(p, list, TERMS_MAX);
	drop_empty_sections(p->doc, list, n_terms, q, n);
	json_out_init(&o, &terse);
	json_begin_object(&o);
	json_put_str(&o, "format", STR("takt.lesson/1"));
	json_put_str(&o, "title", cut_line(d->title));
	json_put_str(&o, "language", d->language ? d->language->code : STR("en"));
	put_source(&o, a, brief, d);
	json_put_str(&o, "summary", d->summary);
	put_objectives(&o, p, list, n_terms, q, n);
	put_sections(&o, a, d);
	put_terms(&o, a, list, n_terms);
	put_questions(&o, a, q, n);
	spec_put_game(&o, n);
	json_end_object(&o);
	spec_add_pretty(out, buf_str(&terse));
	buf_fini(&terse);
}

static enum rc not_english(struct planner *p, const char *language, struct err *err)
{
	if (language)
		return err_set(
		        err, CODE_NOTHING_TO_ASK,
		        "the text seems to be %s; lessons are made from texts in English and "
		        "in " STR_FMT,
		        language, STR_ARG(languages_known(p->arena)));
	return err_set(
	        err, CODE_NOTHING_TO_ASK,
	        "only %u%% of the words are English function words, so this is a list, "
	        "code or another language; running text is needed, in English or in " STR_FMT,
	        doc_english(p->doc), STR_ARG(languages_known(p->arena)));
}

/* Sections, sentences, terms and facts. */
static enum rc mine(struct planner *p, struct err *err)
{
	const struct language *l = p->doc->language;
	doc_number_sections(p->doc);
	sentences_read(p->arena, p->lexicon, p->doc);
	if (!l && doc_english(p->doc) < ENGLISH_MIN)
		return not_english(p, p->foreign, err);
	sentences_rank(p->arena, p->lexicon, p->doc);
	if (l)
		shallow_terms_find(p);
	else
		terms_find(p->arena, p->lexicon, p->doc, p->terms);
	return RC_OK;
}

static enum rc plan(struct planner *p, const struct lesson_brief *brief, struct buf *out,
                    struct err *err)
{
	struct questions all;
	struct question **picked;
	enum rc rc = mine(p, err);
	if (rc != RC_OK)
		return rc;
	if (p->doc->language)
		shallow_questions_make(p, &all);
	else
		questions_make(p, &all);
	size_t n = questions_select(p, &all, wanted(brief, p), &picked);
	if (n < PLAN_QUESTIONS_MIN)
		return too_little(p->doc, n, err);
	summaries_find(p);
	write_spec(p, brief, picked, n, out);
	if (buf_rc(out) != RC_OK)
		return err_set(err, CODE_TOO_LARGE, "the spec does not fit %zu bytes", out->max);
	return RC_OK;
}

/* One term a line, best first. */
static enum rc list_terms(struct planner *p, const struct lesson_brief *brief, struct buf *out,
                          struct err *err)
{
	struct str *list = arena_new(p->arena, struct str, KEY_TERMS_MAX);
	enum rc rc = mine(p, err);
	(void)brief;
	if (rc != RC_OK)
		return rc;
	size_t n = key_terms(p, list, KEY_TERMS_MAX);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, STR_FMT "\n", STR_ARG(list[i]));
	return RC_OK;
}

typedef enum rc (*what_to_do)(struct planner *p, const struct lesson_brief *brief, struct buf *out,
                              struct err *err);

static enum rc with_planner(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                            what_to_do what, struct err *err)
{
	struct doc doc;
	struct terms terms;
	enum rc rc = doc_read(a, brief->name, brief->text, &doc, err);
	if (rc != RC_OK)
		return rc;
	const char *foreign;
	doc.language = language_of(a, &doc, &foreign);
	if (doc.language) /* what stands before the first heading */
		doc.sections->title = language_say(a, doc.language, "introduction", NULL, 0);
	struct wordnet *wn = wordnet_open(a, wordnet_folder);
	struct planner p = { .arena = a,
		             .lexicon = lexicon_create(a, wn, doc.language),
		             .foreign = foreign,
		             .wordnet = wn,
		             .doc = &doc,
		             .terms = &terms,
		             .seed = hash_text(brief->text) };
	rc = what(&p, brief, out, err);
	lexicon_destroy(p.lexicon);
	wordnet_close(wn);
	return rc;
}

enum rc lesson_plan(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                    struct err *err)
{
	return with_planner(a, brief, out, plan, err);
}

enum rc lesson_key_terms(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                         struct err *err)
{
	return with_planner(a, brief, out, list_terms, err);
}
