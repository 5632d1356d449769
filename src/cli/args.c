/* Reading a command line: see args.h. */
#include <stdio.h>

#include "cli/args.h"

#include "cli/config.h"

/* Looking up */

static const struct command *find_command(const struct command *list, struct str name)
{
	for (; list && list->name; list++) {
		struct str names = str_z(list->name);
		if (str_eq(names, name))
			return list;
	}
	return NULL;
}

struct found {
	const char *name, *value; /* value NULL: a switch */
	bool is_found;
};

static struct found in_table(const struct option *list, struct str name, char letter)
{
	for (; list && list->name; list++)
		if (letter ? list->letter == letter : str_eqz(name, list->name))
			return (struct found){ list->name, list->value, true };
	return (struct found){ 0 };
}

/* Flags of settings are static text, made once for the process. */
static struct found in_config(struct str name)
{
	static struct config_property kept[32];
	struct config_property p;
	for (size_t i = 0; config_property_at(i, &p); i++) {
		if (!p.has_flag || !str_eqz(name, p.flag))
			continue;
		assert(i < ARRAY_LEN(kept));
		kept[i] = p;
		return (struct found){ kept[i].flag, "VALUE", true };
	}
	return (struct found){ 0 };
}

static struct found find_option(const struct args *a, const struct option *common, struct str name,
                                char letter)
{
	struct found f = { 0 };
	if (a->command)
		f = in_table(a->command->options, name, letter);
	if (!f.is_found)
		f = in_table(common, name, letter);
	if (!f.is_found && a->command && a->command->has_config_flags && !letter)
		f = in_config(name);
	return f;
}

/* Words that are not known */

enum { NAMES_MAX = 96 };

static size_t add_options(const struct option *list, const char **names, size_t n)
{
	for (; list && list->name; list++)
		if (n < NAMES_MAX - 1)
			names[n++] = list->name;
	return n;
}

static enum rc unknown_option(const struct args *a, const struct option *common, struct str word,
                              struct err *err)
{
	static struct config_property kept[32];
	const char *names[NAMES_MAX] = { 0 };
	size_t n = add_options(common, names, 0);
	if (a->command)
		n = add_options(a->command->options, names, n);
	if (a->command && a->command->has_config_flags)
		for (size_t i = 0; i < ARRAY_LEN(kept) && config_property_at(i, &kept[i]); i++)
			if (kept[i].has_flag && n < NAMES_MAX - 1)
				names[n++] = kept[i].flag;
	const char *near = nearest_name(word, names);
	if (near)
		return err_set(err, CODE_BAD_REQUEST,
		               "there is no option --" STR_FMT "; did you mean --%s?",
		               STR_ARG(word), near);
	return err_set(err, CODE_BAD_REQUEST, "there is no option --" STR_FMT, STR_ARG(word));
}

static enum rc unknown_command(const struct args *a, const struct command *list, struct str word,
                               struct err *err)
{
	const char *names[NAMES_MAX] = { 0 };
	size_t n = 0;
	for (; list->name && n < NAMES_MAX - 1; list++)
		names[n++] = list->name;
	const char *near = nearest_name(word, names);
	const char *group = a->group ? a->group->name : "";
	const char *blank = a->group ? " " : "";
	if (near)
		return err_set(err, CODE_BAD_REQUEST,
		               "there is no command takt %s%s" STR_FMT
		               "; did you mean takt %s%s%s?",
		               group, blank, STR_ARG(word), group, blank, near);
	return err_set(err, CODE_BAD_REQUEST,
	               "there is no command takt %s%s" STR_FMT "; see takt %s%s--help", group,
	               blank, STR_ARG(word), group, blank);
}

/* Reading */

struct reader {
	int argc, at;
	char **argv;
	const struct command *commands;
	const struct option *common;
	struct args *a;
	struct err *err;
};

static enum rc add_given(struct reader *r, const char *name, const char *value)
{
	if (r->a->n_given == ARGS_GIVEN_MAX)
		return err_set(r->err, CODE_BAD_REQUEST, "too many options");
	r->a->given[r->a->n_given++] = (struct given){ name, value };
	return RC_OK;
}

static enum rc take_value(struct reader *r, struct found f, const char *attached)
{
	if (!f.value && attached)
		return err_set(r->err, CODE_BAD_REQUEST, "--%s takes no value", f.name);
	if (!f.value)
		return add_given(r, f.name, "");
	if (attached)
		return add_given(r, f.name, attached);
	if (r->at >= r->argc)
		return err_set(r->err, CODE_BAD_REQUEST, "--%s wants a value: --%s %s", f.name,
		               f.name, f.value);
	return add_given(r, f.name, r->argv[r->at++]);
}

static enum rc take_long(struct reader *r, const char *word)
{
	const char *equals = strchr(word, '=');
	struct str name = str_z(word);
	if (equals)
		name.len = (size_t)(equals - word);
	if (str_eqz(name, "help")) {
		r->a->wants_help = true;
		return RC_OK;
	}
	struct found f = find_option(r->a, r->common, name, 0);
	if (!f.is_found)
		return unknown_option(r->a, r->common, name, r->err);
	return take_value(r, f, equals ? equals + 1 : NULL);
}

static enum rc take_short(struct reader *r, const char *word)
{
	if (word[0] == 'h') {
		r->a->wants_help = true;
		return RC_OK;
	}
	struct found f = find_option(r->a, r->common, STR(""), word[0]);
	if (!f.is_found)
		return err_set(r->err, CODE_BAD_REQUEST, "there is no option -%c", word[0]);
	return take_value(r, f, word[1] ? word + 1 : NULL);
}

static enum rc take_word(struct reader *r, const char *word)
{
	struct args *a = r->a;
	const struct command *list = a->group ? a->group->sub : r->commands;
	if (!a->command && strcmp(word, "help") == 0) {
		a->wants_help = true;
		return RC_OK;
	}
	if (!a->command) {
		const struct command *c = find_command(list, str_z(word));
		if (!c)
			return unknown_command(a, list, str_z(word), r->err);
		if (c->sub)
			a->group = c;
		else
			a->command = c;
		return RC_OK;
	}
	if (a->n_words == ARGS_WORDS_MAX)
		return err_set(r->err, CODE_BAD_REQUEST, "too many arguments");
	a->words[a->n_words++] = word;
	return RC_OK;
}

static enum rc take(struct reader *r)
{
	const char *word = r->argv[r->at++];
	if (strcmp(word, "--") == 0) {
		r->a->program = (const char *const *)r->argv + r->at;
		r->a->n_program = (size_t)(r->argc - r->at);
		r->at = r->argc;
		return RC_OK;
	}
	if (word[0] == '-' && word[1] == '-')
		return take_long(r, word + 2);
	if (word[0] == '-' && word[1])
		return take_short(r, word + 1);
	return take_word(r, word);
}

/* Words behind "--" are arguments too, unless the command runs them as a program. */
static enum rc settle_program(struct reader *r)
{
	struct args *a = r->a;
	if (a->command->takes_program)
		return RC_OK;
	for (size_t i = 0; i < a->n_program; i++)
		if (take_word(r, a->program[i]) != RC_OK)
			return RC_INVALID;
	a->n_program = 0;
	return RC_OK;
}

static enum rc check_words(struct reader *r)
{
	const struct args *a = r->a;
	const struct command *c = a->command;
	int n = (int)a->n_words;
	if (n >= c->words_min && n <= c->words_max)
		return RC_OK;
	if (n < c->words_min)
		return err_set(r->err, CODE_BAD_REQUEST, "takt %s%s%s wants %s",
		               a->group ? a->group->name : "", a->group ? " " : "", c->name,
		               c->arguments);
	return err_set(r->err, CODE_BAD_REQUEST, "\"%s\" is one argument too many",
	               a->words[c->words_max]);
}

enum rc args_read(int argc, char **argv, const struct command *commands,
                  const struct option *common, struct args *ret, struct err *err)
{
	*ret = (struct args){ 0 };
	struct reader r = { argc, 1, argv, commands, common, ret, err };
	while (r.at < argc) {
		enum rc rc = take(&r);
		if (rc != RC_OK)
			return rc;
	}
	if (ret->wants_help || (!ret->command && !ret->group))
		return RC_OK;
	if (!ret->command)
		return err_set(err, CODE_BAD_REQUEST, "takt %s wants a verb; see takt %s --help",
		               ret->group->name, ret->group->name);
	enum rc rc = settle_program(&r);
	return rc == RC_OK ? check_words(&r) : rc;
}

const char *args_nth(const struct args *a, const char *option, size_t n)
{
	for (size_t i = 0; i < a->n_given; i++)
		if (strcmp(a->given[i].name, option) == 0 && n-- == 0)
			return a->given[i].value;
	return NULL;
}

const char *args_get(const struct args *a, const char *option)
{
	const char *last = NULL;
	for (size_t i = 0; i < a->n_given; i++)
		if (strcmp(a->given[i].name, option) == 0)
			last = a->given[i].value;
	return last;
}

bool args_has(const struct args *a, const char *option)
{
	return args_get(a, option) != NULL;
}

enum rc args_int(const struct args *a, const char *option, int64_t min, int64_t max,
                 int64_t otherwise, int64_t *ret, struct err *err)
{
	const char *text = args_get(a, option);
	if (!text) {
		*ret = otherwise;
		return RC_OK;
	}
	int64_t v;
	if (str_to_i64(str_z(text), &v) == RC_OK && v >= min && v <= max) {
		*ret = v;
		return RC_OK;
	}
	return err_set(err, CODE_BAD_REQUEST, "--%s wants a number from %lld to %lld, not \"%s\"",
	               option, (long long)min, (long long)max, text);
}
