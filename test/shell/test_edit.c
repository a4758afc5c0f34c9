// SPDX-License-Identifier: Apache-2.0
// The line editor: bytes are typed, and what a terminal would then show is
// compared. The terminal here is a small one: it knows what edit_screen.h
// lists, and scrolls.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "edit.h"
#include "edit_colour.h"

enum { ROWS = 8, COLUMNS = 20 };

typedef struct {
    uint32_t cells[ROWS][COLUMNS + 1]; // 0: blank; 1: second half of a char
    size_t row, column;
} Screen;

static Screen screen;
static Edit edit;
static EditEvent event;

static void clear_cells(size_t row, size_t from)
{
    for (size_t i = from; i < COLUMNS; i++) screen.cells[row][i] = 0;
}

static void line_feed(void)
{
    if (++screen.row < ROWS) return;
    screen.row = ROWS - 1;
    memmove(screen.cells[0], screen.cells[1],
            sizeof screen.cells - sizeof screen.cells[0]);
    clear_cells(ROWS - 1, 0);
}

static void obey(char letter, size_t n)
{
    if (letter == 'A') screen.row -= n > screen.row ? screen.row : n;
    if (letter == 'B') screen.row += n;
    if (letter == 'C') screen.column += n;
    if (letter == 'H') screen.row = screen.column = 0;
    if (letter == 'K' || letter == 'J') clear_cells(screen.row, screen.column);
    for (size_t r = screen.row + 1; letter == 'J' && r < ROWS; r++)
        clear_cells(r, 0);
}

static void show_char(uint32_t c)
{
    size_t width = edit_text_width(c);
    if (screen.column + width > COLUMNS) {
        screen.column = 0;
        line_feed();
    }
    for (size_t i = 0; i < width; i++)
        screen.cells[screen.row][screen.column++] = i == 0 ? c : 1;
}

static void show(const Buffer *b)
{
    for (size_t at = 0; at < b->size;) {
        uint32_t c;
        at += edit_text_read(b, at, &c);
        if (c == '\r') screen.column = 0;
        else if (c == '\b') screen.column--;
        else if (c == '\n') { screen.column = 0; line_feed(); }
        else if (c != 27) show_char(c);
        else {
            size_t n = 0, digits = 0;
            for (at++; b->bytes[at] < 0x40; at++, digits++)
                n = n * 10 + b->bytes[at] - '0';
            obey((char)b->bytes[at++], digits == 0 ? 1 : n);
        }
    }
}

static void flush(void)
{
    show(&edit.out);
    edit.out.size = 0;
}

static void type(const char *keys)
{
    event = edit_feed(&edit, keys, strlen(keys));
    flush();
}

// The screen is [text], whose lines end in '\n'; '|' stands before the cursor.
static void expect(const char *text)
{
    Buffer b = {0};
    for (size_t r = 0; r < ROWS; r++) {
        size_t end = COLUMNS;
        while (end > 0 && screen.cells[r][end - 1] == 0) end--;
        for (size_t i = 0; i < end || (r == screen.row && i <= screen.column);
             i++) {
            if (r == screen.row && i == screen.column)
                buffer_add_byte(&b, '|');
            uint32_t c = screen.cells[r][i];
            if (i < end && c != 1) buffer_add_utf8(&b, c == 0 ? ' ' : c);
        }
        buffer_add_byte(&b, '\n');
    }
    while (b.size > 0 && b.bytes[b.size - 1] == '\n') b.size--;
    buffer_add_byte(&b, 0);
    assert_string_equal((char *)b.bytes, text);
    buffer_free(&b);
}

static void expect_text(const char *text)
{
    buffer_reserve(&edit.text.bytes, 1);
    edit.text.bytes.bytes[edit.text.bytes.size] = 0;
    assert_string_equal((char *)edit.text.bytes.bytes, text);
}

static void start(void)
{
    edit_start(&edit, "1> ", 3, EDIT_ERLANG);
    flush();
}

static int set_up(void **state)
{
    memset(&screen, 0, sizeof screen);
    edit_init(&edit);
    edit_resize(&edit, COLUMNS, ROWS);
    start();
    return 0;
}

static int tear_down(void **state)
{
    edit_free(&edit);
    return 0;
}

static void enter(const char *line)
{
    type(line);
    type("\r");
    assert_int_equal(event, EDIT_ENTER);
    edit_history_add(&edit.history, edit.text.bytes.bytes,
                     edit.text.bytes.size);
    edit_accept(&edit);
    flush();
}

static void typing(void **state)
{
    expect("1> |");
    type("hello");
    expect("1> hello|");
    type("\x01X\x05Y");
    expect("1> XhelloY|");
    type("\x02\x02\x04");
    expect("1> Xhell|Y");
    type("\x7f\x1b[D\x1b[3~");
    expect("1> Xhe|Y");
    type("\r");
    assert_int_equal(event, EDIT_ENTER);
    edit_accept(&edit);
    flush();
    expect("1> XheY\n|");
}

static void wide_characters(void **state)
{
    type("a漢字é");
    expect("1> a漢字é|");
    type("\x02\x02");
    expect("1> a漢|字é");
    type("e\xcc\x81\x02");
    expect_text("a漢e\xcc\x81字é");
    type("\x04");
    expect("1> a漢|字é");
    type("\xe2\x82");
    type("\xac");
    expect("1> a漢€|字é");
}

static void rows_that_are_full(void **state)
{
    type("abcdefghijklmnopq");
    expect("1> abcdefghijklmnopq\n|");
    type("rs");
    expect("1> abcdefghijklmnopq\nrs|");
    type("\x01");
    expect("1> |abcdefghijklmnopq\nrs");
    type("\x0b");
    expect("1> |");
}

static void several_lines(void **state)
{
    type("f(\r");
    edit_newline(&edit);
    flush();
    type("abc\r");
    edit_newline(&edit);
    flush();
    type("d).");
    expect("1> f(\n       abc\n       d).|");
    type("\x1b[A");
    expect("1> f(\n       abc|\n       d).");
    type("\x10\x10");
    expect("1> f(|\n       abc\n       d).");
    type("\x0e\x0e");
    expect("1> f(\n       abc\n     |  d).");
}

// Terminals send words' arrows in one of four ways.
static void word_arrows(void **state)
{
    static const char *const ways[] = {"\x1b\x1b[D", "\x1b[5D", "\x1b[1;5D",
                                       "\x1b\x1bOD"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        type("\"world\"");
        type(ways[i]);
        type("hello ");
        expect_text("\"hello world\"");
        type("\x05\x15");
    }
    type("\"hello \x17world\"");
    expect_text("\"world\"");
}

static void more_lines_than_the_window(void **state)
{
    for (int i = 0; i < 12; i++) {
        char line[8];
        snprintf(line, sizeof line, "%s%d", i > 0 ? "\x1b\r" : "", i);
        type(line);
    }
    expect("   4\n   5\n   6\n   7\n   8\n   9\n   10\n   11|");
    type("\x1b<");
    expect("1> |0\n   1\n   2\n   3\n   4\n   5\n   6\n   7");
}

static void kill_and_yank(void **state)
{
    type("one two three\x17\x17");
    expect_text("one ");
    type("\x19");
    expect_text("one two three");
    type("\x15");
    expect_text("");
    type("x\x19\x1by");
    expect_text("xtwo three");
    type("\x1b" "b\x1b" "b\x1b" "d");
    expect_text(" three");
}

static void undo_and_transpose(void **state)
{
    type("ab\x14");
    expect_text("ba");
    type("\x1f");
    expect_text("ab");
    type("\x15\x1f");
    expect_text("ab");
    type("\x1f");
    expect_text("");
}

static void history(void **state)
{
    enter("first.");
    start();
    enter("second.");
    start();
    type("now\x1b[A\x1b[A");
    expect_text("first.");
    type("\x1b[B\x1b[B");
    expect_text("now");
    type("\x12" "f");
    expect("1> first.\n1> second.\n(search)`f': first.|");
    type("\x05");
    expect("1> first.\n1> second.\n1> first.|");
}

static void history_in_a_file(void **state)
{
    static const char file[] = "a.\nf(\\n1).\n\xff\nb\\\\c";
    edit_history_load(&edit.history, (const uint8_t *)file, sizeof file - 1);
    assert_int_equal(edit.history.count, 3);
    start();
    type("\x10");
    expect_text("b\\c");
    Buffer line = {0};
    edit_history_line(&edit.history, &line);
    assert_memory_equal(line.bytes, "b\\\\c\n", line.size);
    buffer_free(&line);
    type("\x10");
    expect_text("f(\n1).");
}

static void text_of_others(void **state)
{
    type("abc\x02");
    edit_show(&edit, "hello\n", 6);
    flush();
    expect("hello\n1> ab|c");
    edit_show(&edit, "par", 3);
    flush();
    expect("hello\npar1> ab|c");
    edit_show(&edit, "tial\n", 5);
    flush();
    expect("hello\npartial\n1> ab|c");
}

static void rows_that_others_fill(void **state)
{
    enter("f().");
    edit_show(&edit, "12345678901234567890", COLUMNS);
    flush();
    edit_show(&edit, "ok", 2);
    assert_memory_equal(edit.out.bytes, " \bok", edit.out.size);
    flush();
    expect("1> f().\n12345678901234567890\nok|");
    edit_show(&edit, "\n12345678901234567890", COLUMNS + 1);
    edit_show(&edit, "\nok\n", 4);
    flush();
    expect("1> f().\n12345678901234567890\nok\n"
           "12345678901234567890\nok\n|");
}

static void pastes(void **state)
{
    type("\x1b[200~f(X) ->\r\n\tX.");
    expect_text("");
    type("\x1b[201~");
    expect_text("f(X) ->\n\tX.");
    type("\x15\x08\x15");
    type("\x1b[200~1> A =\n1> 2.\n2\n2> A.\n2\n3> \x1b[201~");
    expect_text("A =\n2.\nA.");
    // U+009B, which begins a sequence as ESC [ does, pasted and typed
    type("\x15\x08\x15\x08\x15");
    type("\x1b[200~a\xc2\x9b" "31mb\x1b[201~\xc2\x9b");
    expect_text("a31mb");
}

static void events(void **state)
{
    type("ab\tc");
    assert_int_equal(event, EDIT_COMPLETE);
    assert_int_equal(edit.text.cursor, 2);
    edit_insert(&edit, "-", 1);
    type("");
    expect_text("ab-c");
    type("\x03");
    assert_int_equal(event, EDIT_INTERRUPT);
    type("xy"); // for the next line
    start();
    type("");
    expect_text("xy");
    type("\x15\x04");
    assert_int_equal(event, EDIT_EOF);
}

static void password(void **state)
{
    edit_stop(&edit);
    memset(&screen, 0, sizeof screen);
    edit.out.size = 0;
    edit_start(&edit, "? ", 2, EDIT_PASSWORD);
    type("secret\x10");
    expect("? |");
    expect_text("secret");
}

static void narrower_and_broken(void **state)
{
    type("abcdefghijklmno");
    expect("1> abcdefghijklmno|");
    // the terminal breaks the row, and the cursor goes down with its end
    memmove(screen.cells[1], screen.cells[0] + 10, 8 * sizeof(uint32_t));
    clear_cells(0, 10);
    screen.row = 1;
    screen.column = 8;
    edit_resize(&edit, 10, ROWS);
    flush();
    expect("1> abcdefg\nhijklmno|");
}

static void narrower(void **state)
{
    type("abc");
    edit_resize(&edit, 10, 5);
    assert_int_equal(edit.screen.columns, 10);
}

// A window that has not changed, or does not tell its height, is left alone.
static void fits(void **state)
{
    type("abc");
    edit_fit(&edit, COLUMNS, ROWS);
    edit_fit(&edit, COLUMNS, 0);
    assert_int_equal(edit.out.size, 0);
    edit_fit(&edit, 10, ROWS);
    assert_int_equal(edit.screen.columns, 10);
    assert_true(edit.out.size > 0);
}

// What a key costs: no more than it changes.
static void expect_bytes(const char *keys, const char *bytes)
{
    edit_feed(&edit, keys, strlen(keys));
    buffer_add_byte(&edit.out, 0);
    assert_string_equal((char *)edit.out.bytes, bytes);
    edit.out.size--;
    flush();
}

static void bytes_sent(void **state)
{
    expect_bytes("a", "a");
    expect_bytes("bc", "bc");
    expect_bytes("\x7f", "\b\x1b[K");
    expect_bytes("\x02", "\b");
    expect_bytes("1", "1b\b");
    expect_bytes(" Xy ", " \x1b[36mXy\x1b[0m b\b");
}

static void hints(void **state)
{
    Buffer hint = {(uint8_t *)"verse(", 6, 6};
    Buffer note = {(uint8_t *)"reverse(L)", 10, 10};
    type("lists:re");
    edit_hint(&edit, &hint, &note);
    flush();
    expect("1> lists:re|verse(\nreverse(L)");
    type("v");
    expect("1> lists:rev|");
    hint.bytes += 1;
    hint.size -= 1;
    edit_hint(&edit, &hint, &note);
    type("\x05");
    expect_text("lists:reverse("); // the end of the line takes it
    type("[");
    expect("1> lists:reverse([|");
}

static void indents(void **state)
{
    type("case f(X) of\r");
    edit_newline(&edit);
    type("{a, b} ->\r");
    edit_newline(&edit);
    type("g(fun(Y) ->\r");
    edit_newline(&edit);
    expect_text("case f(X) of\n    {a, b} ->\n        g(fun(Y) ->\n"
                "                ");
    type("Y\r");
    edit_newline(&edit);
    type("end);\r");
    edit_newline(&edit);
    type("_ ->");
    expect_text("case f(X) of\n    {a, b} ->\n        g(fun(Y) ->\n"
                "                Y\n        end);\n    _ ->");
    type("\x15\x17\x15");
}

static void newline(const char *line)
{
    type(line);
    type("\r");
    edit_newline(&edit);
}

static void indents_of_closers(void **state)
{
    newline("try f(\"a");
    newline("  b\",");
    newline("[");
    newline("1");
    newline("])");
    newline("of");
    newline("X -> X");
    newline("after");
    newline("ok");
    type("end.\r");
    edit_accept(&edit);
    expect_text("try f(\"a\n  b\",\n    [\n        1\n    ])\nof\n"
                "    X -> X\nafter\n    ok\nend.");
}

static void indents_of_functions(void **state)
{
    newline("f(0) ->");
    newline("1;");
    newline("f(N) ->");
    newline("{N,");
    newline("m:f()}.");
    type("x");
    expect_text("f(0) ->\n    1;\nf(N) ->\n    {N,\n        m:f()}.\nx");
}

// Colours are found anew only around a change: they are those of the whole.
static void colours_after_changes(void **state)
{
    static const char signs[] = "ab\"\"\"'%$\\\n\n\n (12X#-> ";
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        EditText *t = &edit.text;
        size_t at = (seed >> 8) % (t->bytes.size + 1);
        size_t end = at + (seed >> 28) % 4;
        if (end > t->bytes.size) end = t->bytes.size;
        bool is_long = t->bytes.size > 120;
        edit_text_replace(t, at, is_long ? end : at,
                          signs + (seed >> 4) % (sizeof signs - 1),
                          is_long ? 0 : 1);
        type("");
        edit_show(&edit, "", 0); // draws
        flush();
        uint8_t styles[200] = {0};
        if (t->bytes.size == 0) continue;
        edit_colour(&t->bytes, styles);
        assert_memory_equal(styles, edit.screen.styles.bytes, t->bytes.size);
    }
}

static void strings_of_lines(void **state)
{
    newline("f(\"\"\"");
    newline("a \"(");
    newline("  \"\"\",");
    type("x");
    expect_text("f(\"\"\"\na \"(\n  \"\"\",\n    x");
}

static void tab_indents(void **state)
{
    newline("f(");
    newline("1,");
    type("\x15\t2");
    expect_text("f(\n    1,\n    2");
    type("\x01\t\t3");
    expect_text("f(\n    1,\n    32");
}

// What comes as one piece is a paste without marks: it keeps its blanks.
static void lines_at_once(void **state)
{
    edit_feed(&edit, "f(\r  g(\r", 8);
    while (edit.input.size > 0) {
        edit_newline(&edit);
        edit_feed(&edit, NULL, 0);
    }
    expect_text("f(\n  g(");
}

static void case_of_words(void **state)
{
    type("one étwo THREE\x1b<\x1bu\x1b" "c\x1bl");
    expect_text("ONE Étwo three");
}

static void open_line(void **state)
{
    type("ab\x02\x0f" "c");
    expect_text("ac\nb");
}

static void search_both_ways(void **state)
{
    enter("one.");
    start();
    enter("two.");
    start();
    enter("three.");
    start();
    type("\x12" ".\x12\x12");
    expect_text("one.");
    type("\x13");
    expect_text("two.");
    type("\x07");
    expect_text("");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        TEST(typing), TEST(wide_characters), TEST(rows_that_are_full),
        TEST(several_lines), TEST(more_lines_than_the_window),
        TEST(kill_and_yank), TEST(word_arrows), TEST(undo_and_transpose),
        TEST(history),
        TEST(history_in_a_file), TEST(text_of_others),
        TEST(rows_that_others_fill), TEST(pastes),
        TEST(events), TEST(password), TEST(narrower), TEST(fits),
        TEST(narrower_and_broken),
        TEST(bytes_sent), TEST(hints), TEST(indents),
        TEST(indents_of_closers), TEST(indents_of_functions),
        TEST(colours_after_changes),
        TEST(strings_of_lines), TEST(tab_indents),
        TEST(lines_at_once), TEST(case_of_words), TEST(open_line),
        TEST(search_both_ways),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
