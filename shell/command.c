// SPDX-License-Identifier: Apache-2.0
// Command: the command line as people type it.
// Everything ends as a list of words for options.c and init: scripts and
// expressions too, as the flags that OTP's own shell scripts would give.
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"

// Words of a file may name files: the two call each other.
static void add_flags(Command *c, int count, char **words, int depth);

// On standard output, as it was asked for.
static const char usage[] =
    "usage: merle [FLAG...]             the prompt\n"
    "       merle FILE [ARG...]         runs a script: source, .beam, archive\n"
    "       merle -e EXPR [ARG...]      evaluates, then ends\n"
    "       merle test [FILE|DIR...]    runs EUnit tests\n"
    "       merle compile [OPTION...] FILE...   as merlec and erlc\n"
    "\n"
    "  -noshell, -noinput      no prompt; nothing is read\n"
    "  -eval EXPR              evaluates EXPR at the start\n"
    "  -s M [F [ATOM...]], -run M [F [TEXT...]]   calls a function\n"
    "  -pa DIR..., -pz DIR...  puts folders before or behind the code path\n"
    "  -config FILE, -boot FILE, -mode embedded|interactive\n"
    "  -APP KEY VALUE          sets a variable of application APP\n"
    "  -sname NAME, -name NAME, -setcookie COOKIE   joins a cluster\n"
    "  -env NAME VALUE, -args_file FILE\n"
    "  -extra ARG...           what follows is left to the program\n"
    "  -version, -h\n"
    "  +S N, +P N, +Q N, +t N  schedulers; most processes, ports, atoms\n"
    "  +pc unicode             what lists are shown as text\n"
    "\n"
    "The manual page merle(1) says more.\n";

// Only as the first and single word: "merle foo.erl -h" is the script's.
bool command_helps(int argc, char **argv)
{
    if (argc != 2) return false;
    if (strcmp(argv[1], "-h") != 0 && strcmp(argv[1], "--help") != 0
        && strcmp(argv[1], "-help") != 0)
        return false;
    fputs(usage, stdout);
    return true;
}

static void add(Command *c, char *word)
{
    // One more than there are, for the NULL at the end.
    if (c->argc + 1 >= c->room) {
        c->room = c->room * 2 + 16;
        c->argv = memory_resize(c->argv, (size_t)c->room * sizeof *c->argv);
    }
    c->argv[c->argc++] = word;
    c->argv[c->argc] = NULL;
}

static void add_all(Command *c, int count, char **words)
{
    for (int i = 0; i < count; i++) add(c, words[i]);
}

// [text] of malloc goes with the command.
static void own(Command *c, char *text)
{
    if (c->owned_count == c->owned_room) {
        c->owned_room = c->owned_room * 2 + 16;
        c->owned = memory_resize(c->owned, (size_t)c->owned_room
                                               * sizeof *c->owned);
    }
    c->owned[c->owned_count++] = text;
}

static void add_copy(Command *c, const char *text, size_t size)
{
    char *copy = memory_alloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = 0;
    own(c, copy);
    add(c, copy);
}

// Adds the word at [text], in which quotes group and a backslash takes the next
// character as it is; answers what follows it.
// As a shell does it, with both kinds of quotes.
static const char *add_word(Command *c, const char *text)
{
    char *word = memory_alloc(strlen(text) + 1); // no longer than all of it
    size_t size = 0;
    char quote = 0;
    for (; *text != 0 && (quote != 0 || strchr(" \t\r\n", *text) == NULL);
         text++) {
        if (*text == quote) quote = 0;
        else if (quote == 0 && (*text == '"' || *text == '\'')) quote = *text;
        else {
            // In single quotes a backslash is a character like any other.
            if (*text == '\\' && quote != '\'' && text[1] != 0) text++;
            word[size++] = *text;
        }
    }
    add_copy(c, word, size);
    free(word);
    return text;
}

// A word that begins with # begins a comment in a file of arguments.
// A missing text, of an environment variable, has no words.
static void add_words(Command *c, const char *text, bool comments)
{
    while (text != NULL && *text != 0) {
        text += strspn(text, " \t\r\n");
        if (comments && *text == '#') text += strcspn(text, "\n");
        else if (*text != 0) text = add_word(c, text);
    }
}

// The bytes of a file, of malloc, with a 0 behind them; NULL without it.
// A file whose size is not known, such as a pipe, is read up to 64 KB.
static char *read_text(const char *name)
{
    struct stat info;
    FILE *file = fopen(name, "r");
    if (file == NULL) return NULL;
    size_t room = fstat(fileno(file), &info) == 0 && info.st_size > 0
                      ? (size_t)info.st_size : 65536;
    char *text = memory_alloc(room + 1);
    text[fread(text, 1, room, file)] = 0;
    fclose(file);
    return text;
}

// ---- flags that mean something before the node begins ----

// The words' texts move to [c]; the list of them is of no more use.
static void add_text(Command *c, const char *text, bool comments, int depth)
{
    Command words = {0};
    add_words(&words, text, comments);
    for (int i = 0; i < words.owned_count; i++) own(c, words.owned[i]);
    words.owned_count = 0;
    int before = c->extra->argc;
    add_flags(c, words.argc, words.argv, depth);
    // As OTP's erl parts them from what follows.
    if (c->extra->argc > before) add(c->extra, "--");
    command_free(&words);
}

// Those of a file stand where it was named; it may name others.
// A file that names itself ends at depth 16.
static void add_file(Command *c, const char *name, int depth)
{
    enum { DEEPEST = 16 };
    char *text = depth < DEEPEST ? read_text(name) : NULL;
    if (text == NULL) {
        fprintf(stderr, "Failed to open arguments file \"%s\": %s\n", name,
                strerror(errno));
        exit(EXIT_FAILURE);
    }
    add_text(c, text, true, depth + 1);
    free(text);
}

// The number of values that belong to the flag and must be there.
// -env NAME VALUE, -args_file FILE: used here and not handed on.
static int values_needed(const char *flag)
{
    if (strcmp(flag, "-env") == 0) return 2;
    return strcmp(flag, "-args_file") == 0;
}

static void use_flag(Command *c, char **words, int depth)
{
    // At once: flags behind it may be read from the environment.
    if (strcmp(words[0], "-env") == 0) setenv(words[1], words[2], true);
    else add_file(c, words[1], depth);
}

// Adds [words], but for those that are used up here. What stands behind -- is
// left alone, what stands behind -extra is for the end.
static void add_flags(Command *c, int count, char **words, int depth)
{
    for (int i = 0; i < count; i++) {
        int needed = values_needed(words[i]);
        if (strcmp(words[i], "-extra") == 0) {
            add_all(c->extra, count - i - 1, words + i + 1);
            return;
        }
        if (strcmp(words[i], "--") == 0) {
            add_all(c, count - i, words + i);
            return;
        }
        if (i + needed >= count) {
            fprintf(stderr, "Missing argument(s) for '%s'.\n", words[i]);
            exit(EXIT_FAILURE);
        }
        // Who reads nothing has no prompt either.
        if (strcmp(words[i], "-noinput") == 0) add(c, "-noshell");
        if (strcmp(words[i], "-detached") == 0) {
            add(c, "-noshell");
            add(c, "-noinput");
            c->detaches = true;
        }
        if (needed > 0) use_flag(c, words + i, depth);
        else if (strcmp(words[i], "-emu_args_exit") == 0) c->shows = true;
        else add(c, words[i]);
        i += needed;
    }
}

// ---- scripts ----
// Whether a word is a file to run, and how.

static bool is_script(const char *name)
{
    struct stat info;
    const char *dot = strrchr(name, '.');
    if (name[0] == '-' || name[0] == '+') return false;
    if (dot != NULL && (strcmp(dot, ".erl") == 0
                        || strcmp(dot, ".escript") == 0))
        // A typing error: say so, start no prompt.
        return true; // that it is missing is told later
    // Folders are no scripts.
    return stat(name, &info) == 0 && S_ISREG(info.st_mode);
}

// The flags of a line "%%! FLAG..." among the second and third of [name].
// As escript reads them: only behind a "#!" line, on the second line or the
// third.
static void add_script_flags(Command *c, const char *name)
{
    char line[4096];
    FILE *file = fopen(name, "r");
    if (file == NULL) return;
    bool is_marked = fgets(line, sizeof line, file) != NULL
                     && strncmp(line, "#!", 2) == 0;
    for (int i = 0; is_marked && i < 2; i++) {
        if (fgets(line, sizeof line, file) == NULL) break;
        if (strncmp(line, "%%!", 3) != 0) continue;
        add_words(c, line + 3, false);
        break;
    }
    fclose(file);
}

// escript:start/0 reads what is behind -extra.
static void add_script(Command *c, int count, char **words)
{
    static char *const runner[] = {"-run", "escript", "start", "-extra"};
    add(c, "-noshell");
    add_script_flags(c, words[0]);
    add_all(c, 4, (char **)runner);
    add_all(c, count, words);
}

// "merle -e 'X' A B": A and B are what init:get_plain_arguments gives.
static void add_expression(Command *c, int count, char **words)
{
    static char *const ender[] = {"-s", "init", "stop", "-extra"};
    add(c, "-noshell");
    add(c, "-eval");
    add(c, words[0]);
    add_all(c, 4, (char **)ender);
    add_all(c, count - 1, words + 1);
}

// Tests have no prompt.
static void add_test(Command *c, int count, char **words)
{
    static char *const tester[] = {"-noinput", "-run", "eunit_run", "main",
                                   "-extra"};
    add_all(c, 5, (char **)tester);
    add_all(c, count, words);
}

// ERL_AFLAGS come first, so that what was typed wins over them; ERL_FLAGS come
// behind, as in OTP's erl.
static void add_plain(Command *c, int count, char **words)
{
    Command extra = {0};
    c->extra = &extra;
    add_text(c, getenv("ERL_AFLAGS"), false, 0);
    add_flags(c, count, words, 0);
    add_text(c, getenv("ERL_FLAGS"), false, 0);
    add_text(c, getenv("ERL_ZFLAGS"), false, 0);
    // Behind it nothing is a flag any more.
    if (extra.argc > 0) add(c, "-extra");
    add_all(c, extra.argc, extra.argv);
    c->extra = NULL;
    command_free(&extra);
}

// The first word alone decides, so a flag before a script's name makes it a
// plain argument.
void command_init(Command *c, int argc, char **argv)
{
    *c = (Command){0};
    add(c, argv[0]);
    int count = argc - 1;
    char **words = argv + 1;
    if (count == 0) add_plain(c, 0, words);
    else if (strcmp(words[0], "compile") == 0) add_all(c, count, words);
    else if (strcmp(words[0], "test") == 0)
        add_test(c, count - 1, words + 1);
    else if (strcmp(words[0], "-e") == 0 && count > 1)
        add_expression(c, count - 1, words + 1);
    else if (is_script(words[0])) add_script(c, count, words);
    else add_plain(c, count, words);
}

// What OTP's erl prints for this flag: the emulator's own flags, then the rest,
// one word a line.
void command_show(const Command *c)
{
    for (int i = 1; i < c->argc; i++)
        if (c->argv[i][0] == '+' && c->argv[i][1] != 0) {
            printf("-%s\n", c->argv[i] + 1);
            if (i + 1 < c->argc && c->argv[i + 1][0] != '-')
                puts(c->argv[++i]);
        }
    // Without a home the root is taken.
    printf("--\n-root\n%s\n-bindir\n%s\n-progname\n%s\n--\n-home\n%s\n"
           "--\n", getenv("ROOTDIR"), getenv("BINDIR"), getenv("PROGNAME"),
           getenv("HOME") != NULL ? getenv("HOME") : "/");
    for (int i = 1; i < c->argc; i++) {
        bool is_emulator = c->argv[i][0] == '+' && c->argv[i][1] != 0;
        if (!is_emulator) puts(c->argv[i]);
        else if (i + 1 < c->argc && c->argv[i + 1][0] != '-') i++;
    }
}

// The texts of argv itself are the program's.
void command_free(Command *c)
{
    for (int i = 0; i < c->owned_count; i++) free(c->owned[i]);
    free(c->owned);
    free(c->argv);
}
