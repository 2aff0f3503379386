/* Secrets as private files, for machines without a keyring. */
#include <errno.h>
#include <stdlib.h>

#include "folder.h"
#include "internal.h"

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

struct file_store {
    struct ds_secret_store base;
    char *folder;
};

static void fail(struct ds_secret_call *call, struct ds_error *err)
{
    err->code = DS_ERROR_SECRET;
    call->outcome = DS_SECRET_FAILED;
    ds_error_move(&call->error, err);
}

static void lookup(const char *folder, struct ds_secret_call *call)
{
    ds_auto_error struct ds_error err = {0};
    if (!secret_file_read(folder, call->stack, call->name, &call->found, &call->stored_at, &err))
        fail(call, &err);
    else if (call->found)
        call->outcome = DS_SECRET_FOUND;
}

static void save(const char *folder, struct ds_secret_call *call)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *path = secret_file_path(folder, call->stack, call->name);
    if (!secret_name_check(call->name, &err) || !secret_folder_make(folder, call->stack, &err)) {
        fail(call, &err);
    } else if (!ds_file_write(path, ds_secret_bytes(call->value), ds_secret_length(call->value),
                              0600, &err)) {
        ds_error_hint(&err, "make room or make the folder writable, or set XDG_DATA_HOME");
        fail(call, &err);
    } else {
        call->outcome = DS_SECRET_FOUND;
    }
}

static void take_away(const char *folder, struct ds_secret_call *call)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *path = secret_file_path(folder, call->stack, call->name);
    if (!secret_name_check(call->stack, &err) || !secret_name_check(call->name, &err)) {
        fail(call, &err);
    } else if (unlink(path) == 0) {
        call->outcome = DS_SECRET_FOUND;
    } else if (errno != ENOENT && errno != ENOTDIR) {
        ds_error_set_errno(&err, DS_ERROR_SECRET, errno, "cannot remove %s", path);
        ds_error_hint(&err, "make its folder writable for you");
        fail(call, &err);
    }
}

static void work(struct ds_secret_call *call)
{
    const char *folder = ((struct file_store *)call->store)->folder;
    switch (call->verb) {
    case SECRET_CHECK:
        call->outcome = DS_SECRET_FOUND;
        return;
    case SECRET_LOOKUP:
        lookup(folder, call);
        return;
    case SECRET_SAVE:
        save(folder, call);
        return;
    case SECRET_REMOVE:
        take_away(folder, call);
        return;
    }
}

static void destroy(struct ds_secret_store *base)
{
    struct file_store *store = (struct file_store *)base;
    free(store->folder);
    free(store);
}

static const struct secret_store_ops file_ops = {
    .name = "file",
    .on_pool = true,
    .work = work,
    .destroy = destroy,
};

struct ds_secret_store *ds_secret_store_file(uv_loop_t *loop, const char *folder)
{
    struct file_store *store = DS_NEW(struct file_store);
    store->base.ops = &file_ops;
    store->base.loop = loop;
    store->folder = ds_strdup(folder);
    return &store->base;
}
