/*
 * Putting one file into a container that was created and not yet started.
 *
 * The engine unpacks an archive over what is there: an entry for a folder that exists changes its
 * owner and mode, and one where a symbolic link is replaces the link. So the archive may hold only
 * folders that are missing. The first request asks to unpack into the file's own folder; as long as
 * the engine says that there is no such folder, the next one begins one level higher.
 */
#include "internal.h"

#include <string.h>

#include "archive.h"
#include "devstack/base/file.h"
#include "devstack/base/secret.h"

#define STATUS_NOT_FOUND 404

struct put_call {
    struct ds_engine_call call;
    char *id, *path;
    char *folder; /* where the archive is unpacked */
    struct archive_file file;
    char *contents;
    char *what;
    ds_engine_done_fn done;
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct put_call *put = (struct put_call *)call;
    ds_wipe(put->contents, put->file.length);
    free(put->contents);
    free(put->id);
    free(put->path);
    free(put->folder);
    free(put->what);
    free(put);
}

static void finish(struct put_call *put, const struct ds_error *error)
{
    engine_call_end(&put->call);
    put->done(put->data, error);
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer);

/* The path below `folder`. */
static const char *relative_path(const struct put_call *put)
{
    const char *rest = put->path + strlen(put->folder);
    return rest[0] == '/' ? rest + 1 : rest;
}

static bool send_archive(struct put_call *put, struct ds_error *err)
{
    struct ds_text archive = {0};
    /* At once and whole, so that the contents are not left behind in memory that has grown. */
    ds_text_reserve(&archive, put->file.length + 64 * (size_t)1024);
    bool written = archive_write(&archive, relative_path(put), &put->file, err);
    if (written) {
        ds_auto_free char *folder = ds_percent_encode(put->folder);
        ds_auto_free char *path =
            ds_printf("/containers/%s/archive?noOverwriteDirNonDir=1&path=%s", put->id, folder);
        engine_call_send(&put->call, &(struct engine_request){.method = "PUT",
                                                              .path = path,
                                                              .body = archive.data,
                                                              .body_length = archive.length,
                                                              .content_type = "application/x-tar",
                                                              .on_answer = on_answer});
    }
    ds_wipe(archive.data, archive.length);
    ds_text_finish(&archive);
    return written;
}

/* "No such container" is a 404 as well. */
static bool is_missing_folder(const struct ds_http_answer *answer)
{
    if (answer->outcome != DS_HTTP_ANSWERED || answer->status != STATUS_NOT_FOUND)
        return false;
    ds_auto_free char *words = engine_fault_words(answer);
    return !ds_string_starts(words, "No such container: ");
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct put_call *put = (struct put_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (engine_answer_ok(answer)) {
        finish(put, NULL);
        return;
    }
    if (is_missing_folder(answer) && strcmp(put->folder, "/") != 0) {
        char *above = ds_path_folder(put->folder);
        free(put->folder);
        put->folder = above;
        if (send_archive(put, &error))
            return;
    } else {
        engine_fault(call->engine, answer, put->what, &error);
    }
    finish(put, &error);
}

static void start(struct ds_engine_call *call)
{
    struct put_call *put = (struct put_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (put->path[0] != '/' || put->path[1] == '\0')
        ds_error_set(&error, DS_ERROR_FAILED, "Cannot %s: the path is not absolute", put->what);
    else if (send_archive(put, &error))
        return;
    finish(put, &error);
}

struct ds_engine_call *ds_container_put_file(struct ds_engine *engine, const char *id,
                                             const char *path, const void *contents, size_t length,
                                             unsigned uid, unsigned gid, mode_t mode,
                                             ds_engine_done_fn done, void *data)
{
    struct put_call *put = DS_NEW(struct put_call);
    put->id = ds_strdup(id);
    put->path = ds_strdup(path);
    put->folder = ds_path_folder(path);
    put->contents = ds_memdup(contents, length);
    put->file = (struct archive_file){
        .contents = put->contents, .length = length, .uid = uid, .gid = gid, .mode = mode};
    put->what = ds_printf("put %s into container %.12s", path, id);
    put->done = done;
    put->data = data;
    engine_call_begin(&put->call, engine, release);
    engine_call_after(&put->call, 0, start);
    return &put->call;
}
