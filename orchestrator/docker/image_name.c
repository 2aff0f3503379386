/* Taking an image's name apart. The engine judges the parts. */
#include "image_name.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

/* The part before the first slash is a registry when it could be a host and not a folder. */
static char *registry_of(const char *repository)
{
    const char *slash = strchr(repository, '/');
    if (!slash)
        return ds_strdup("docker.io");
    char *first = ds_strndup(repository, (size_t)(slash - repository));
    if (strpbrk(first, ".:") || strcmp(first, "localhost") == 0)
        return first;
    free(first);
    return ds_strdup("docker.io");
}

bool image_name_parse(const char *text, struct image_name *ret, struct ds_error *err)
{
    const char *digest = strchr(text, '@');
    ds_auto_free char *tagged = ds_strndup(text, digest ? (size_t)(digest - text) : strlen(text));
    /* The last colon begins a tag, unless a slash follows: then it is the registry's port. */
    char *tag = strrchr(tagged, ':');
    if (tag && strchr(tag, '/'))
        tag = NULL;
    if (tag)
        *tag++ = '\0';
    if (tagged[0] == '\0' || (tag && !tag[0]) || (digest && !digest[1]))
        return ds_error_set(err, DS_ERROR_INVALID, "'%s' is no image name", text);
    *ret = (struct image_name){
        .registry = registry_of(tagged),
        .version = ds_strdup(digest ? digest + 1
                             : tag  ? tag
                                    : "latest"),
        .repository = ds_steal(tagged),
    };
    return true;
}

void image_name_finish(struct image_name *name)
{
    free(name->registry);
    free(name->repository);
    free(name->version);
    *name = (struct image_name){0};
}
