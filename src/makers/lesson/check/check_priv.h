/* What the checks share: collecting findings, comparing texts, reading Luau tables. */
#ifndef TAKT_MAKERS_LESSON_CHECK_PRIV_H
#define TAKT_MAKERS_LESSON_CHECK_PRIV_H

#include "base/base.h"
#include "makers/lesson/lesson.h"

struct arena;
struct json;

/* A verdict in the making: failed as soon as it has a finding. */
struct findings {
	struct arena *arena;
	struct check_finding *first, **last;
	size_t n;
};
void findings_init(struct findings *f, struct arena *a);
/* `place` is copied.  After FINDINGS_MAX they are counted only. */
enum { FINDINGS_MAX = 100 };
void finding_add(struct findings *f, struct str place, const char *fmt, ...) PRINTF(3, 4);
/* The same, at /questions/INDEX of the spec. */
void finding_question(struct findings *f, size_t index, const char *fmt, ...) PRINTF(3, 4);
/* Fills *ret: pass with the evidence, or fail with the count as evidence. */
void findings_end(const struct findings *f, struct check_result *ret, const char *fmt, ...)
        PRINTF(3, 4);

/* White space runs become one blank, ASCII letters lower case, ends trimmed. */
struct str text_fold(struct arena *a, struct str s) MUST_USE;
/* Whether the folded `needle` stands in the folded `text` as whole words. */
bool text_has_words(struct str text, struct str needle);
/* Per cent of the words of the folded `part`, from four bytes on, that stand in the folded
 * `whole`; how many there are. */
size_t text_share(struct str part, struct str whole, size_t *n_words);
/* The member's text, or "" */
struct str member_text(const struct json *v, const char *name);
/* The question's array of that name, or a static empty array. */
const struct json *member_list(const struct json *v, const char *name);

/* The texts that a question may show, in the order of the spec. */
const struct json **question_options(struct arena *a, const struct json *question, size_t *n);
bool json_holds_text(const struct json *list, struct str text);
/* LessonData and AnswerKey, read, against the spec. */
void keys_compare(struct findings *f, const struct json *spec, const struct json *data,
                  const struct json *keys);

/* The table that a Luau data module returns, as a JSON value: a table with names is an
 * object, one without an array, {} an empty array.  Every other token of the module is
 * lexed, too.  On RC_INVALID err->place is the line. */
enum rc luau_table(struct arena *a, struct str source, const struct json **ret,
                   struct err *err) MUST_USE;
/* Calls fn for each name and each decoded string literal of a Luau source; comments and
 * white space are skipped.  RC_INVALID for what is no Luau token. */
struct luau_token {
	enum luau_kind { LUAU_NAME, LUAU_STRING, LUAU_NUMBER, LUAU_SIGN, LUAU_END } kind;
	struct str text; /* decoded for a string */
	unsigned line;
};
struct luau_lexer {
	struct arena *arena;
	struct str source;
	size_t at;
	unsigned line;
};
void luau_lexer_init(struct luau_lexer *l, struct arena *a, struct str source);
enum rc luau_next(struct luau_lexer *l, struct luau_token *ret, struct err *err) MUST_USE;

/* One question of a GIFT file, texts decoded. */
struct gift_option {
	bool is_right, is_pair;
	struct str text, partner;
	struct gift_option *next;
};
struct gift_question {
	struct str name, prompt, feedback;
	bool has_truth, is_true, has_number;
	size_t n_options;
	struct gift_option *options;
	unsigned line;
	struct gift_question *next;
};
/* Reads plain-format GIFT; refuses what Moodle would refuse.  err->place is the line. */
enum rc gift_read(struct arena *a, struct str in, struct gift_question **ret,
                  struct err *err) MUST_USE;

typedef void check_run(struct arena *a, const struct json *spec, const struct made_files *files,
                       struct check_result *ret);
check_run check_schema, check_answers, check_distractors, check_duplicates, check_structure,
        check_giveaways, check_project, check_place, check_gift, check_csv, check_worksheet,
        check_preview, check_manifest, check_stylua, check_luau, check_api, check_game,
        check_screens, check_gift_pegjs;

#endif
