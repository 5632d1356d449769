/* What the runs of the public suites share: where their data is, and reading it. */
#ifndef TAKT_TESTS_UNIT_CODEC_SUITE_H
#define TAKT_TESTS_UNIT_CODEC_SUITE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"
#include "codec/json.h"

enum { SUITE_SKIPPED = 77 };

/* TAKT_SHARED_DATA, else the argument that the build gives. */
static inline const char *suite_data(int argc, char **argv)
{
	const char *from_env = getenv("TAKT_SHARED_DATA");
	return from_env ? from_env : argc > 1 ? argv[1] : "../shared/data";
}

static inline struct str suite_read(struct arena *a, const char *path)
{
	struct str text = { 0 };
	FILE *f = fopen(path, "rb");
	if (!f)
		return text;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	char *p = arena_bytes(a, (size_t)size + 1);
	text = (struct str){ p, fread(p, 1, (size_t)size, f) };
	fclose(f);
	return text;
}

static inline const struct json *suite_json(struct arena *a, const char *path)
{
	struct err err = { 0 };
	const struct json *v = NULL;
	if (json_read(a, suite_read(a, path), NULL, &v, &err) != RC_OK) {
		fprintf(stderr, "%s:%s: %s\n", path, err.place, err.text);
		exit(1);
	}
	return v;
}

/* Calls `each` with the path of every *.json in the folder, in the order of names. */
static inline bool suite_files(const char *folder, void (*each)(const char *path, void *with),
                               void *with)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (str_ends(str_z(path), STR(".json")))
			each(path, with);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return n >= 0;
}

#endif
