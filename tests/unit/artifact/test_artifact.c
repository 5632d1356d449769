/* Versions, reading, listing, verifying; over a real store. */
#include "fixture.h"

static struct fixture f;

static void setup(void)
{
	fixture_open(&f);
}

START_TEST(versions_grow_per_name_and_tenant)
{
	struct artifact_create_command c;
	setup();
	struct artifact_file a = file_put(&f, "a.txt", STR("one"));
	ck_assert_ok(create(&f, alice, &c, "lesson", &a, 1));
	ck_assert_int_eq(c.version, 1);
	int64_t first = c.id;
	ck_assert_ok(create(&f, alice, &c, "lesson", &a, 1));
	ck_assert_int_eq(c.version, 2);
	ck_assert_int_gt(c.id, first);
	ck_assert_ok(create(&f, alice, &c, "other", &a, 1));
	ck_assert_int_eq(c.version, 1);
	ck_assert_ok(create(&f, bob, &c, "lesson", &a, 1));
	ck_assert_int_eq(c.version, 1);
	fixture_close(&f);
}
END_TEST

/* Two of one name in one batch: each sees the other's row. */
START_TEST(versions_in_one_batch)
{
	struct artifact_create_command c[2];
	setup();
	struct artifact_file a = file_put(&f, "a.txt", STR("one"));
	for (size_t i = 0; i < 2; i++) {
		artifact_create_command_init(&c[i], f.artifacts, alice);
		c[i].name = STR("lesson");
		c[i].files = &a;
		c[i].n_files = 1;
		ck_assert_ok(artifact_create_prepare(&c[i], f.arena, &f.err));
		c[i].c.reply.fn = reply_nothing;
		c[i].c.posted_us = env_mono_us(&env_system);
	}
	c[0].c.node.next = &c[1].c.node;
	writer_batch(f.writer, &c[0].c);
	ck_assert_ok(c[0].c.rc);
	ck_assert_ok(c[1].c.rc);
	ck_assert_int_eq(c[0].version, 1);
	ck_assert_int_eq(c[1].version, 2);
	fixture_close(&f);
}
END_TEST

START_TEST(get_what_was_created)
{
	struct artifact_create_command c;
	struct artifact got;
	struct artifact_file files[3];
	setup();
	files[0] = file_put(&f, "z/run.sh", STR("#!/bin/sh\n"));
	files[1] = file_put(&f, "a.txt", STR("one"));
	files[2] = file_put(&f, "z/ü.txt", STR("one"));
	files[0].is_executable = true;
	artifact_create_command_init(&c, f.artifacts, alice);
	c.name = STR("Lesson 1");
	c.maker = STR("lesson");
	c.run = 99;
	c.checks = STR("{\"stylua\":\"pass\"}");
	c.files = files;
	c.n_files = 3;
	ck_assert_ok(artifact_create_prepare(&c, f.arena, &f.err));
	c.c.reply.fn = reply_nothing;
	c.c.posted_us = env_mono_us(&env_system);
	writer_batch(f.writer, &c.c);
	ck_assert_ok(c.c.rc);
	ck_assert_ok(artifact_get(f.artifacts, alice, c.id, f.arena, &got, &f.err));
	ck_assert_int_eq(got.id, c.id);
	ck_assert_int_eq(got.version, 1);
	ck_assert_int_eq(got.run, 99);
	ck_assert_int_eq(got.bytes, 16);
	ck_assert_int_gt(got.created_ms, 1600000000000);
	ck_assert_str(got.name, "Lesson 1");
	ck_assert_str(got.maker, "lesson");
	ck_assert_str(got.checks, "{\"stylua\":\"pass\"}");
	ck_assert_mem_eq(&got.tree, &c.tree, sizeof c.tree);
	ck_assert_uint_eq(got.n_files, 3);
	ck_assert_str(got.files[0].path, "a.txt");
	ck_assert_str(got.files[1].path, "z/run.sh");
	ck_assert_str(got.files[2].path, "z/ü.txt");
	ck_assert(got.files[1].is_executable && !got.files[0].is_executable);
	ck_assert_int_eq(got.files[1].size, 10);
	fixture_close(&f);
}
END_TEST

START_TEST(event_is_told)
{
	struct artifact_create_command c;
	struct event *events;
	struct event_filter filter = { .limit = 10 };
	size_t n;
	setup();
	struct artifact_file a = file_put(&f, "a.txt", STR("one"));
	ck_assert_ok(create(&f, alice, &c, "lesson", &a, 1));
	ck_assert_ok(event_read(f.store, alice, &filter, f.arena, &events, &n, &f.err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str(events[0].type, "artifact.created");
	ck_assert_int_eq(events[0].subject, c.id);
	ck_assert_int_eq(events[0].actor, alice.actor);
	ck_assert_str(events[0].data,
	              "{\"name\":\"lesson\",\"version\":1,\"files\":1,\"bytes\":3}");
	fixture_close(&f);
}
END_TEST

/* Each refusal has its code and names the place in the request. */
static void refused(struct artifact_file *files, size_t n, enum code code, const char *place)
{
	struct artifact_create_command c;
	ck_assert_int_eq(create(&f, alice, &c, "lesson", files, n), code_rc(code));
	ck_assert_str_eq(code_text(f.err.code), code_text(code));
	ck_assert_str_eq(f.err.place, place);
}

START_TEST(refusals)
{
	struct artifact_file files[2];
	struct artifact_create_command c;
	setup();
	files[0] = file_put(&f, "a", STR("one"));
	refused(files, 0, CODE_FIELD_RANGE, "/files");
	refused(files, ARTIFACT_FILES_MAX + 1, CODE_FIELD_RANGE, "/files");
	files[1] = (struct artifact_file){ .path = STR("b"), .hash = hash_of(STR("?")), .size = 1 };
	refused(files, 2, CODE_NOT_FOUND, "/files/1");
	ck_assert_ptr_nonnull(strstr(f.err.text, "8a8de823d5ed3e12746a62ef169bcf372be0ca44f0a1236a"
	                                         "bc35df05d96928e1"));
	files[1] = files[0];
	refused(files, 2, CODE_BAD_PATH, "/files");
	files[1].path = STR("a/b");
	refused(files, 2, CODE_BAD_PATH, "/files");
	files[1].path = STR("../b");
	refused(files, 2, CODE_BAD_PATH, "/files/1");
	files[1].path = STR("b");
	files[1].size = 4;
	refused(files, 2, CODE_FIELD_RANGE, "/files/1");
	files[1].size = -1;
	refused(files, 2, CODE_FIELD_RANGE, "/files/1");
	ck_assert_int_eq(create(&f, alice, &c, "../x", files, 1), RC_INVALID);
	ck_assert_str_eq(f.err.place, "/name");
	artifact_create_command_init(&c, f.artifacts, alice);
	c.name = STR("x");
	c.files = files;
	c.n_files = 1;
	c.checks = STR("[]");
	ck_assert_int_eq(artifact_create_prepare(&c, f.arena, &f.err), RC_INVALID);
	ck_assert_str_eq(f.err.place, "/checks");
	c.checks = STR("{");
	ck_assert_int_eq(artifact_create_prepare(&c, f.arena, &f.err), RC_INVALID);
	ck_assert_int_eq(f.err.code, CODE_JSON_SYNTAX);
	c.checks = STR("{}");
	c.maker = STR("a/b");
	ck_assert_int_eq(artifact_create_prepare(&c, f.arena, &f.err), RC_INVALID);
	ck_assert_str_eq(f.err.place, "/maker");
	fixture_close(&f);
}
END_TEST

START_TEST(tenants_are_apart)
{
	struct artifact_create_command c;
	struct artifact got, *list;
	struct artifact_file file;
	struct artifact_fault *faults;
	struct artifact_filter filter = { .limit = 10 };
	struct str bytes;
	size_t n;
	AUTO(buf_fini) struct buf zip = BUF_INIT(1 << 20);
	setup();
	struct artifact_file a = file_put(&f, "a.txt", STR("one"));
	artifact_create_command_init(&c, f.artifacts, alice);
	ck_assert_ok(create(&f, alice, &c, "lesson", &a, 1));
	ck_assert_int_eq(artifact_get(f.artifacts, bob, c.id, f.arena, &got, &f.err), RC_NOT_FOUND);
	ck_assert_int_eq(artifact_file_read(f.artifacts, bob, c.id, STR("a.txt"), f.arena, &bytes,
	                                    &file, &f.err),
	                 RC_NOT_FOUND);
	ck_assert_int_eq(artifact_zip(f.artifacts, bob, c.id, &zip, &f.err), RC_NOT_FOUND);
	ck_assert_int_eq(artifact_verify(f.artifacts, bob, c.id, f.arena, &faults, &f.err),
	                 RC_NOT_FOUND);
	ck_assert_uint_eq(zip.len, 0);
	ck_assert_ok(artifact_list(f.artifacts, bob, &filter, f.arena, &list, &n, &f.err));
	ck_assert_uint_eq(n, 0);
	filter.name = STR("lesson");
	ck_assert_ok(artifact_list(f.artifacts, bob, &filter, f.arena, &list, &n, &f.err));
	ck_assert_uint_eq(n, 0);
	ck_assert_ok(artifact_list(f.artifacts, alice, &filter, f.arena, &list, &n, &f.err));
	ck_assert_uint_eq(n, 1);
	fixture_close(&f);
}
END_TEST

static size_t list(struct artifact_filter filter, struct artifact **ret)
{
	size_t n;
	ck_assert_ok(artifact_list(f.artifacts, alice, &filter, f.arena, ret, &n, &f.err));
	return n;
}

START_TEST(listing)
{
	struct artifact_create_command c;
	struct artifact *l;
	int64_t ids[6];
	setup();
	struct artifact_file a = file_put(&f, "a.txt", STR("one"));
	for (int i = 0; i < 6; i++) {
		artifact_create_command_init(&c, f.artifacts, alice);
		c.name = i % 2 ? STR("odd") : STR("even");
		c.run = i < 3 ? 5 : 6;
		c.files = &a;
		c.n_files = 1;
		ck_assert_ok(artifact_create_prepare(&c, f.arena, &f.err));
		c.c.reply.fn = reply_nothing;
		c.c.posted_us = env_mono_us(&env_system);
		writer_batch(f.writer, &c.c);
		ck_assert_ok(c.c.rc);
		ids[i] = c.id;
	}
	ck_assert_uint_eq(list((struct artifact_filter){ .limit = 4 }, &l), 4);
	ck_assert_int_eq(l[0].id, ids[5]);
	ck_assert_int_eq(l[3].id, ids[2]);
	ck_assert_ptr_null(l[0].files);
	ck_assert_uint_eq(l[0].n_files, 1);
	ck_assert_uint_eq(list((struct artifact_filter){ .limit = 4, .before = l[3].id }, &l), 2);
	ck_assert_int_eq(l[1].id, ids[0]);
	ck_assert_uint_eq(list((struct artifact_filter){ .limit = 9, .name = STR("odd") }, &l), 3);
	ck_assert_int_eq(l[0].id, ids[5]);
	ck_assert_int_eq(l[2].version, 1);
	ck_assert_uint_eq(list((struct artifact_filter){ .limit = 9, .run = 5 }, &l), 3);
	ck_assert_int_eq(l[0].id, ids[2]);
	struct artifact_filter both = { .limit = 9, .run = 5, .name = STR("odd") };
	ck_assert_uint_eq(list(both, &l), 1);
	ck_assert_int_eq(l[0].id, ids[1]);
	fixture_close(&f);
}
END_TEST

START_TEST(reading_a_file)
{
	struct artifact_create_command c;
	struct artifact_file file, files[2];
	struct str bytes;
	setup();
	files[0] = file_put(&f, "dir/a.txt", STR("one"));
	files[1] = file_put(&f, "b.txt", STR("two"));
	ck_assert_ok(create(&f, alice, &c, "lesson", files, 2));
	ck_assert_ok(artifact_file_read(f.artifacts, alice, c.id, STR("dir/a.txt"), f.arena, &bytes,
	                                &file, &f.err));
	ck_assert_str(bytes, "one");
	ck_assert_str(file.path, "dir/a.txt");
	ck_assert_int_eq(artifact_file_read(f.artifacts, alice, c.id, STR("dir"), f.arena, &bytes,
	                                    &file, &f.err),
	                 RC_NOT_FOUND);
	ck_assert_int_eq(artifact_file_read(f.artifacts, alice, c.id, STR("dir/../b.txt"), f.arena,
	                                    &bytes, &file, &f.err),
	                 RC_INVALID);
	ck_assert_int_eq(artifact_file_read(f.artifacts, alice, c.id + 1, STR("b.txt"), f.arena,
	                                    &bytes, &file, &f.err),
	                 RC_NOT_FOUND);
	/* Another size is damage; so is nothing. */
	char *path = blob_path(f.artifacts, files[0].hash, f.arena);
	for (int i = 0; i < 2; i++) {
		struct artifact_file at = files[0].size == 3 ? files[0] : files[1];
		path = blob_path(f.artifacts, at.hash, f.arena);
		if (i == 0)
			ck_assert_ok(file_write(path, STR("onee"), 0600, &f.err));
		else
			ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(artifact_file_read(f.artifacts, alice, c.id, at.path, f.arena,
		                                    &bytes, &file, &f.err),
		                 RC_IO);
		ck_assert_int_eq(f.err.code, CODE_DAMAGED);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(verifying)
{
	struct artifact_create_command c;
	struct artifact_file files[4];
	struct artifact_fault *faults;
	setup();
	files[0] = file_put(&f, "a.txt", STR("one"));
	files[1] = file_put(&f, "b.txt", STR("two"));
	files[2] = file_put(&f, "c.txt", STR("three"));
	files[3] = file_put(&f, "d.txt", STR("four"));
	ck_assert_ok(create(&f, alice, &c, "lesson", files, 4));
	ck_assert_ok(artifact_verify(f.artifacts, alice, c.id, f.arena, &faults, &f.err));
	ck_assert_ptr_null(faults);
	/* The same length, one byte different. */
	ck_assert_ok(file_write(blob_path(f.artifacts, files[1].hash, f.arena), STR("twO"), 0600,
	                        &f.err));
	ck_assert_int_eq(unlink(blob_path(f.artifacts, files[3].hash, f.arena)), 0);
	ck_assert_ok(artifact_verify(f.artifacts, alice, c.id, f.arena, &faults, &f.err));
	ck_assert_ptr_nonnull(faults);
	ck_assert_str(faults->path, "b.txt");
	ck_assert_str_eq(faults->what, "changed");
	ck_assert_ptr_nonnull(faults->next);
	ck_assert_str(faults->next->path, "d.txt");
	ck_assert_str_eq(faults->next->what, "missing");
	ck_assert_ptr_null(faults->next->next);
	fixture_close(&f);
}
END_TEST

/* The largest tree: it must fit one batch in a time that the others can bear. */
START_TEST(ten_thousand_files)
{
	struct artifact_create_command c;
	struct artifact got;
	setup();
	struct artifact_file a = file_put(&f, "a", STR("one"));
	struct artifact_file *files = arena_new(f.arena, struct artifact_file, ARTIFACT_FILES_MAX);
	for (size_t i = 0; i < ARTIFACT_FILES_MAX; i++) {
		files[i] = a;
		files[i].path = str_fmt(f.arena, "folder%zu/file%zu.txt", i % 37, i);
	}
	ck_assert_ok(create(&f, alice, &c, "big", files, ARTIFACT_FILES_MAX));
	ck_assert_ok(artifact_get(f.artifacts, alice, c.id, f.arena, &got, &f.err));
	ck_assert_uint_eq(got.n_files, ARTIFACT_FILES_MAX);
	for (size_t i = 1; i < got.n_files; i++)
		ck_assert_int_lt(str_cmp(got.files[i - 1].path, got.files[i].path), 0);
	fixture_close(&f);
}
END_TEST

UNIT_MAIN("artifact/artifact", versions_grow_per_name_and_tenant, versions_in_one_batch,
          get_what_was_created, event_is_told, refusals, tenants_are_apart, listing, reading_a_file,
          verifying, ten_thousand_files)
