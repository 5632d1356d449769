/* The vocabulary: each spelling once, with its stem (Snowball) and how often it occurs.
 * Function words and words that say little come from the lists below; what kinds of word
 * the others can be is decided in wordforms.c. */
#include <libstemmer.h>
#include <utf8proc.h>

#include "makers/lesson/plan/languages.h"
#include "makers/lesson/plan/plan.h"

enum { BUCKETS = 1 << 14 };

struct lexicon {
	struct arena *arena;
	struct wordnet *wn;
	struct sb_stemmer *stemmer;
	struct word *buckets[BUCKETS];
	struct word *stems[BUCKETS]; /* one word for each stem */
	uint32_t n_words, n_stems;
	bool is_loading, has_forms; /* has_forms: the kinds of words are known */
};

static const struct {
	enum tag tag;
	const char *words;
} function_words[] = {
	{ TAG_DETERMINER,
	  "the a an this that these those each every some any no all both either neither "
	  "another other many few several most more much less least enough such own "
	  "various certain same" },
	{ TAG_POSSESSIVE, "my your his her its our their whose 's" },
	{ TAG_PRONOUN,
	  "i you he she it we they me him us them myself yourself himself herself itself "
	  "ourselves themselves one ones someone anyone everyone nobody something anything "
	  "everything nothing mine yours ours theirs there here others" },
	{ TAG_PREPOSITION,
	  "of in on at by for with from into onto through during before after above below "
	  "between among across against along around behind beyond under over within "
	  "without toward towards upon via per than as like about near off until since "
	  "except despite because if while although though whereas unless whether versus "
	  "throughout amid inside outside out up down" },
	{ TAG_CONJUNCTION, "and or but nor so yet plus" },
	{ TAG_BE, "am is are was were be been being isn't aren't wasn't weren't 're 'm" },
	{ TAG_HAVE, "have has had having haven't hasn't hadn't 've" },
	{ TAG_DO, "do does did doing done don't doesn't didn't" },
	{ TAG_MODAL,
	  "can could may might must shall should will would cannot can't couldn't shouldn't "
	  "won't wouldn't mustn't 'll 'd ought" },
	{ TAG_NOT, "not never n't" },
	{ TAG_TO, "to" },
	{ TAG_WH, "who whom which what when where why how whoever whatever whichever wherever" },
	{ TAG_ADVERB,
	  "also very too just only even still already often always rarely sometimes usually "
	  "generally typically again once then now soon later thus therefore hence however "
	  "moreover furthermore additionally finally instead rather quite almost nearly "
	  "perhaps maybe indeed together away back well far ever seldom today yesterday "
	  "tomorrow meanwhile otherwise similarly likewise nevertheless nonetheless "
	  "especially particularly largely mainly not-only" },
	{ TAG_NUMBER,
	  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
	  "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy "
	  "eighty ninety hundred thousand million billion trillion dozen dozens half" },
};

/* Content words that say little by themselves: no key terms, no answers. */
static const char generic_words[] =
        "thing things way ways lot lots kind kinds type types sort sorts number numbers part parts "
        "case cases example examples fact facts time times day days week weeks month months year "
        "years people person person's something place places point points end side bit piece "
        "pieces set sets range variety amount amounts order area areas level levels result results "
        "use uses used using make makes made making get gets got getting go goes going went take "
        "takes took taken give gives given want wants need needs needed help helps helped know "
        "known see seen say says said look looks think thought come comes came find found work "
        "works worked working good better best great new old big small large high low long short "
        "important useful different possible able first last next second third main major key "
        "overall early late many other few team teams reason reasons question questions answer "
        "answers issue issues problem problems step steps item items list lists idea ideas "
        "following information content page pages website websites site sites text article post "
        "section above below start starting started based one's addition needs' lack majority "
        "goal goals method methods means form forms state states group groups everyone user users "
        "member members service services others change changes opportunity opportunities "
        "january february april june july august september october november december monday "
        "figure image response tuesday wednesday thursday friday saturday sunday sense basis name "
        "names word words line lines account right left top bottom course "
        "today approach approaches process processes tool tools system systems experience";

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h;
}

struct str lower_case(struct arena *a, struct str s)
{
	char *out = arena_bytes(a, s.len * 3 + 4);
	size_t len = 0;
	for (size_t i = 0; i < s.len;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + i,
		                                      (utf8proc_ssize_t)(s.len - i), &c);
		if (n <= 0)
			break;
		i += (size_t)n;
		if (c == 0x2019 || c == 0x2018) /* curly apostrophes */
			c = '\'';
		utf8proc_ssize_t m =
		        utf8proc_encode_char(utf8proc_tolower(c), (utf8proc_uint8_t *)out + len);
		len += m > 0 ? (size_t)m : 0;
	}
	return (struct str){ out, len };
}

/* Half of a plan's time would go into this if each word of the list were cut out first. */
bool one_of(struct str w, const char *list)
{
	while (*list) {
		size_t i = 0;
		while (i < w.len && list[i] == w.ptr[i] && list[i] != ' ')
			i++;
		if (i == w.len && (list[i] == ' ' || !list[i]))
			return true;
		list += i;
		while (*list && *list != ' ')
			list++;
		list += *list == ' ';
	}
	return false;
}

/* --- Words --- */

/* The stemmer leaves the plural of an abbreviation alone: PDFs, EHRs. */
static struct str without_plural(struct str stem)
{
	for (size_t i = 0; i < stem.len; i++)
		if (strchr("aeiouy", stem.ptr[i]))
			return stem;
	return stem.len > 2 && stem.ptr[stem.len - 1] == 's' && stem.ptr[stem.len - 2] != 's'
	               ? str_sub(stem, 0, stem.len - 1)
	               : stem;
}

static void stem_word(struct lexicon *l, struct word *w)
{
	const sb_symbol *s = sb_stemmer_stem(l->stemmer, (const sb_symbol *)w->text.ptr,
	                                     (int)size_min(w->text.len, 200));
	struct str stem = s ? (struct str){ (const char *)s, (size_t)sb_stemmer_length(l->stemmer) }
	                    : w->text;
	stem = without_plural(stem);
	uint32_t at = hash(stem) % BUCKETS;
	for (; l->stems[at]; at = (at + 1) % BUCKETS) {
		if (!str_eq(l->stems[at]->stem, stem))
			continue;
		w->stem = l->stems[at]->stem;
		w->stem_id = l->stems[at]->stem_id;
		return;
	}
	w->stem = str_dup(l->arena, stem);
	w->stem_id = l->n_stems++;
	if (l->n_stems < BUCKETS * 3 / 4)
		l->stems[at] = w; /* past that, rare spellings count as stems of their own */
}

struct word *lexicon_word(struct lexicon *l, struct str text)
{
	struct arena_mark mark = arena_mark(l->arena);
	struct str lower = lower_case(l->arena, text);
	uint32_t at = hash(lower) % BUCKETS;
	for (struct word *w = l->buckets[at]; w; w = w->hash_next)
		if (str_eq(w->text, lower)) {
			arena_rewind(l->arena, mark);
			return w;
		}
	struct word *w = arena_new(l->arena, struct word, 1);
	w->text = lower;
	w->id = l->n_words++;
	w->hash_next = l->buckets[at];
	l->buckets[at] = w;
	stem_word(l, w);
	if (!l->is_loading && l->has_forms)
		word_weigh(l->arena, l->wn, w);
	return w;
}

static void load_language(struct lexicon *l, const struct language *language)
{
	struct str rest = str_z(language->words);
	while (rest.len > 0) {
		struct word *w = lexicon_word(l, str_cut(rest, ' ', &rest));
		w->fixed = TAG_DETERMINER; /* of some kind: nothing asks which */
		w->is_stop = true;
	}
	l->is_loading = false;
	rest = str_z(language->weak);
	while (rest.len > 0)
		lexicon_word(l, str_cut(rest, ' ', &rest))->is_stop = true;
}

static void load_english(struct lexicon *l)
{
	for (size_t i = 0; i < ARRAY_LEN(function_words); i++) {
		struct str rest = str_z(function_words[i].words);
		while (rest.len > 0) {
			struct word *w = lexicon_word(l, str_cut(rest, ' ', &rest));
			w->fixed = function_words[i].tag;
			w->is_stop = true;
		}
	}
	l->is_loading = false;
	struct str rest = str_z(generic_words);
	while (rest.len > 0)
		lexicon_word(l, str_cut(rest, ' ', &rest))->is_stop = true;
}

struct lexicon *lexicon_create(struct arena *a, struct wordnet *wn, const struct language *language)
{
	struct lexicon *l = arena_new(a, struct lexicon, 1);
	l->arena = a;
	l->wn = wn;
	l->has_forms = !language;
	l->stemmer = sb_stemmer_new(language ? language->stemmer : "english", NULL);
	assert(l->stemmer);
	l->is_loading = true;
	if (language)
		load_language(l, language);
	else
		load_english(l);
	return l;
}

void lexicon_destroy(struct lexicon *l)
{
	sb_stemmer_delete(l->stemmer);
}

uint32_t lexicon_stems(const struct lexicon *l)
{
	return l->n_stems;
}

static bool is_word_byte(char c)
{
	return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') ||
	       ((c | 32) >= 'a' && (c | 32) <= 'z');
}

struct str normal_form(struct arena *a, struct lexicon *l, struct str s)
{
	struct buf b = BUF_INIT(1 << 16);
	for (size_t i = 0; i < s.len;) {
		size_t from = i;
		while (i < s.len && is_word_byte(s.ptr[i]))
			i++;
		if (i > from) {
			struct word *w = lexicon_word(l, str_sub(s, from, i - from));
			bool is_article = str_eqz(w->text, "the") || str_eqz(w->text, "a") ||
			                  str_eqz(w->text, "an");
			if (!is_article || (from == 0 && i == s.len)) {
				if (b.len > 0)
					buf_addc(&b, ' ');
				buf_add(&b, w->stem);
			}
		} else {
			i++;
		}
	}
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}
