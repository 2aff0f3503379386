/* Secrets in memory that is locked, left out of core dumps, and wiped. */
#include "devstack/base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

/* Lives at the start of its own mapping, so that locking and leaving it out of dumps touch nothing
 * else. */
struct ds_secret {
    size_t mapped;
    unsigned references;
    size_t length;
    char bytes[];
};

struct ds_secret *ds_secret_create(const void *data, size_t length)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (sizeof(struct ds_secret) + length + 1 + page - 1) / page * page;
    struct ds_secret *secret =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (secret == MAP_FAILED)
        abort();
    /* Both are best effort: a tight RLIMIT_MEMLOCK must not stop the stack. */
    (void)mlock(secret, size);
    (void)madvise(secret, size, MADV_DONTDUMP);
    secret->mapped = size;
    secret->references = 1;
    secret->length = length;
    if (length)
        memcpy(secret->bytes, data, length);
    return secret;
}

struct ds_secret *ds_secret_ref(struct ds_secret *secret)
{
    secret->references++;
    return secret;
}

void ds_secret_unref(struct ds_secret *secret)
{
    if (!secret || --secret->references > 0)
        return;
    size_t mapped = secret->mapped;
    ds_wipe(secret, mapped);
    munmap(secret, mapped);
}

const char *ds_secret_bytes(const struct ds_secret *secret)
{
    return secret->bytes;
}

size_t ds_secret_length(const struct ds_secret *secret)
{
    return secret->length;
}

void ds_wipe(void *data, size_t length)
{
    explicit_bzero(data, length);
}

void ds_random_bytes(void *data, size_t length)
{
    char *at = data;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

char *ds_random_hex(size_t bytes)
{
    ds_auto_free unsigned char *raw = ds_alloc(bytes);
    ds_random_bytes(raw, bytes);
    struct ds_text text = {0};
    for (size_t i = 0; i < bytes; i++)
        ds_text_appendf(&text, "%02x", raw[i]);
    return ds_text_take(&text);
}

struct ds_secret *ds_secret_generate(size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum { LETTERS = sizeof(letters) - 1, FAIR = 256 - 256 % LETTERS };
    ds_auto_free char *text = ds_alloc(length + 1);
    for (size_t i = 0; i < length;) {
        unsigned char byte;
        ds_random_bytes(&byte, 1);
        /* Bytes past the last whole multiple would favour the first letters. */
        if (byte < FAIR)
            text[i++] = letters[byte % LETTERS];
    }
    struct ds_secret *secret = ds_secret_create(text, length);
    ds_wipe(text, length);
    return secret;
}
