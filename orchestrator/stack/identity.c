/* Which stack this is: the id from the project folder, and the XDG folders that follow from it. */
#include "devstack/stack/identity.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

/* FNV-1a, 64 bit (Fowler, Noll, Vo), folded: it only has to tell a user's folders apart. */
static unsigned folder_hash(const char *path)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    return (unsigned)((hash ^ hash >> 16) & 0xffff);
}

static bool check_instance(const char *instance, struct ds_error *err)
{
    size_t length = strlen(instance);
    for (size_t i = 0; i < length; i++) {
        char c = instance[i];
        if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && c != '-')
            length = 0;
    }
    if (length == 0 || length > 32)
        return ds_error_set(err, DS_ERROR_USAGE,
                            "'%s' is no instance name: expected 1 to 32 of a-z, 0-9 and '-'",
                            instance);
    return true;
}

/* An XDG base folder, or its default below the home folder (XDG Base Directory Specification 0.8:
 * relative paths are ignored). */
static char *xdg_folder(const struct ds_variables *shell, const char *variable,
                        const char *fallback)
{
    const char *value = ds_variables_get(shell, variable);
    if (value && value[0] == '/')
        return ds_path_join(value, "devstack");
    const char *home = ds_variables_get(shell, "HOME");
    if (!home || home[0] != '/')
        home = "/tmp";
    return ds_printf("%s/%s/devstack", home, fallback);
}

static char *runtime_root(const struct ds_variables *shell)
{
    const char *runtime = ds_variables_get(shell, "XDG_RUNTIME_DIR");
    if (runtime && runtime[0] == '/' && ds_folder_exists(runtime))
        return ds_path_join(runtime, "devstack");
    const char *temporary = ds_variables_get(shell, "TMPDIR");
    if (!temporary || temporary[0] != '/')
        temporary = "/tmp";
    return ds_printf("%s/devstack-%u", temporary, (unsigned)geteuid());
}

/* Others can make a folder of that name under /tmp first: it must be ours and private. */
bool ds_identity_check_root(const struct ds_identity *identity, struct ds_error *err)
{
    const char *root = identity->runtime_root;
    struct stat status;
    if (lstat(root, &status) < 0)
        return true;
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077)) {
        ds_error_set(err, DS_ERROR_FAILED, "%s is not a private folder of this user", root);
        return ds_error_hint(err, "remove it, or set XDG_RUNTIME_DIR to a folder of your own");
    }
    return true;
}

bool ds_identity_make(const char *name, const char *environment, const char *folder,
                      const char *instance, const struct ds_variables *shell,
                      struct ds_identity *ret_identity, struct ds_error *err)
{
    if (instance && !check_instance(instance, err))
        return false;
    bool named = strcmp(environment, "local") != 0;
    ds_auto_free char *suffix =
        instance ? ds_strdup(instance) : ds_printf("%04x", folder_hash(folder));
    struct ds_identity identity = {
        .id = ds_printf("%s%s%s-%s", name, named ? "-" : "", named ? environment : "", suffix),
        .name = ds_strdup(name),
        .environment = ds_strdup(environment),
        .folder = ds_strdup(folder),
        .data_folder = xdg_folder(shell, "XDG_DATA_HOME", ".local/share"),
        .runtime_root = runtime_root(shell),
    };
    ds_auto_free char *state = xdg_folder(shell, "XDG_STATE_HOME", ".local/state");
    identity.state_folder = ds_path_join(state, identity.id);
    identity.runtime_folder = ds_path_join(identity.runtime_root, identity.id);
    identity.socket = ds_path_join(identity.runtime_folder, "socket");
    *ret_identity = identity;
    bool good = ds_identity_check_root(&identity, err);
    if (good && strlen(identity.socket) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        good = ds_error_set(err, DS_ERROR_FAILED,
                            "the socket path %s is too long for a unix socket", identity.socket);
        ds_error_hint(err, "set XDG_RUNTIME_DIR to a shorter path");
    }
    if (!good)
        ds_identity_finish(ret_identity);
    return good;
}

void ds_identity_finish(struct ds_identity *identity)
{
    free(identity->id);
    free(identity->name);
    free(identity->environment);
    free(identity->folder);
    free(identity->state_folder);
    free(identity->data_folder);
    free(identity->runtime_root);
    free(identity->runtime_folder);
    free(identity->socket);
    *identity = (struct ds_identity){0};
}
