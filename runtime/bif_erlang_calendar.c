// SPDX-License-Identifier: Apache-2.0
// erlang: dates and times of day, local and universal.
// Universal time is arithmetic, local time is the C library's zone rules (TZ,
// /etc/localtime).
#include <limits.h>
#include <time.h>

#include "bif.h"
#include "clock.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum {
    DAY = 86400,            // seconds
    // As OTP: of older ones zones know nothing.
    LOCAL_YEAR_LEAST = 1902, // of local times that are converted
    YEAR_LEAST = 1600,       // of universal times
    YEARS_400_DAYS = 146097, // of 400 years, after which all repeats
    DAYS_TO_1970 = 719468    // from the 1st of March of the year 0
};

// ---- between struct tm and {{Y, M, D}, {H, Mi, S}} ----
// struct tm counts years from 1900, months from 0.

static Term date_term(Process *p, const struct tm *tm)
{
    return heap_tuple3(process_heap(p), term_small(tm->tm_year + 1900L),
                       term_small(tm->tm_mon + 1), term_small(tm->tm_mday));
}

static Term time_term(Process *p, const struct tm *tm)
{
    return heap_tuple3(process_heap(p), term_small(tm->tm_hour),
                       term_small(tm->tm_min), term_small(tm->tm_sec));
}

static Term date_time_term(Process *p, const struct tm *tm)
{
    Term date = date_term(p, tm), time = time_term(p, tm);
    return heap_tuple2(process_heap(p), date, time);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30,
                               31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

// [n] is set in any case.
static bool in_range(Term t, int64_t least, int64_t most, int *n)
{
    if (!term_is_small(t)) return false;
    int64_t value = term_small_value(t);
    *n = (int)value;
    return value >= least && value <= most;
}

// Reads and checks a date and time, from [year_least] on.
// {{Y,M,D},{H,Mi,S}}, each number in its range: the 30th of February is badarg.
static bool get_date_time(Term t, int year_least, struct tm *tm)
{
    if (!term_is_tuple_of(t, 2)) return false;
    Term date = term_tuple_get(t, 0), time = term_tuple_get(t, 1);
    int year, month;
    if (!term_is_tuple_of(date, 3) || !term_is_tuple_of(time, 3)) return false;
    *tm = (struct tm){0};
    if (!in_range(term_tuple_get(date, 0), year_least, INT_MAX - 1, &year)
        || !in_range(term_tuple_get(date, 1), 1, 12, &month)
        || !in_range(term_tuple_get(date, 2), 1, month_days(year, month),
                     &tm->tm_mday))
        return false;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return in_range(term_tuple_get(time, 0), 0, 23, &tm->tm_hour)
           && in_range(term_tuple_get(time, 1), 0, 59, &tm->tm_min)
           && in_range(term_tuple_get(time, 2), 0, 59, &tm->tm_sec);
}

// Seconds since 1970 of a universal time. Years are counted from March, so
// that the leap day is the last.
// The formula counts 30.6 days a month from March on.
static int64_t seconds_from_tm(const struct tm *tm)
{
    int64_t month = (tm->tm_mon + 10) % 12;
    int64_t year = tm->tm_year + 1900 - (tm->tm_mon < 2);
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400
                   + (month * 306 + 5) / 10 + tm->tm_mday - 1 - DAYS_TO_1970;
    return days * DAY + tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
}

// {Date, Time} of universal time [seconds]; the year may be any.
// The reverse of it, in eras of 400 years; days before the year 0 are negative.
static Term universal_term(Process *p, int64_t seconds)
{
    int64_t days = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    days += DAYS_TO_1970;
    int64_t era = days / YEARS_400_DAYS - (days % YEARS_400_DAYS < 0);
    int64_t day = days - era * YEARS_400_DAYS; // of 400 years, then of a year
    // Which year of the era, leap days taken out.
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    // Months from March, 0 to 11.
    int64_t month = (5 * day + 2) / 153;
    struct tm tm = {.tm_mday = (int)(day - (153 * month + 2) / 5 + 1),
                    .tm_hour = (int)(rest / 3600),
                    .tm_min = (int)(rest / 60 % 60),
                    .tm_sec = (int)(rest % 60)};
    year += era * 400 + (month >= 10);
    Heap *h = process_heap(p);
    Term date = heap_tuple3(h, heap_integer(h, year),
                            term_small((month + 2) % 12 + 1),
                            term_small(tm.tm_mday));
    return heap_tuple2(h, date, time_term(p, &tm));
}

// ---- now ----
// The system's clock, shown by the rules of the zone.

static void local_now(Process *p, struct tm *tm)
{
    time_t seconds = (time_t)(clock_system(p->node) / 1000000000);
    localtime_r(&seconds, tm);
}

Term bif_erlang_date_0(Process *p, const Term *args)
{
    struct tm tm;
    local_now(p, &tm);
    return date_term(p, &tm);
}

Term bif_erlang_time_0(Process *p, const Term *args)
{
    struct tm tm;
    local_now(p, &tm);
    return time_term(p, &tm);
}

Term bif_erlang_localtime_0(Process *p, const Term *args)
{
    struct tm tm;
    local_now(p, &tm);
    return date_time_term(p, &tm);
}

Term bif_erlang_universaltime_0(Process *p, const Term *args)
{
    return universal_term(p, clock_system(p->node) / 1000000000);
}

// ---- conversions ----

// mktime, which says -1 for the last second of 1969 too: that one is told from
// a failure by what it does to tm_wday.
// tm_wday is set by every success.
static bool seconds_from_local(struct tm *tm, time_t *seconds)
{
    tm->tm_wday = -1;
    *seconds = mktime(tm);
    return *seconds != -1 || tm->tm_wday != -1;
}

// [is_dst]: 1, 0, or -1 where the zone is to say.
static Term local_to_universal(Process *p, Term t, int is_dst)
{
    struct tm tm;
    time_t seconds;
    if (!get_date_time(t, LOCAL_YEAR_LEAST, &tm))
        return bif_error(p, ATOM_badarg);
    struct tm asked = tm;
    asked.tm_isdst = is_dst;
    if (!seconds_from_local(&asked, &seconds)) {
        // A zone without daylight saving: as if it was not asked for.
        tm.tm_isdst = 0;
        if (is_dst == 0 || !seconds_from_local(&tm, &seconds))
            return bif_error(p, ATOM_badarg);
    }
    return universal_term(p, seconds);
}

// In the hour that comes twice in autumn the library chooses.
Term bif_erlang_localtime_to_universaltime_1(Process *p, const Term *args)
{
    return local_to_universal(p, args[0], -1);
}

Term bif_erlang_localtime_to_universaltime_2(Process *p, const Term *args)
{
    int is_dst;
    if (term_same(args[1], ATOM_true)) {
        is_dst = 1;
    } else if (term_same(args[1], ATOM_false)) {
        is_dst = 0;
    } else if (term_same(args[1], ATOM_undefined)) {
        is_dst = -1;
    } else {
        return bif_error(p, ATOM_badarg);
    }
    return local_to_universal(p, args[0], is_dst);
}

// The year limits are those of OTP.
Term bif_erlang_universaltime_to_localtime_1(Process *p, const Term *args)
{
    struct tm tm;
    if (!get_date_time(args[0], LOCAL_YEAR_LEAST, &tm))
        return bif_error(p, ATOM_badarg);
    time_t seconds = (time_t)seconds_from_tm(&tm);
    if (localtime_r(&seconds, &tm) == NULL) return bif_error(p, ATOM_badarg);
    return date_time_term(p, &tm);
}

Term bif_erlang_universaltime_to_posixtime_1(Process *p, const Term *args)
{
    struct tm tm;
    if (!get_date_time(args[0], YEAR_LEAST, &tm))
        return bif_error(p, ATOM_badarg);
    return heap_integer(process_heap(p), seconds_from_tm(&tm));
}

// Any integer of 64 bits: years may have many digits.
Term bif_erlang_posixtime_to_universaltime_1(Process *p, const Term *args)
{
    int64_t seconds;
    if (!bif_get_int64(args[0], &seconds)) return bif_error(p, ATOM_badarg);
    return universal_term(p, seconds);
}
