// SPDX-License-Identifier: Apache-2.0
// Texts of floats, atoms and terms; what it must be was seen in OTP 25.
#include "number_text.h"
#include "print.h"
#include "terms.h"

static void check_text(Bench *b, const char *external, size_t size,
                       const PrintOptions *o, const char *expected)
{
    Buffer out = {0};
    Term t = external_decode(&b->node, &b->heap, (const uint8_t *)external,
                             size, NULL, NULL);
    assert_false(term_is_none(t));
    print_pretty(&b->node, &out, t, o);
    buffer_add_byte(&out, 0);
    assert_string_equal((const char *)out.bytes, expected);
    buffer_free(&out);
}

static void test_floats(void **state)
{
    static const struct {
        double d;
        const char *text;
    } cases[] = {{0.0, "0.0"},          {-0.0, "-0.0"},
                 {0.1, "0.1"},          {100.0, "100.0"},
                 {1000.0, "1.0e3"},     {1e22, "1.0e22"},
                 {1e23, "1.0e23"},      {123456.0, "123456.0"},
                 {1234560.0, "1234560.0"}, {5e-324, "5.0e-324"},
                 {0.0001, "0.0001"},    {0.00001, "1.0e-5"},
                 {1.7976931348623157e308, "1.7976931348623157e308"},
                 {9007199254740991.0, "9007199254740991.0"},
                 {9007199254740992.0, "9.007199254740992e15"}};
    char text[NUMBER_SHORT_MOST];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_short(cases[i].d, text);
        assert_string_equal(text, cases[i].text);
    }
}

// Shortest digits read back, and none of one less do.
static void test_shortest(void **state)
{
    Bench b;
    bench_init(&b);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = bench_random(&b);
        double d, back;
        char text[NUMBER_TEXT_MOST], digits[20];
        int exponent;
        memcpy(&d, &bits, sizeof d);
        if (!(d == d) || d > 1e308 || d < -1e308) continue;
        size_t size = number_short(d, text);
        assert_true(number_parse_float(text, size, &back));
        assert_true(d == back);
        int count = (int)number_digits(d, digits, &exponent);
        if (count == 1) continue;
        number_scientific(d, count - 2, text);
        assert_true(strtod(text, NULL) != d);
    }
    bench_free(&b);
}

static void test_bad_floats(void **state)
{
    static const char *const texts[] = {"",      "1",    "1.",    ".5",
                                        "1.0e",  " 1.0", "1.0 ",  "1e5",
                                        "1.0e400", "inf", "0x1.0", "+-1.0"};
    double d;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(number_parse_float(texts[i], strlen(texts[i]), &d));
}

// [{key,"value"},...] at several widths.
static void test_layout(void **state)
{
    static const char term[] =
        "\x83l\0\0\0\2h\2w\3keyk\0\5valueh\2w\5otherm\0\0\0\3\1\2\3j";
    Bench b;
    PrintOptions o;
    bench_init(&b);
    print_options_init(&o);
    check_text(&b, term, sizeof term - 1, &o,
               "[{key,\"value\"},{other,<<1,2,3>>}]");
    o.line_length = 30;
    check_text(&b, term, sizeof term - 1, &o,
               "[{key,\"value\"},\n {other,<<1,2,3>>}]");
    o.line_length = 80;
    o.depth = 3;
    check_text(&b, term, sizeof term - 1, &o, "[{key,...},{...}]");
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_bad_floats),
        cmocka_unit_test(test_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
