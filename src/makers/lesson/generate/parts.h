/* The pieces that generate.c puts together; each writes one format from a quiz. */
#ifndef TAKT_MAKERS_LESSON_GENERATE_PARTS_H
#define TAKT_MAKERS_LESSON_GENERATE_PARTS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct quiz;
struct made_files;

/* A Luau string literal, spelled as StyLua spells it: double quotes unless single ones
 * save escapes.  Invisible and direction-changing characters are escaped, so that what
 * a reader sees is what runs. */
void luau_string(struct buf *out, struct str text);
/* ReplicatedStorage: what players may know. */
void luau_lesson_data(struct buf *out, const struct quiz *q);
/* ServerScriptService: the key. */
void luau_answer_key(struct buf *out, const struct quiz *q);
/* ServerScriptService: what the owner of a place fills in. */
void luau_settings(struct buf *out, const struct quiz *q);

/* Questions as a table (RFC 4180); csv.c says what the columns mean. */
void csv_write(struct buf *out, const struct quiz *q);

/* game/place.rbxlx: the tree that game/default.project.json describes, as Roblox Studio
 * opens it.  All files of game/ must be there. */
enum rc place_add(struct arena *a, struct made_files *files, struct err *err) MUST_USE;

/* Moodle GIFT; each question is "[plain]", so markup in a text stays text. */
void gift_write(struct buf *out, const struct quiz *q);

/* README.md, worksheet.html, preview/index.html, default.project.json. */
enum rc pages_add(struct arena *a, const struct quiz *q, struct made_files *files,
                  struct err *err) MUST_USE;

#endif
