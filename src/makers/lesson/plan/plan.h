/* What the files of the planner share: a text read into sections, blocks, sentences and
 * tokens, the facts found in it, and the questions made from them.
 *
 *	markdown.c   bytes → sections and blocks of plain text
 *	blocks.c     … as they are closed
 *	front.c      front matter and short codes
 *	html.c       a page of HTML → Markdown: html_tree.c, html_write.c
 *	plaintext.c  what is text, clean; what stands beside the matter
 *	sessions.c   the commands in code
 *	sections.c   which sections the spec shows
 *	manual.c     a manual page → Markdown
 *	manual_lines.c … line by line
 *	manual_tables.c … its tables
 *	tables.c     tables of Markdown
 *	words.c      vocabulary: stems, function words, counts
 *	wordforms.c  … what kinds of word a spelling can be
 *	wordnet.c    the lexical database's files, when they are there
 *	sentences.c  blocks → sentences → tokens
 *	tags.c       … and their parts of speech
 *	shape.c      how a whole sentence begins and ends
 *	sound.c      which sentences stand on their own
 *	languages.c  which language a text is in, and how that asks
 *	shallow.c    what can be asked without a grammar: shallow_terms.c, shallow_ask.c,
 *	             shallow_sets.c
 *	terms.c      noun phrases with their counts
 *	termcues.c   where a sentence introduces a term …
 *	termnames.c  … by naming it
 *	termlists.c  … by its place
 *	termglosses.c … by explaining it
 *	candidates.c what could be a key term …
 *	keyterms.c   … which of them a glossary would list
 *	termweights.c … by what they weigh
 *	definitions.c … what a sentence says that a term is (definitionnames.c,
 *	              definitionspans.c, definitionwords.c)
 *	glossary.c   … and those that the spec lists
 *	abbreviations.c  … with their long forms
 *	facts.c      what the text says that something is, does or stands for
 *	phrasing.c   a sentence in the third person, or turned into a question
 *	endings.c    reasons, purposes and other endings of sentences
 *	clauses.c    … asked for one by one
 *	halves.c     … put together with their beginnings
 *	counts.c     numbers with what they count
 *	lists.c      which of these the text counts among …
 *	namings.c    what is named side by side
 *	examples.c   which of these the text names as an example of …
 *	interviews.c what the text asks and answers itself
 *	statements.c what is true or false, and how many
 *	aims.c       what a learner can do afterwards
 *	rank.c       which sentences carry the text (SumBasic with position)
 *	summaries.c  what the sections and the lesson say, in a few of these
 *	distract.c   plausible but false alternatives
 *	numbers.c    numbers, and others like them
 *	opposites.c  words that turn a statement round
 *	contrasts.c  what is set against something else
 *	gaps.c       a term left out of a sentence
 *	identifiers.c … an option, a command, a file
 *	matches.c    terms with what the text says of them
 *	commands.c   which command the text gives for this
 *	options.c    which option, command or file does this
 *	meanings.c   … what it does, what a status means
 *	rows.c       rows of a table, matched and put in order
 *	orders.c     the steps of a list, to be put in order
 *	sequences.c  … dates and steps told in sentences
 *	chains.c     … steps told in one sentence
 *	series.c     … stages, series and sessions
 *	questions.c  candidates from facts, and all of the above together
 *	conflicts.c  which two do not go together
 *	select.c     the best set of those that do
 *	game.c       what players can reach
 *	spec.c       the spec as JSON
 *	pretty.c     … as people read it
 *
 * All of it lives in one arena and ends with it.  Views point into that arena.  Nothing
 * depends on addresses, clocks or chance: the same bytes give the same spec.
 */
#ifndef TAKT_MAKERS_LESSON_PLAN_H
#define TAKT_MAKERS_LESSON_PLAN_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

enum {
	PLAN_WORDS_MIN = 300,
	PLAN_WORDS_MAX = 50000,
	PLAN_BYTES_MAX = 2 << 20,
	PLAN_SECTIONS_MAX = 40,
	PLAN_QUESTIONS_MIN = 4, /* fewer sound ones are no lesson */
	PLAN_LINE_MAX = 300,    /* spec.schema.json, $defs/line */
	PHRASE_MAX = 6,         /* tokens of a term */
	PLAN_SENTENCE_MAX = 600 /* bytes; longer ones are lists or tables in disguise */
};

/* --- Words --- */

enum tag {
	TAG_OTHER,
	TAG_NOUN,
	TAG_PROPER,
	TAG_ADJECTIVE,
	TAG_VERB,
	TAG_ADVERB,
	TAG_NUMBER,
	TAG_DETERMINER,
	TAG_POSSESSIVE, /* my, our … and the 's */
	TAG_PRONOUN,
	TAG_PREPOSITION,
	TAG_CONJUNCTION,
	TAG_BE,
	TAG_HAVE,
	TAG_DO,
	TAG_MODAL,
	TAG_NOT,
	TAG_TO,
	TAG_WH,
	TAG_PUNCT
};

struct language;
struct lexicon;
struct wordnet;

struct word {
	struct str text; /* lower case */
	struct str stem;
	uint32_t id, stem_id;
	uint32_t count;        /* in the text */
	uint32_t count_lower;  /* of these, written in lower case */
	uint32_t count_inside; /* with a capital, but not where a sentence begins */
	uint32_t n, v, a, r;   /* weight as noun, verb, adjective, adverb */
	enum tag fixed;        /* a function word's part of speech; TAG_OTHER for the rest */
	bool is_stop;          /* says nothing about the subject */
	bool is_plural;        /* a noun's plural */
	bool is_third;         /* a verb's third person: helps */
	bool is_past;          /* helped, taken */
	bool is_gerund;        /* helping */
	uint8_t lexname;       /* WordNet's kind of the noun; 0 when unknown */
	struct word *hash_next;
	struct word *next; /* in order of first use */
};

/* `l` NULL: English.  Others have no part of WordNet. */
struct lexicon *lexicon_create(struct arena *a, struct wordnet *wn, const struct language *l);
/* The word of that spelling (any case); the same object each time. */
struct word *lexicon_word(struct lexicon *l, struct str text);
void lexicon_destroy(struct lexicon *l);         /* the stemmer; the rest is the arena's */
uint32_t lexicon_stems(const struct lexicon *l); /* stem ids are below this */
/* Sets what kinds of word its spelling can be. */
void word_weigh(struct arena *a, const struct wordnet *wn, struct word *w);
/* Whether the word stands in a list that is separated by spaces. */
bool one_of(struct str w, const char *list);
/* "value", "object", "string": of a manual, they name nothing by themselves. */
bool is_generic_noun(struct str w);
struct str lower_case(struct arena *a, struct str s);
/* Letters, digits and stems only: equal for spellings that a learner takes as one. */
struct str normal_form(struct arena *a, struct lexicon *l, struct str s);

/* --- WordNet.  Missing files are an ordinary condition: every answer is then "unknown". --- */
struct wordnet *wordnet_open(struct arena *a, const char *folder);
void wordnet_close(struct wordnet *wn);
enum wordnet_pos { WORDNET_NOUN, WORDNET_VERB, WORDNET_ADJECTIVE, WORDNET_ADVERB, WORDNET_POS };
/* How often the lemma was seen as each part of speech, plus one when it exists at all. */
void wordnet_weights(const struct wordnet *wn, struct str lemma, uint32_t ret[WORDNET_POS]);
bool wordnet_is_there(const struct wordnet *wn);
uint8_t wordnet_lexname(const struct wordnet *wn, struct str noun); /* 0: unknown */
bool wordnet_are_synonyms(const struct wordnet *wn, struct str a, struct str b);
/* Up to max single-word nouns under the same parent as the first sense of `noun`. */
size_t wordnet_siblings(const struct wordnet *wn, struct arena *a, struct str noun, struct str *ret,
                        size_t max);

/* --- The text --- */

enum block_kind { BLOCK_PARAGRAPH, BLOCK_ITEM, BLOCK_QUOTE };

struct block {
	enum block_kind kind;
	struct str text;        /* plain, one space between words, '\n' where the line was broken */
	size_t label_len;       /* of a bold lead such as "Structure:", with its mark and space */
	struct str label;       /* the lead without its mark: "Structure" */
	struct str command;     /* the code below it, when it is one line */
	struct str commands[6]; /* … and when it is a session: every line has a prompt */
	size_t n_commands;
	bool is_option; /* the lead is code: what an option, a command or a file is for */
	uint32_t list;  /* number of the list an item belongs to, from 1 */
	uint32_t item;  /* place in that list, from 1 */
	bool is_ordered;
	bool is_aside;    /* a disclaimer, a note, a caption: not what the text teaches */
	bool is_instance; /* an item below "including:": named, not stated */
	uint32_t index;
	struct section *section;
	struct sentence *first, *last;
	struct block *next;
};

struct section {
	struct str title;
	int level; /* 1 … 6; 0 before the first heading */
	bool is_aside;
	uint32_t index;         /* from 1 in the spec; 0: merged or dropped */
	struct section *parent; /* whose place in the spec it takes; itself when it has one */
	uint32_t words;
	struct str summary;
	struct str folded; /* the title's normal form; keyterms.c */
	struct section *next;
};

struct phrase { /* set in italics or bold */
	struct str text;
	struct phrase *next;
};

enum { TABLE_COLUMNS_MAX = 6, TABLE_ROWS_MAX = 24, TABLE_CELL_MAX = 200 };

struct table {
	struct block *block; /* where it stands; none of the document's */
	struct str head[TABLE_COLUMNS_MAX];
	struct str rows[TABLE_ROWS_MAX][TABLE_COLUMNS_MAX];
	size_t n_columns, n_rows;
	struct table *next; /* the one before */
};

struct doc {
	const struct language *language; /* NULL: English */
	struct str title;
	struct str abstract; /* what the author says the text is about; may be empty */
	struct str summary;
	struct phrase *emphasised;
	struct section *sections;
	struct block *blocks;
	struct sentence *sentences;
	struct table *tables; /* the last first */
	uint32_t n_words, n_blocks, n_sentences;
};

/* CODE_BRIEF_NOT_TEXT, CODE_BRIEF_TOO_SHORT, CODE_BRIEF_TOO_LONG. */
enum rc doc_read(struct arena *a, struct str name, struct str text, struct doc *ret,
                 struct err *err) MUST_USE;
/* Whether most lines are indented as on a manual page; and that page as Markdown. */
bool is_manual(struct str text);
struct front;
/* The table of a page that begins here, as Markdown: how many bytes it takes, 0 for none. */
size_t manual_table(struct str text, struct buf *out);
void manual_to_markdown(struct arena *a, struct str text, struct buf *out, struct front *ret);
/* Decides which sections the spec shows, and into which of them the deeper ones go. */
void doc_number_sections(struct doc *d);

struct token {
	uint32_t at, len; /* bytes of the sentence */
	struct word *word;
	enum tag tag;
	bool is_capital, is_upper; /* first letter; all of two or more letters */
	bool has_gap;              /* white space stands before it */
};

struct sentence {
	struct str text;
	struct token *tokens;
	uint32_t n;
	uint32_t n_words;
	uint32_t lead; /* tokens of a connective that a prompt leaves out ("Additionally,") */
	bool is_sound; /* stands on its own: may be asked about */
	bool is_whole; /* a full sentence */
	bool is_clear; /* … that needs no other: may be shown in a summary */
	bool is_first_person, is_second_person;
	bool is_used;
	double rank; /* 0 … 1 */
	uint32_t index;
	struct block *block;
	struct sentence *next, *next_in_block;
};

/* What a text says of itself before it begins, in Markdown; empty when it does not. */
struct front {
	struct str title, abstract;
};
/* The text behind its front matter. */
struct str without_front_matter(struct arena *a, struct str in, struct front *ret);
void without_short_codes(struct str in, struct buf *out);
/* Counts the words. */
enum rc doc_check_length(struct doc *d, struct err *err) MUST_USE;
void sentence_tag(struct sentence *s);
void sentence_judge(struct sentence *s);
bool is_balanced(struct str s); /* its brackets and quotes */
bool ends_well(struct str s);   /* with a full stop */
bool starts_well(const struct sentence *s);
void sentences_read(struct arena *a, struct lexicon *l, struct doc *d);
void sentences_rank(struct arena *a, const struct lexicon *l, struct doc *d);
/* By stem id: each stem's share of the text's content words. */
double *stem_shares(struct arena *a, const struct lexicon *l, const struct doc *d);
double sentence_weight(const struct sentence *s, const double *shares);
/* Share of words that are English function words, in per cent. */
unsigned doc_english(const struct doc *d);
struct str low(const struct sentence *s, uint32_t i); /* the token's word; empty behind the end */
/* Whether the line that introduces something stands on its own. */
bool is_sound_intro(const struct sentence *s);
/* The bytes from token `from` up to token `to` (not included). */
struct str sentence_span(const struct sentence *s, uint32_t from, uint32_t to);
/* The same as a prompt of its own: connective left out, first letter upper case. */
struct str sentence_statement(struct arena *a, const struct sentence *s);

/* --- Terms and facts --- */

enum term_kind { TERM_COMMON, TERM_NAME, TERM_ABBREVIATION };

struct term {
	struct str text; /* as it stands at its first use */
	struct str key;  /* normal form */
	enum term_kind kind;
	bool is_plural;
	bool is_vowel; /* wants "an" */
	bool has_name; /* a part of it is a name */
	uint32_t n_tokens;
	uint32_t count;
	/* Without grammar: places that look like a noun's, or not; the articles before them. */
	uint32_t as_noun, as_other, articles;
	double score;
	struct word *head;
	struct sentence *first;
	struct str expansion; /* of an abbreviation, when the text gives it */
	struct term *alias;   /* the other of an abbreviation and its long form */
	uint32_t *places;     /* sentence indexes, ascending */
	uint32_t n_places, cap_places;
	uint32_t index;
	struct term *hash_next, *next;
};

struct mention { /* one place of a term */
	struct term *term;
	struct sentence *sentence;
	uint32_t from, to; /* tokens */
	bool is_clear;     /* both ends are certain */
	struct mention *next;
};

enum fact_kind {
	FACT_DEFINITION, /* X is a …; X, a …, */
	FACT_ACTION,     /* X helps … */
	FACT_LABEL,      /* Structure: Use … */
	FACT_OPTION,     /* -q, --quiet: Say nothing but errors */
	FACT_EXPANSION,  /* Trusted Platform Module (TPM) */
	FACT_ALIAS       /* user types, also known as user archetypes */
};

struct fact {
	enum fact_kind kind;
	struct str term, definition; /* spans of source */
	struct str source;
	struct str predicate; /* "is a …": what follows the term, verb included */
	bool is_plural;       /* the term takes a plural verb */
	bool was_plural_verb;
	struct term *known; /* the term of the statistics, when it is one */
	struct sentence *sentence;
	uint32_t from, to; /* tokens of the term */
	double score;
	struct fact *next;
};

struct terms {
	struct term *first, **last;
	uint32_t n;
	struct mention *mentions, **mentions_last;
	struct fact *facts, **facts_last;
	struct term **buckets;
	uint32_t n_buckets;
};

enum tag tag_at(const struct sentence *s, uint32_t i); /* TAG_PUNCT behind the end */
bool is_phrase_token(const struct sentence *s, uint32_t i);
/* End of the noun phrase at `from`; `from` itself when there is none. */
uint32_t phrase_end(const struct sentence *s, uint32_t from);
bool token_is_abbreviation(const struct sentence *s, uint32_t i);
/* Whether a word of these tokens says something about the subject. */
bool says_something(const struct sentence *s, uint32_t from, uint32_t to);
struct term *terms_lookup(const struct terms *t, struct str key);
struct fact *fact_add(struct arena *a, struct terms *ts, enum fact_kind kind, struct sentence *s,
                      struct str term, struct str definition);
void abbreviations_find(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s);
void facts_find(struct arena *a, struct lexicon *l, const struct doc *d, struct terms *ts);

struct subject {
	uint32_t from, to; /* the phrase */
	uint32_t verb;
	bool is_plural;
};

/* The noun phrase a sentence begins with, and the verb that follows it. */
bool find_subject(const struct sentence *s, struct subject *ret);
bool is_finite_verb(const struct sentence *s, uint32_t i, bool is_plural);
uint32_t words_in(struct str s);
struct str without_end(struct str s); /* without the full stop and its like */

void terms_init(struct arena *a, struct terms *ret);
void terms_find(struct arena *a, struct lexicon *l, const struct doc *d, struct terms *ret);

/* --- Distractors --- */

struct distractors {
	struct str text[4];
	size_t n;
};

struct candidate;

struct planner { /* what every maker of questions needs */
	struct arena *arena;
	struct lexicon *lexicon;
	struct wordnet *wordnet;
	struct doc *doc;
	struct terms *terms;
	const struct sentence **by_index; /* without grammar only */
	const char *foreign; /* what the text is in, when it is not English; may be NULL */
	uint32_t seed;       /* hash of the text: variety without chance */
	uint32_t n_numbers;
	struct str *numbers;       /* every number the text has */
	struct candidate **ranked; /* for key terms, best first; NULL until they are asked for */
	size_t n_ranked;
};

/* Other terms of the same kind that would be false in place of `t` in `s`. */
void distract_term(struct planner *p, const struct term *t, const struct sentence *s,
                   struct distractors *ret);
/* Whether it is known to be a body, a person or a place: its alternatives are then alike. */
bool is_of_known_sort(const struct planner *p, const struct term *t);
bool is_place_name(const struct planner *p, const struct term *t);
/* The same number format with other values; none is a number of the text. */
void distract_number(struct planner *p, struct str number, const struct sentence *s,
                     struct distractors *ret);
/* A word that turns a statement into its opposite; empty when there is none. */
struct str opposite_of(struct arena *a, struct str word);
void planner_collect_numbers(struct planner *p);
bool year_at(const struct sentence *s, uint32_t i); /* four digits, 1xxx or 20xx */
/* Whether the token is a number that counts or measures something (no label, version or
 * day of a month); *from … *to is then the span to ask for. */
bool number_at(const struct sentence *s, uint32_t i, uint32_t *to);
bool span_stands_in(struct arena *a, struct lexicon *l, struct str span, struct str text);

enum term_cue_kind {
	CUE_DEFINED,
	CUE_NAMED,
	CUE_GLOSSED,
	CUE_ALIAS,
	CUE_LISTED,
	CUE_ANSWER,
	CUE_TOPIC,
	CUE_KINDS
};

struct term_cue { /* one place where a sentence introduces a term */
	enum term_cue_kind kind;
	uint32_t from, to; /* tokens of the term */
};

bool is_noun_after_all(const struct sentence *s, uint32_t i);
/* Up to max of them; a term may stand there several times. */
size_t term_cues_find(const struct sentence *s, struct term_cue *ret, size_t max);

/* The terms a glossary of the text would list, best first. */
size_t key_terms(struct planner *p, struct str *ret, size_t max);
/* Those of which the text says what they are, abbreviations and options: best first. */
size_t glossary_find(struct planner *p, const struct fact **ret, size_t max);

/* --- Sentences put otherwise --- */

/* Whether "we" can be told as "the authors" without a wrong note. */
bool can_be_put(const struct sentence *s);
struct str capitalised(struct arena *a, struct str s);
/* These tokens in the third person, with a capital. */
struct str say(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to);
/* The same as it stands inside another sentence: without the capital. */
struct str say_inside(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to);
/* The statement, less its connective, with the tokens from … to replaced. */
struct str say_with(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to,
                    struct str by);

struct clause {
	uint32_t from, subject_to, verb, to;
	bool is_plural;
};
/* A subject, a finite verb and what follows it up to `to`. */
bool clause_at(const struct sentence *s, uint32_t from, uint32_t to, struct clause *ret);
/* What follows "Why" or "In which year"; empty when it cannot be made. */
struct str inverted(struct planner *p, const struct sentence *s, const struct clause *c);

/* --- Questions --- */

enum question_type {
	Q_CHOICE,
	Q_TRUE_FALSE,
	Q_CLOZE,
	Q_MATCH,
	Q_ORDER,
	Q_SHORT,
	Q_NUMBER,
	Q_TYPES
};

struct pair {
	struct str left, right, source;
	struct sentence *sentence;
};

struct question {
	enum question_type type;
	struct str prompt, explanation, source;
	struct str answer;       /* a span of source, of a number too */
	struct str number, unit; /* number: canonical; what is counted, may be empty */
	struct distractors distractors;
	struct str accepted[8];
	size_t n_accepted;
	bool is_true;
	struct str replacement, true_prompt; /* the latter where it is not the sentence */
	struct pair pairs[6];
	size_t n_pairs;
	struct str items[6];
	size_t n_items;
	int difficulty;
	double score;
	struct section *section;
	struct sentence *sentence; /* NULL when it rests on several */
	uint32_t block;            /* of its source, for order */
	bool is_reason, is_number, is_label;
	bool is_denial;     /* a "not" left out or put in */
	bool is_plain;      /* asked only where little else can be */
	bool is_statement;  /* its predicate is a form of "be" */
	struct str title;   /* of what is put in order */
	struct str subject; /* what it asks about, as inside a sentence */
	struct str aim;     /* what a learner can do who answers it; may be empty */
	bool is_picked;
	uint32_t index;
	struct question *next;
};

struct questions {
	struct question *first, **last;
	size_t n;
};

/* Each candidate rests on a sentence; NULL when on several. */
struct question *question_add(struct planner *p, struct questions *all, enum question_type type,
                              struct sentence *s, double score);
struct str text_says(struct planner *p, struct str source);
double sentence_worth(const struct sentence *s);
/* Whether it goes on about an option: of what it speaks, only the lead says. */
bool is_of_option(const struct sentence *s);
bool is_imperative(const struct sentence *s);
bool is_hedged(const struct sentence *s);
bool stands_once(const struct sentence *s, struct str span);
bool has_person(const struct sentence *s, uint32_t from, uint32_t to); /* we, you, it, they … */
uint32_t shared_stems(const struct sentence *a, const struct sentence *b);
/* What a learner may type instead of the answer, which names the term. */
void accept_others(struct planner *p, struct question *q, const struct term *t);
void match_case(struct planner *p, struct question *q);
void ask_mentions(struct planner *p, struct questions *all);
void ask_identifiers(struct planner *p, struct questions *all);
void ask_matches(struct planner *p, struct questions *all);
/* Whether what the text says of the option tells it from all the others. */
bool is_clear_option(struct planner *p, const struct fact *f);
/* "-C" of "-C dir, --directory=dir"; empty where there is no such letter. */
struct str option_letter(struct str term);
/* How it may be shown beside what it does: whole, by its letter, or (empty) not at all. */
struct str option_shown(struct planner *p, const struct fact *f);
/* Whether they do what can hardly be told apart. */
bool options_are_alike(const struct fact *a, const struct fact *b);
void ask_meaning(struct planner *p, struct questions *all, const struct fact *f);
void ask_meaning_statements(struct planner *p, struct questions *all);
void match_statuses(struct planner *p, struct questions *all);
/* The pairs of *q with that prompt, when there are enough. */
void match_finish(struct planner *p, struct questions *all, const struct question *q,
                  const char *prompt);
void ask_commands(struct planner *p, struct questions *all);
void match_commands(struct planner *p, struct questions *all);
void ask_options(struct planner *p, struct questions *all);
void ask_tables(struct planner *p, struct questions *all);
void ask_orders(struct planner *p, struct questions *all);
void ask_sequences(struct planner *p, struct questions *all);
void match_counts(struct planner *p, struct questions *all);
/* The sentence's figure: to be typed, chosen, judged. */
void ask_amounts(struct planner *p, struct questions *all, struct sentence *s);
/* The sentence with that span replaced, to be judged false. */
struct question *ask_false(struct planner *p, struct questions *all, struct sentence *s,
                           uint32_t from, uint32_t to, struct str by, double score);
void ask_contrasts(struct planner *p, struct questions *all);
void ask_statements(struct planner *p, struct questions *all);
void ask_clauses(struct planner *p, struct questions *all);
void ask_examples(struct planner *p, struct questions *all);
void ask_lists(struct planner *p, struct questions *all);
void ask_interviews(struct planner *p, struct questions *all);

void questions_make(struct planner *p, struct questions *ret);
/* Whether the two cannot stand in one lesson. */
/* The title of its section, which stands above the question, holds the answer. */
bool is_told_by_title(struct planner *p, const struct question *q);
bool questions_conflict(struct planner *p, const struct question *a, const struct question *b);
/* At most `max` of them in the order of the text, in *ret of the arena. */
size_t questions_select(struct planner *p, struct questions *all, size_t max,
                        struct question ***ret);

/* --- Summaries, objectives and the spec --- */

/* Fills the summary of each section that the spec shows (empty where nothing can be shown)
 * and the lesson's. */
void summaries_find(struct planner *p);
struct json_out;
void spec_put_game(struct json_out *o, size_t n_questions);
void spec_add_pretty(struct buf *out, struct str json);

struct aims {
	struct str text[6];
	size_t n;
};
/* Three to six things that a learner can do afterwards, from the terms that the spec lists,
 * the questions picked and the sections. */
void aims_find(struct planner *p, const struct fact **terms, size_t n_terms, struct question **q,
               size_t n, struct aims *ret);

#endif
