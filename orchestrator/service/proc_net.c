/* Lines are "sl local_address rem_address st …": address and port in hex, state 0A is LISTEN. An
 * address is printed as 32-bit words in host order. */
#include "proc_net.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

#define STATE_LISTEN 0x0A
#define FILE_LIMIT   (4U << 20)

static bool is_loopback(const char *address)
{
    /* Also the IPv4-mapped form. */
    static const char mapped[] = "0000000000000000FFFF0000";
    if (strlen(address) == 8)
        return !strcmp(address + 6, "7F");
    if (!strncmp(address, mapped, sizeof(mapped) - 1))
        return !strcmp(address + 30, "7F");
    return !strcmp(address, "00000000000000000000000001000000");
}

enum ds_proc_net ds_proc_net_parse(const char *text, uint16_t port)
{
    enum ds_proc_net found = DS_PROC_NET_NOTHING;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        char address[33];
        unsigned local = 0, state = 0;
        if (sscanf(line, " %*u: %32[0-9A-F]:%4X %*[0-9A-F]:%*4X %2X", address, &local, &state) != 3)
            continue;
        if (state != STATE_LISTEN || local != port)
            continue;
        if (!is_loopback(address))
            return DS_PROC_NET_LISTENS;
        found = DS_PROC_NET_LOOPBACK;
    }
    return found;
}

static enum ds_proc_net look(pid_t pid, const char *file, uint16_t port)
{
    ds_auto_free char *path = ds_printf("/proc/%d/net/%s", (int)pid, file);
    ds_auto_file FILE *stream = fopen(path, "re");
    if (!stream)
        return DS_PROC_NET_UNREADABLE;
    ds_auto_free char *text = ds_alloc(FILE_LIMIT);
    size_t length = fread(text, 1, FILE_LIMIT - 1, stream);
    text[length] = '\0';
    return ds_proc_net_parse(text, port);
}

enum ds_proc_net ds_proc_net_listens(pid_t pid, uint16_t port)
{
    enum ds_proc_net v4 = look(pid, "tcp", port);
    if (v4 == DS_PROC_NET_LISTENS || v4 == DS_PROC_NET_UNREADABLE)
        return v4;
    enum ds_proc_net v6 = look(pid, "tcp6", port);
    return v6 == DS_PROC_NET_UNREADABLE || v6 == DS_PROC_NET_NOTHING ? v4 : v6;
}
