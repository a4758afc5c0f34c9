// SPDX-License-Identifier: Apache-2.0
// Options: the emulator's flags among the program's arguments.
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"

// What the emulator's flags mean here. A flag without [read] is one that OTP
// knows and merle has no use for: its value is passed over.
// Values are the next word, or written together with the name.
typedef struct {
    const char *name;
    bool has_value; // the next word is its value
    bool (*read)(NodeOptions *node, const char *value); // NULL: passed over
} Flag;

// "4:2" is 4: what stands behind the colon is for the caller to read.
static bool read_number(const char *text, size_t least, size_t most,
                        size_t *number)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (end == text || errno != 0 || n < least || n > most) return false;
    *number = (size_t)n;
    return *end == 0 || *end == ':';
}

// +S 4:2: four schedulers, two of them online; either may be left out.
static bool read_schedulers(NodeOptions *node, const char *value)
{
    size_t n;
    const char *online = strchr(value, ':');
    if (online != value) {
        if (!read_number(value, 1, 1024, &n)) return false;
        node->schedulers = (unsigned)n;
    }
    if (online == NULL) return true;
    if (!read_number(online + 1, 1, 1024, &n)) return false;
    node->online = (unsigned)n;
    return node->schedulers == 0 || node->online <= node->schedulers;
}

// The limits are OTP's, so that its messages hold.
static bool read_processes(NodeOptions *node, const char *value)
{
    return read_number(value, 1024, 134217727, &node->process_limit);
}

// A power of two, as in OTP.
static bool read_ports(NodeOptions *node, const char *value)
{
    size_t n, limit = 1024;
    if (!read_number(value, 1024, 134217727, &n)) return false;
    while (limit < n) limit *= 2;
    node->port_limit = limit;
    return true;
}

// +zdbbl: kilobytes that wait for another node and make senders wait.
static bool read_dist_busy_limit(NodeOptions *node, const char *value)
{
    if (read_number(value, 1, INT_MAX >> 10, &node->dist_busy_limit))
        return true;
    // What is no number counts as 0.
    fprintf(stderr, "Invalid dbbl limit: %d\n", atoi(value));
    return false;
}

static bool read_atoms(NodeOptions *node, const char *value)
{
    return read_number(value, 8192, INT_MAX, &node->atom_limit);
}

// +pc unicode: lists of any letters are shown as strings.
static bool read_printable(NodeOptions *node, const char *value)
{
    node->unicode_strings = strcmp(value, "unicode") == 0;
    if (node->unicode_strings || strcmp(value, "latin1") == 0) return true;
    fprintf(stderr, "bad range of printable characters: %s\n", value);
    return false;
}

// +hms: words of a first heap.
static bool read_min_heap(NodeOptions *node, const char *value)
{
    return read_number(value, 0, SIZE_MAX / 16, &node->min_heap);
}

static bool read_min_bin_vheap(NodeOptions *node, const char *value)
{
    return read_number(value, 0, UINT32_MAX, &node->min_bin_vheap);
}

// +hmax: words that a heap may have at most.
static bool read_max_heap(NodeOptions *node, const char *value)
{
    return read_number(value, 0, SIZE_MAX / 16, &node->max_heap);
}

static bool read_bool(const char *value, bool *answer)
{
    *answer = strcmp(value, "true") == 0;
    return *answer || strcmp(value, "false") == 0;
}

static bool read_max_heap_kills(NodeOptions *node, const char *value)
{
    bool kills;
    if (!read_bool(value, &kills)) return false;
    node->max_heap_spares = !kills;
    return true;
}

static bool read_max_heap_logs(NodeOptions *node, const char *value)
{
    bool logs;
    if (!read_bool(value, &logs)) return false;
    node->max_heap_silent = !logs;
    return true;
}

// +hmqd: where messages lie that nobody has received.
static bool read_message_queue_data(NodeOptions *node, const char *value)
{
    node->off_heap_messages = strcmp(value, "off_heap") == 0;
    return node->off_heap_messages || strcmp(value, "on_heap") == 0;
}

static bool read_pool(NodeOptions *node, const char *value)
{
    return read_number(value, 1, 1024, &node->pool_threads);
}

// +Bi, +Bc, +Bd; +B alone is +Bd.
static bool read_break(NodeOptions *node, const char *letter)
{
    node->break_mode = *letter == 0 ? 'd' : *letter;
    return strchr("cdi", node->break_mode) != NULL && strlen(letter) < 2;
}

// +W: what warnings are told as: errors, information, warnings.
static bool read_warnings(NodeOptions *node, const char *value)
{
    node->warning_mode = value[0];
    return strlen(value) == 1 && strchr("eiw", value[0]) != NULL;
}

// +fnuw, +fnai, ...: how file names are read (always as UTF-8), and what is
// done with those that cannot be.
static bool read_file_names(NodeOptions *node, const char *letters)
{
    if (*letters == 0 || strchr("lua", *letters) == NULL) return false;
    node->bad_name_mode = letters[1] == 0 ? 'w' : letters[1];
    return strchr("wie", node->bad_name_mode) != NULL
           && (letters[1] == 0 || letters[2] == 0);
}

// Names without the plus sign; "S" also is the beginning of "SDcpu" and the
// like, see find_flag.
static const Flag flags[] = {
    {"pc", true, read_printable},
    {"S", true, read_schedulers},
    {"P", true, read_processes},
    {"Q", true, read_ports},
    {"t", true, read_atoms},
    {"A", true, read_pool},
    {"a", true, NULL},
    {"B", false, read_break},
    {"c", false, NULL},
    {"C", true, NULL},
    {"d", false, NULL},
    {"dcg", true, NULL},
    {"e", true, NULL},
    {"ec", false, NULL},
    {"fn", false, read_file_names},
    {"h", true, NULL},
    {"hms", true, read_min_heap},
    {"hmbs", true, read_min_bin_vheap},
    {"hmax", true, read_max_heap},
    {"hmaxk", true, read_max_heap_kills},
    {"hmaxel", true, read_max_heap_logs},
    {"hmqd", true, read_message_queue_data},
    {"J", true, NULL},
    {"K", true, NULL},
    {"l", false, NULL},
    {"L", false, NULL},
    {"M", true, NULL},
    {"n", true, NULL},
    {"p", true, NULL},
    {"r", false, NULL},
    {"R", true, NULL},
    {"rg", true, NULL},
    {"s", true, NULL},
    {"T", true, NULL},
    {"v", false, NULL},
    {"V", false, NULL},
    {"W", true, read_warnings},
    {"z", true, NULL},
    {"zdbbl", true, read_dist_busy_limit},
    {"IO", true, NULL},
};

// The flag that [text] (without its plus sign) names; the longest name wins.
// Letters behind the name belong to it ("+hms 233", "+sbt db"), so does a
// value that is written together with it ("+P1024").
static const Flag *find_flag(const char *text)
{
    const Flag *best = NULL;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        size_t size = strlen(flags[i].name);
        if (strncmp(text, flags[i].name, size) != 0) continue;
        if (best == NULL || size > strlen(best->name)) best = &flags[i];
    }
    return best;
}

// The flags of memory allocators: behind an allocator's letter ("+MBas",
// "+Mue"), and those with a letter of their own.
static const char *const allocator_flags[] = {
    "acul", "acnl", "acfml", "acful", "asbcst", "as", "atags", "cp", "e",
    "lmbcs", "mbcgs", "mbsd", "mmbcs", "mmmbc", "mmsbc", "rsbcmt", "rsbcst",
    "rmbcmt", "ramv", "sbct", "smbcs", "t", NULL};
static const char *const single_allocator_flags[] = {
    "Iscs", "Mamcbf", "Mrmcbf", "Mmcs", "Mscs", "Mscrpm", "Mscrfsd", "Msco",
    "Ytt", "Ytp", "Ym", "Ye", "ea", "lpm", "dai", "uycs", "ummc", "usac",
    NULL};

// How long the name of an allocator's flag is that [text] begins with: the
// longest; 0 for none.
static size_t name_length(const char *text, const char *const *names)
{
    size_t longest = 0;
    for (; *names != NULL; names++) {
        size_t size = strlen(*names);
        if (size > longest && strncmp(text, *names, size) == 0) longest = size;
    }
    return longest;
}

// What is written together with the flag of an allocator whose letters begin
// with [text], as in "+Meamax" and "+MBsbct512"; "" for nothing.
static const char *allocator_value(const char *text)
{
    size_t size = name_length(text, single_allocator_flags);
    if (size == 0 && *text != 0 && strchr("BDEFHLRSTZu", *text) != NULL) {
        size = name_length(text + 1, allocator_flags);
        size += size > 0;
    }
    return size == 0 ? "" : text + size;
}

// "+Bc", "+W w", "+pc unicode", "+P1024", "+SP 50": where the value of [flag]
// stands. A value that is written together with the flag begins with a digit.
// "+A5", but "+sbt db": letters go with the name, but for "+We", "+pcunicode"
// and "+Ktrue".
static const char *value_of(const Flag *flag, const char *text,
                            const char *next, bool *together)
{
    const char *rest = text + strlen(flag->name);
    if (flag->name[0] == 'M') {
        rest = allocator_value(rest);
        *together = *rest != 0;
        return *together ? rest : next;
    }
    *together =
        (*rest >= '0' && *rest <= '9') || (flag->name[0] == 'K' && *rest != 0)
        || ((flag->read == read_warnings || flag->read == read_printable)
            && *rest != 0);
    if (*together) return rest;
    return next;
}

// Reads one emulator flag; answers how many arguments it took, 0 when wrong.
// The messages are those of OTP's emulator.
static int read_flag(Options *options, char **argument, int left)
{
    const char *text = argument[0] + 1;
    const Flag *flag = find_flag(text);
    if (flag == NULL) {
        fprintf(stderr, "unknown flag %s\n", argument[0]);
        return 0;
    }
    if (!flag->has_value) {
        if (flag->read == NULL
            || flag->read(&options->node, text + strlen(flag->name)))
            return 1;
        fprintf(stderr, "bad flag %s\n", argument[0]);
        return 0;
    }
    bool together;
    const char *value =
        value_of(flag, text, left > 1 ? argument[1] : NULL, &together);
    if (value == NULL) {
        // A flag at the end without its value.
        fprintf(stderr, "missing argument(s) to %s\n", argument[0]);
        return 0;
    }
    // Only the plain flag is ours: "+SDcpu 1" is not "+S".
    bool plain = together || text[strlen(flag->name)] == 0;
    if (plain && flag->read != NULL && !flag->read(&options->node, value)) {
        fprintf(stderr, "bad value %s for %s\n", value, argument[0]);
        return 0;
    }
    // A value together with its flag is one word.
    return together ? 1 : 2;
}

// "+" alone is an argument.
static bool is_emulator_flag(const char *text)
{
    return text[0] == '+' && text[1] != 0;
}

// Goes through [count] arguments; those that are not ours are appended.
// In their order, for init reads them from left to right.
static bool read_all(Options *options, int count, char **arguments)
{
    for (int i = 0; i < count;) {
        if (strcmp(arguments[i], "-extra") == 0
            || strcmp(arguments[i], "--") == 0) {
            while (i < count)
                options->arguments[options->count++] = arguments[i++];
        } else if (is_emulator_flag(arguments[i])) {
            int taken = read_flag(options, arguments + i, count - i);
            if (taken == 0) return false;
            i += taken;
        } else {
            options->arguments[options->count++] = arguments[i++];
        }
    }
    return true;
}

// The path of this executable, so that the library's files have a place.
// Linux has it; elsewhere the name will do.
static const char *program_path(char **owned)
{
    char path[PATH_MAX];
    // No NUL behind it.
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size < 0) return "merle";
    path[size] = 0;
    *owned = memory_alloc((size_t)size + 1);
    memcpy(*owned, path, (size_t)size + 1);
    return *owned;
}

// Whether [root] is a folder with what C compilers read.
// One file shows it: the header that NIFs are compiled with.
static bool is_root(const char *root)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/usr/include/erl_nif.h", root);
    return size < (int)sizeof path && access(path, R_OK) == 0;
}

// ROOT of a system made of releases, which has the program as
// ROOT/erts-VERSION/bin/beam.smp; NULL of a program that lies elsewhere. Memory
// of malloc.
static char *release_root(const char *program)
{
    static const char erts[] = "/erts-", bin[] = "/bin/beam.smp";
    size_t size = strlen(program), tail = sizeof bin - 1;
    if (size < tail || strcmp(program + size - tail, bin) != 0) return NULL;
    size_t at = size - tail; // of the end of the version
    while (at > 0 && program[at - 1] != '/') at--;
    bool is_version = at > 0 && strncmp(program + at - 1, erts,
                                        sizeof erts - 1) == 0;
    return is_version ? strndup(program, at - 1) : NULL;
}

// The library lies inside the program, so its path is the root of it, unless
// there is a folder for what others are to read: that of an installed program,
// or the one where the program was built. Memory of malloc.
static char *root_path(const char *program)
{
    char *release = release_root(program);
    if (release != NULL) return release;
    // Installed beside bin, and in the build's own folder.
    static const char *const places[] = {"/../lib/merle", "/root"};
    const char *slash = strrchr(program, '/');
    int folder = slash == NULL ? 0 : (int)(slash - program);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[PATH_MAX];
        int size = snprintf(path, sizeof path, "%.*s%s", folder, program,
                            places[i]);
        char *found = size < (int)sizeof path ? realpath(path, NULL) : NULL;
        if (found != NULL && is_root(found)) return found;
        free(found);
    }
    return strdup(program);
}

// By what this program is started again: its name where it is on the path.
// Programs that start others of their kind (slave, peer) use it.
static const char *start_name(const char *program)
{
    const char *path = getenv("PATH"), *slash = strrchr(program, '/');
    if (path == NULL || slash == NULL) return program;
    size_t size = (size_t)(slash - program);
    while (*path != 0) {
        size_t dir = strcspn(path, ":");
        if (dir == size && strncmp(path, program, size) == 0) return slash + 1;
        path += dir + (path[dir] == ':');
    }
    return program;
}

// What programs of OTP find in the environment.
// Made from the real place, not from what the environment held before: a merle
// started by OTP must not take its root.
static void set_environment(const NodeOptions *node)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/erts-%s/bin", node->root, ERTS_VERSION);
    setenv("ROOTDIR", node->root, true);
    setenv("BINDIR", path, true);
    setenv("EMU", "beam", true);
    setenv("PROGNAME", start_name(node->program), true);
}

bool options_read(Options *options, int argc, char **argv)
{
    memset(options, 0, sizeof *options);
    // As many as there are arguments at most, and a NULL.
    options->arguments = memory_zeroed((size_t)argc + 1, sizeof(char *));
    options->owned = memory_zeroed(3, sizeof(char *)); // program, root, NULL
    options->node.argc = argc;
    options->node.argv = argv;
    options->node.program = program_path(&options->owned[0]);
    options->owned[1] = root_path(options->node.program);
    options->node.root = options->owned[1];
    set_environment(&options->node);
    // The first is the program's name.
    return read_all(options, argc - 1, argv + 1);
}

void options_free(Options *options)
{
    for (char **text = options->owned; *text != NULL; text++) free(*text);
    free(options->owned);
    free(options->arguments);
}
