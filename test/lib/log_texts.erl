%% SPDX-License-Identifier: Apache-2.0
%% What the log's formatter writes, by its limits.
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: he...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: hello world this is long\n"
%% expect: "1970-01-01T00:00:00.000018Z info: hello world this is long\n"
%% expect: "1970-01-01T00:00:00.000018Z info: hello world this is long\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\nhello world this is long\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "hello w..."
%% expect: "<info> [maps:b/0]...\n"
%% expect: "1970-01-01 00:00:00.000018Z info: hello world this is long\n"
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fm...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt ... ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt ... ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt ... ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt ... ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt {a,b,[...]} text text\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt {a,b,[1|...]} text text\n"
%% expect: "1970-01-01T00:00:00.000018Z info: fmt {a,b,[1,2|...]} text text\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\nfmt {a,b,[1,2,3]} text text\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "fmt {a,..."
%% expect: "<info> [maps:b/0]fmt ... ...\n"
%% expect: "1970-01-01 00:00:00.000018Z info: fmt {a,b,[1,2,3]} text text\n"
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: a:...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: a: 1, b: string value, c: [x,y,z]\n"
%% expect: "1970-01-01T00:00:00.000018Z info: a: 1, b: string value, c: [x,y,z]\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\n    a: 1\n    b: string value\n    c: [x,y,z]\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "a: 1, b..."
%% expect: "<info> [maps:b/0]...: ..., ...: ..., ...: ...\n"
%% expect: "1970-01-01 00:00:00.000018Z info: a: 1, b: string value, c: [x,y,z]\n"
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: k:...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: ...: ..., ...: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: k: v, long_key: ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: k: v, long_key: long value\n"
%% expect: "1970-01-01T00:00:00.000018Z info: k: v, long_key: long value\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\n    k: v\n    long_key: long value\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "k: v, l..."
%% expect: "<info> [maps:b/0]...: ..., ...: ...\n"
%% expect: "1970-01-01 00:00:00.000018Z info: k: v, long_key: long value\n"
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: li...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\nline1\nline2\n\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "line1, ..."
%% expect: "<info> [maps:b/0]line1, line2\n"
%% expect: "1970-01-01 00:00:00.000018Z info: line1, line2\n"
%% expect: "1970-0...\n"
%% expect: "1970-01...\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FO...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: ... - ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: ... - ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: ... - ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: ... - ...\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: [...] - [...]\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: \"~ts\" - [0.1]\n"
%% expect: "1970-01-01T00:00:00.000018Z info: FORMAT ERROR: \"~ts\" - [0.1]\n"
%% expect: "1970-01-01T00:00:00.000018Z info:\nFORMAT ERROR: \"~ts\" - [0.1]\n"
%% expect: "1970-01-01T00:00...\n"
%% expect: "=INFO REPORT==== 1-Jan-197...\n"
%% expect: "FORMAT ..."
%% expect: "<info> [maps:b/0]FORMAT ERROR: ... - ...\n"
%% expect: "1970-01-01 00:00:00.000018Z info: FORMAT ERROR: \"~ts\" - [0.1]\n"
-module(log_texts).
-export([main/0]).

main() ->
    Texts = [{string, "hello world this is long"},
             {"fmt ~p ~s", [{a, b, [1, 2, 3]}, "text text"]},
             {report, #{a => 1, b => "string value", c => [x, y, z]}},
             {report, [{k, v}, {long_key, "long value"}]},
             {"line1~nline2~n", []}, {"~ts", [0.1]}],
    Configs = [#{max_size => N} || N <- [1, 11, 20, 40]]
        ++ [#{chars_limit => N} || N <- [1, 5, 7, 20, 60]]
        ++ [#{depth => 3}, #{depth => 6}, #{single_line => false},
            #{max_size => 20, single_line => false},
            #{legacy_header => true, max_size => 30},
            #{template => [msg], max_size => 5},
            #{template => ["<", level, "> ", {mfa, ["[", mfa, "]"], ["none"]},
                           msg, "\n"],
              chars_limit => 10},
            #{time_designator => $\s}],
    [show(Msg, Config#{time_offset => "Z"})
     || Msg <- Texts, Config <- Configs].

show(Msg, Config) ->
    Meta = #{time => 18, pid => self(), gl => self(), mfa => {maps, b, 0},
             line => 3, file => "f.erl", domain => [otp]},
    Event = #{level => info, msg => Msg, meta => Meta},
    io:format("~p~n", [lists:flatten(logger_formatter:format(Event, Config))]).
