/* Assigning ports: fixed, remembered, picked. */
#include "ports.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "lock_file.h"

struct assignment {
    const char *service, *name; /* the manifest's */
    uint16_t port;
    bool automatic;
    char *lock_path; /* automatic ones only */
    int lock;
};

struct ports {
    DS_VEC(struct assignment) all;
    char *memory_path; /* <state folder>/ports.json */
    json_t *memory;    /* {"api/http": 23456} */
    char *lock_folder;
};

enum { LOWEST_AUTOMATIC = 20000, PICKS = 2000 };

/* Without SO_REUSEADDR a port with connections that linger is refused too: right for a new pick. */
static bool bind_works(int family, const void *address, socklen_t length, bool reuse)
{
    ds_auto_fd int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno == EAFNOSUPPORT;
    int yes = 1, no = 0;
    if (reuse)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    return bind(fd, address, length) == 0 || errno != EADDRINUSE;
}

static bool can_bind(uint16_t port, bool reuse)
{
    struct sockaddr_in6 everywhere = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
    struct sockaddr_in loopback = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind_works(AF_INET6, &everywhere, sizeof(everywhere), reuse) &&
           bind_works(AF_INET, &loopback, sizeof(loopback), reuse);
}

bool port_is_free(uint16_t port)
{
    /* With SO_REUSEADDR only a listener is in the way (socket(7)), which is what a server will meet
     * too. */
    return can_bind(port, true);
}

/* The first port of the kernel's ephemeral range (ip(7), ip_local_port_range). */
static uint16_t ephemeral_start(void)
{
    ds_auto_file FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    unsigned low = 0;
    if (!file || fscanf(file, "%u", &low) != 1 || low < 1024 || low > 65535)
        low = 32768;
    return (uint16_t)low;
}

static bool is_assigned(const struct ports *ports, uint16_t port)
{
    for (size_t i = 0; i < ports->all.count; i++)
        if (ports->all.items[i].port == port)
            return true;
    return false;
}

static bool try_port(struct ports *ports, struct assignment *assignment, uint16_t port,
                     bool remembered)
{
    if (is_assigned(ports, port))
        return false;
    ds_auto_free char *path = ds_printf("%s/%u", ports->lock_folder, port);
    int lock;
    enum lock_outcome outcome = lock_file_try(path, &lock);
    /* Another stack that ended took the empty folder away. */
    if (outcome == LOCK_FAILED && errno == ENOENT && ds_folder_make(ports->lock_folder, 0700, NULL))
        outcome = lock_file_try(path, &lock);
    if (outcome != LOCK_TAKEN)
        return false;
    if (!can_bind(port, remembered)) {
        lock_file_drop(path, lock);
        return false;
    }
    assignment->port = port;
    assignment->lock = lock;
    assignment->lock_path = ds_steal(path);
    return true;
}

static bool pick(struct ports *ports, struct assignment *assignment, struct ds_error *err)
{
    ds_auto_free char *key = ds_printf("%s/%s", assignment->service, assignment->name);
    json_int_t before = json_integer_value(json_object_get(ports->memory, key));
    bool found =
        before > 0 && before < 65536 && try_port(ports, assignment, (uint16_t)before, true);
    uint16_t end = ephemeral_start();
    uint16_t start = end > LOWEST_AUTOMATIC + 1000 ? LOWEST_AUTOMATIC : 1024;
    for (int i = 0; !found && i < PICKS; i++) {
        /* At random: devstacks that start together do not walk the same list. */
        uint32_t random;
        ds_random_bytes(&random, sizeof(random));
        found = try_port(ports, assignment, (uint16_t)(start + random % (uint32_t)(end - start)),
                         false);
    }
    if (!found)
        return ds_error_set(err, DS_ERROR_PORT, "no free port between %u and %u for %s", start,
                            end - 1, assignment->service);
    json_object_set_new(ports->memory, key, json_integer(assignment->port));
    return true;
}

static void add_fixed(struct ports *ports, const struct ds_manifest *manifest, bool auto_ports)
{
    for (size_t i = 0; i < manifest->service_count; i++) {
        const struct ds_service_spec *spec = &manifest->services[i];
        for (size_t p = 0; p < spec->port_count && !spec->disabled; p++) {
            const struct ds_port *port = &spec->ports[p];
            bool automatic = port->host == 0 || (auto_ports && !port_is_free(port->host));
            *DS_VEC_PUSH(&ports->all) = (struct assignment){
                .service = spec->name,
                .name = port->name,
                .port = automatic ? 0 : port->host,
                .automatic = automatic,
                .lock = -1,
            };
        }
    }
}

struct ports *ports_assign(const struct ds_manifest *manifest, const struct ds_identity *identity,
                           bool auto_ports, struct ds_error *err)
{
    struct ports *ports = DS_NEW(struct ports);
    ports->memory_path = ds_path_join(identity->state_folder, "ports.json");
    ports->lock_folder = ds_path_join(identity->runtime_root, "ports");
    ports->memory = json_load_file(ports->memory_path, 0, NULL);
    if (!json_is_object(ports->memory)) {
        json_decref(ports->memory);
        ports->memory = json_object();
    }
    /* Fixed ones first: an automatic port must not take a place that the file names. */
    add_fixed(ports, manifest, auto_ports);
    for (size_t i = 0; i < ports->all.count; i++) {
        struct assignment *assignment = &ports->all.items[i];
        if (!assignment->automatic)
            continue;
        if (!ds_folder_make(ports->lock_folder, 0700, err) || !pick(ports, assignment, err)) {
            ports_release(ports);
            return NULL;
        }
    }
    return ports;
}

static void remember(const struct ports *ports)
{
    char *text = json_dumps(ports->memory, JSON_INDENT(2) | JSON_SORT_KEYS);
    /* Best effort: what is forgotten is picked anew. */
    if (text && json_object_size(ports->memory) > 0)
        ds_file_write(ports->memory_path, text, strlen(text), 0600, NULL);
    free(text);
}

void ports_release(struct ports *ports)
{
    if (!ports)
        return;
    remember(ports);
    for (size_t i = 0; i < ports->all.count; i++) {
        struct assignment *assignment = &ports->all.items[i];
        if (assignment->lock >= 0)
            lock_file_drop(assignment->lock_path, assignment->lock);
        free(assignment->lock_path);
    }
    rmdir(ports->lock_folder);
    free(ports->all.items);
    free(ports->lock_folder);
    free(ports->memory_path);
    json_decref(ports->memory);
    free(ports);
}

uint16_t ports_find(const struct ports *ports, const char *service, const char *name)
{
    for (size_t i = 0; i < ports->all.count; i++) {
        const struct assignment *assignment = &ports->all.items[i];
        if (strcmp(assignment->service, service) == 0 &&
            (!name || !*name || strcmp(assignment->name, name) == 0))
            return assignment->port;
    }
    return 0;
}
