/* Sections and blocks as Markdown's reader closes them: what is an aside, and which bold
 * lead is a label or an option. */
#include "makers/lesson/plan/reader.h"

void open_section(struct reader *r, struct str title, int level)
{
	struct section *s = arena_new(r->arena, struct section, 1);
	s->title = title;
	s->level = level;
	s->is_aside = is_aside_title(title);
	*r->next_section = s;
	r->next_section = &s->next;
	r->section = s;
}

static bool is_dash(struct str s, size_t *len)
{
	static const char *const marks[] = { ":", "\xe2\x80\x94", "\xe2\x80\x93", "-" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (str_starts(s, str_z(marks[i]))) {
			*len = strlen(marks[i]);
			return true;
		}
	return false;
}

/* A bold lead with a mark behind it is a label: "**Structure:** Use …". */
static void find_label(struct reader *r, struct block *b)
{
	size_t end = r->strong_end, mark;
	if (end == 0 || end >= b->text.len || end > LABEL_MAX)
		return;
	struct str label = str_trim(str_sub(b->text, 0, end));
	struct str rest = str_sub(b->text, label.len, b->text.len);
	struct str behind = str_trim(rest);
	if (label.len > 0 && label.ptr[label.len - 1] == ':') {
		b->label = str_sub(label, 0, label.len - 1);
		b->label_len = (size_t)(behind.ptr - b->text.ptr);
	} else if (is_dash(behind, &mark)) {
		struct str tail = str_trim(str_sub(behind, mark, behind.len));
		if (behind.ptr == rest.ptr && behind.ptr[0] == '-')
			return; /* a compound word, bold in its first half */
		b->label = label;
		b->label_len = (size_t)(tail.ptr - b->text.ptr);
	}
}

void close_block(struct reader *r, enum block_kind kind)
{
	struct str text = str_trim(buf_str(&r->text));
	if (text.len == 0)
		return;
	struct block *b = arena_new(r->arena, struct block, 1);
	b->kind = kind;
	b->text = str_dup(r->arena, text);
	find_label(r, b);
	b->is_option = r->has_code_lead && b->label_len > 0;
	b->section = r->section;
	b->index = r->doc->n_blocks++;
	b->is_aside = r->section->is_aside || is_aside_text(b->text) ||
	              (r->all_emphasis && (r->after_break || text.len > 80));
	r->is_announced = r->last_block && r->last_block->kind == BLOCK_ITEM &&
	                  str_ends(r->last_block->text, STR(":"));
	*r->next_block = b;
	r->next_block = &b->next;
	r->last_block = b;
}
