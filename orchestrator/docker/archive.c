/* Writing ustar headers: fixed fields of octal text in blocks of 512 bytes. */
#include "archive.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "devstack/base/memory.h"

#define BLOCK       512
#define FOLDER_MODE 0755

struct ustar_header {
    char name[100];
    char mode[8], uid[8], gid[8];
    char size[12], mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6], version[2];
    char user[32], group[32];
    char device_major[8], device_minor[8];
    char prefix[155];
    char padding[12];
};

_Static_assert(sizeof(struct ustar_header) == BLOCK, "a header is one block");

/* size-1 octal digits and a NUL. */
static bool put_octal(char *field, size_t size, uint64_t value)
{
    for (size_t i = size - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
    field[size - 1] = '\0';
    return value == 0;
}

/* Names longer than 100 bytes are split at a slash into a prefix of up to 155 and the rest. */
static bool put_name(struct ustar_header *header, const char *name)
{
    size_t length = strlen(name);
    if (length <= sizeof(header->name)) {
        memcpy(header->name, name, length);
        return true;
    }
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t before = (size_t)(slash - name), after = length - before - 1;
        if (before > sizeof(header->prefix))
            break;
        if (after > 0 && after <= sizeof(header->name)) {
            memcpy(header->prefix, name, before);
            memcpy(header->name, slash + 1, after);
            return true;
        }
    }
    return false;
}

static bool put_header(struct ds_text *archive, const char *name, char type,
                       const struct archive_file *file)
{
    struct ustar_header header = {.type = type, .magic = "ustar", .version = {'0', '0'}};
    if (!put_name(&header, name) || !put_octal(header.mode, sizeof(header.mode), file->mode) ||
        !put_octal(header.uid, sizeof(header.uid), file->uid) ||
        !put_octal(header.gid, sizeof(header.gid), file->gid) ||
        !put_octal(header.size, sizeof(header.size), file->length))
        return false;
    put_octal(header.mtime, sizeof(header.mtime), 0);
    put_octal(header.device_major, sizeof(header.device_major), 0);
    put_octal(header.device_minor, sizeof(header.device_minor), 0);
    /* The sum counts its own field as spaces; it is six digits, NUL, space. */
    memset(header.checksum, ' ', sizeof(header.checksum));
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += ((const unsigned char *)&header)[i];
    put_octal(header.checksum, sizeof(header.checksum) - 1, sum);
    ds_text_append_bytes(archive, &header, BLOCK);
    return true;
}

static void put_zeros(struct ds_text *archive, size_t count)
{
    static const char zeros[2 * BLOCK];
    ds_text_append_bytes(archive, zeros, count);
}

static bool put_folders(struct ds_text *archive, const char *path)
{
    const struct archive_file folder = {.mode = FOLDER_MODE};
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        ds_auto_free char *name = ds_strndup(path, (size_t)(slash - path) + 1);
        if (!put_header(archive, name, '5', &folder))
            return false;
    }
    return true;
}

bool archive_write(struct ds_text *archive, const char *path, const struct archive_file *file,
                   struct ds_error *err)
{
    if (!put_folders(archive, path) || !put_header(archive, path, '0', file))
        return ds_error_set(err, DS_ERROR_FAILED,
                            "%s cannot be put into an archive: its path is too long, or its size "
                            "or owner too large",
                            path);
    ds_text_append_bytes(archive, file->contents, file->length);
    put_zeros(archive, (BLOCK - file->length % BLOCK) % BLOCK);
    put_zeros(archive, (size_t)2 * BLOCK);
    return true;
}
