/* makers/lesson/check/manifest.c: the manifest lists every file as it is. */
#include <sodium.h>

#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "codec/json.h"

#define PATH "manifest.json"

static bool is_hash_of(struct str hex, struct str bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[2 * sizeof hash];
	crypto_hash_sha256(hash, (const unsigned char *)bytes.ptr, bytes.len);
	hex_encode(hash, sizeof hash, text);
	return str_eq(hex, (struct str){ text, sizeof text });
}

static void check_row(struct findings *f, const struct json *row, const struct made_files *files)
{
	struct str path = member_text(row, "path");
	const struct made_file *file = made_files_find(files, path);
	struct str place = str_fmt(f->arena, PATH "#" STR_FMT, STR_ARG(path));
	if (!file) {
		finding_add(f, place, "the file is listed and not there");
		return;
	}
	if (json_get_int(row, "size", -1) != (int64_t)file->bytes.len)
		finding_add(f, place, "the file has %zu bytes, the manifest says otherwise",
		            file->bytes.len);
	if (!is_hash_of(member_text(row, "sha256"), file->bytes))
		finding_add(f, place, "the file has another SHA-256 than the manifest says");
}

static bool is_listed(const struct json *rows, struct str path)
{
	json_each(row, rows) {
		if (str_eq(member_text(row, "path"), path))
			return true;
	}
	return false;
}

static void check_rows(struct findings *f, const struct json *manifest,
                       const struct made_files *files)
{
	const struct json *rows = member_list(manifest, "files");
	const struct made_file *spec = made_files_find(files, STR("spec.json"));
	if (!str_eqz(member_text(manifest, "format"), "takt.manifest/1"))
		finding_add(f, STR(PATH "#/format"), "the format is not takt.manifest/1");
	if (spec && !is_hash_of(member_text(manifest, "spec_sha256"), spec->bytes))
		finding_add(f, STR(PATH "#/spec_sha256"), "it is not the hash of spec.json");
	json_each(row, rows)
		check_row(f, row, files);
	for (size_t i = 0; i < files->n; i++) {
		struct str path = files->items[i].path;
		if (!str_eqz(path, PATH) && !is_listed(rows, path))
			finding_add(f, path, "the manifest does not list the file");
	}
}

void check_manifest(struct arena *a, const struct json *spec, const struct made_files *files,
                    struct check_result *ret)
{
	const struct made_file *file = made_files_find(files, STR(PATH));
	const struct json *manifest;
	struct findings f;
	struct err err = { 0 };
	(void)spec;
	findings_init(&f, a);
	if (!file)
		finding_add(&f, STR(PATH), "the file is missing");
	else if (json_read(a, file->bytes, NULL, &manifest, &err) != RC_OK)
		finding_add(&f, str_fmt(a, PATH ":%s", err.place), "%s", err.text);
	else
		check_rows(&f, manifest, files);
	findings_end(&f, ret, "%zu files with size and hash", files->n ? files->n - 1 : 0);
}
