/* makers/lesson/generate/generate.c: spec → every file of the artifact.
 *
 * (1) No clock, no randomness, no environment: the same spec gives the same bytes.
 * (2) manifest.json comes last and names every other file with size and SHA-256.
 * (3) What the server must keep to itself is written below game/src/server only.
 */
#include <sodium.h>

#include "makers/lesson/lesson.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/generate/parts.h"
#include "makers/lesson/generate/quiz.h"

enum { FILE_MAX = 8 << 20 };
#define ROBLOX "roblox/lesson/"

/* Luau modules that are the same in every lesson. */
static const char *const game_files[] = {
	"src/client/AnswerControls.luau",  "src/client/Panel.luau",
	"src/client/QuestionScreen.luau",  "src/client/Session.luau",
	"src/client/StageScreens.luau",    "src/client/Theme.luau",
	"src/client/UI.client.luau",       "src/client/Widgets.luau",
	"src/server/Figures.luau",         "src/server/GameManager.luau",
	"src/server/GamificationHub.luau", "src/server/Grading.luau",
	"src/server/Main.server.luau",     "src/server/PlayerStore.luau",
	"src/server/RateLimiter.luau",     "src/server/Retry.luau",
	"src/shared/QuizSystem.luau",      "src/shared/Types.luau",
};

static enum rc add_game_files(struct arena *a, struct made_files *files, struct err *err)
{
	enum rc rc = made_files_add(files, STR("game/stylua.toml"),
	                            embedded_find("roblox/stylua.toml"), err);
	for (size_t i = 0; i < ARRAY_LEN(game_files) && rc == RC_OK; i++) {
		struct str from = str_fmt(a, ROBLOX "%s", game_files[i]);
		struct str path = str_fmt(a, "game/%s", game_files[i]);
		rc = made_files_add(files, path, embedded_find(str_dupz(a, from)), err);
	}
	return rc;
}

static enum rc add_written(const struct quiz *q, void (*write)(struct buf *, const struct quiz *),
                           struct str path, struct made_files *files, struct err *err)
{
	struct buf out = BUF_INIT(FILE_MAX);
	write(&out, q);
	enum rc rc = buf_rc(&out);
	if (rc == RC_OK)
		rc = made_files_add(files, path, buf_str(&out), err);
	else
		err_set(err, CODE_TOO_LARGE, STR_FMT " would pass 8 MiB", STR_ARG(path));
	buf_fini(&out);
	return rc;
}

static void put_hash(struct json_out *o, const char *key, const unsigned char hash[32])
{
	char hex[64];
	hex_encode(hash, 32, hex);
	json_put_str(o, key, (struct str){ hex, sizeof hex });
}

static void manifest_write(struct buf *out, const struct quiz *q, const struct made_files *files)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_str(&o, "format", STR("takt.manifest/1"));
	json_put_str(&o, "maker", STR("lesson"));
	put_hash(&o, "spec_sha256", q->spec_hash);
	json_keyz(&o, "files");
	json_begin_array(&o);
	for (size_t i = 0; i < files->n; i++) {
		const struct made_file *file = &files->items[i];
		unsigned char hash[crypto_hash_sha256_BYTES];
		crypto_hash_sha256(hash, (const unsigned char *)file->bytes.ptr, file->bytes.len);
		json_begin_object(&o);
		json_put_str(&o, "path", file->path);
		json_put_int(&o, "size", (int64_t)file->bytes.len);
		put_hash(&o, "sha256", hash);
		json_end_object(&o);
	}
	json_end_array(&o);
	json_end_object(&o);
	buf_addc(out, '\n');
}

static enum rc add_manifest(const struct quiz *q, struct made_files *files, struct err *err)
{
	struct buf out = BUF_INIT(FILE_MAX);
	manifest_write(&out, q, files);
	enum rc rc = made_files_add(files, STR("manifest.json"), buf_str(&out), err);
	buf_fini(&out);
	return rc;
}

enum rc lesson_generate(struct arena *a, const struct json *spec, struct made_files *out,
                        struct err *err)
{
	static const struct {
		void (*write)(struct buf *out, const struct quiz *q);
		const char *path;
	} written[] = {
		{ luau_lesson_data, "game/src/shared/LessonData.luau" },
		{ luau_answer_key, "game/src/server/AnswerKey.luau" },
		{ luau_settings, "game/src/server/Settings.luau" },
		{ gift_write, "exports/questions.gift" },
		{ csv_write, "exports/questions.csv" },
	};
	struct quiz q;
	enum rc rc = quiz_read(a, spec, &q, err);
	if (rc == RC_OK)
		rc = made_files_add(out, STR("spec.json"), q.spec_bytes, err);
	if (rc == RC_OK)
		rc = add_game_files(a, out, err);
	for (size_t i = 0; i < ARRAY_LEN(written) && rc == RC_OK; i++)
		rc = add_written(&q, written[i].write, str_z(written[i].path), out, err);
	if (rc == RC_OK)
		rc = pages_add(a, &q, out, err);
	if (rc == RC_OK)
		rc = place_add(a, out, err);
	if (rc == RC_OK)
		rc = add_manifest(&q, out, err);
	return rc;
}
