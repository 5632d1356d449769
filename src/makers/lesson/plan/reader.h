/* What the reader of Markdown holds while it walks the tree, and how it closes what it has
 * read: sections and blocks.  For markdown.c, blocks.c and tables.c. */
#ifndef TAKT_MAKERS_LESSON_PLAN_READER_H
#define TAKT_MAKERS_LESSON_PLAN_READER_H

#include "makers/lesson/plan/plaintext.h"

enum { LABEL_MAX = 60 };

struct reader {
	struct arena *arena;
	struct doc *doc;
	struct section *section, **next_section;
	struct block **next_block, *last_block;
	struct buf text; /* of the block being read */
	struct str first_heading;
	uint32_t n_lists;
	struct front front;
	size_t strong_end;  /* bytes of a bold lead at the start of the text */
	bool has_code_lead; /* … which is code: an option, a function, a file */
	bool all_emphasis;
	bool after_break;  /* a thematic break came before */
	bool is_announced; /* the item before the last block ends in a colon */
};

void open_section(struct reader *r, struct str title, int level);
/* tables.c: a table, kept beside the block before it. */
struct cmark_node;
void read_table(struct reader *r, struct cmark_node *node);
/* The text read so far becomes a block, unless it is empty. */
void close_block(struct reader *r, enum block_kind kind);

#endif
