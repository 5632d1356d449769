/* `takt completion SHELL`: scripts made from the table of commands, so that they know
 * exactly what the program knows. */
#include <stdio.h>

#include "cli/cli.h"

#include "sys/terminal.h"

static void option_words(struct buf *out, const struct command *c)
{
	struct config_property p;
	for (const struct option *o = c->options; o && o->name; o++)
		if (o->help)
			buf_addf(out, " --%s", o->name);
	for (size_t i = 0; c->has_config_flags && config_property_at(i, &p); i++)
		if (p.has_flag)
			buf_addf(out, " --%s", p.flag);
	for (const struct option *o = common_options; o->name; o++)
		if (!c->has_config_flags || !o->value)
			buf_addf(out, " --%s", o->name);
}

static void command_words(struct buf *out, const struct command *list)
{
	for (; list->name; list++)
		if (list->summary)
			buf_addf(out, " %s", list->name);
}

/* A case of the shell for each place on the command line. */
static void bash_case(struct buf *out, const char *place, const struct command *c,
                      const struct command *sub)
{
	buf_addf(out, "\t\t\"%s\") words=\"", place);
	if (sub)
		command_words(out, sub);
	else
		option_words(out, c);
	buf_addz(out, "\";;\n");
}

static void bash(struct buf *out)
{
	buf_addz(out, "# takt: completion for bash; source it\n"
	              "_takt() {\n"
	              "\tlocal word=${COMP_WORDS[COMP_CWORD]} place= words= i\n"
	              "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	              "\t\tcase ${COMP_WORDS[i]} in -*) ;; *) place+=\" ${COMP_WORDS[i]}\";; esac\n"
	              "\tdone\n"
	              "\tplace=${place# }\n"
	              "\tcase $place in\n");
	bash_case(out, "", NULL, takt_commands);
	for (const struct command *c = takt_commands; c->name; c++) {
		char place[128];
		for (const struct command *s = c->sub; s && s->name; s++) {
			snprintf(place, sizeof place, "%s %s\"*|\"%s %s", c->name, s->name, c->name,
			         s->name);
			bash_case(out, place, s, NULL);
		}
		snprintf(place, sizeof place, "%s\"*|\"%s", c->name, c->name);
		if (c->sub)
			bash_case(out, c->name, NULL, c->sub);
		else
			bash_case(out, place, c, NULL);
	}
	buf_addz(out, "\tesac\n"
	              "\tif [[ $word != -* && $words == *\" --\"* ]]; then\n"
	              "\t\tcompopt -o default; COMPREPLY=(); return\n"
	              "\tfi\n"
	              "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	              "}\n"
	              "complete -F _takt takt\n");
}

/* zsh runs bash's way of completing well. */
static void zsh(struct buf *out)
{
	buf_addz(out, "# takt: completion for zsh; source it\n"
	              "autoload -U +X bashcompinit && bashcompinit\n");
	bash(out);
}

static void quoted(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

static void fish_options(struct buf *out, const char *condition, const struct option *list)
{
	for (; list && list->name; list++) {
		if (!list->help)
			continue;
		buf_addf(out, "complete -c takt %s -l %s", condition, list->name);
		if (list->letter)
			buf_addf(out, " -s %c", list->letter);
		buf_addf(out, "%s -d ", list->value ? " -r" : "");
		quoted(out, list->help);
		buf_addc(out, '\n');
	}
}

static void fish_command(struct buf *out, const char *condition, const struct command *c)
{
	buf_addf(out, "complete -c takt -f -n '%s' -a %s -d ", condition, c->name);
	quoted(out, c->summary);
	buf_addc(out, '\n');
}

static void fish(struct buf *out)
{
	char condition[160];
	buf_addz(out,
	         "# takt: completion for fish; save as ~/.config/fish/completions/takt.fish\n");
	fish_options(out, "", common_options);
	for (const struct command *c = takt_commands; c->name; c++) {
		fish_command(out, "__fish_use_subcommand", c);
		snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s", c->name);
		for (const struct command *s = c->sub; s && s->name; s++)
			if (s->summary)
				fish_command(out, condition, s);
		snprintf(condition, sizeof condition, "-n '__fish_seen_subcommand_from %s'",
		         c->name);
		fish_options(out, condition, c->options);
		for (const struct command *s = c->sub; s && s->name; s++)
			fish_options(out, condition, s->options);
	}
}

int completion_command(struct cli *c)
{
	static const struct {
		const char *name;
		void (*fn)(struct buf *out);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(c->args.words[0], shells[i].name) != 0)
			continue;
		struct buf out = BUF_INIT(1 << 20);
		shells[i].fn(&out);
		terminal_write(TERMINAL_OUT, buf_str(&out));
		buf_fini(&out);
		return EXIT_OK;
	}
	return cli_usage(c, "\"%s\" is none of bash, zsh, fish", c->args.words[0]);
}
