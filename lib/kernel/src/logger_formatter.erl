%% SPDX-License-Identifier: Apache-2.0
%% The default formatter: a template over an event's metadata and message.
-module(logger_formatter).

-export([format/2, check_config/1]).

format(#{level := Level, msg := Msg, meta := Meta0}, Config0)
  when is_map(Config0) ->
    Config = complete(Config0),
    Meta = with_header(Level, Meta0, Config),
    Template = maps:get(template, Config),
    {Before, Rest} = lists:splitwith(fun(T) -> T =/= msg end, Template),
    B = fill(Before, Level, Meta, Config),
    {Text, A} = case Rest of
                    [] -> {"", ""};
                    [msg | After] ->
                        End = fill(After, Level, Meta, Config),
                        {message(Msg, Meta, left_for(Config, [B, End])), End}
                end,
    truncate(B, Text, A, maps:get(max_size, Config)).

%% The message may take what the rest leaves of chars_limit.
left_for(#{chars_limit := unlimited} = Config, _) -> Config;
left_for(#{chars_limit := Limit} = Config, Around) ->
    Config#{chars_limit := max(0, Limit - io_lib:chars_length(Around))}.

message(Msg, Meta, #{single_line := true} = Config) ->
    Text = string:trim(text(Msg, Meta, Config), both, "\s\r\n"),
    re:replace(Text, ",?\r?\n\s*", ", ", [{return, list}, global, unicode]);
message(Msg, Meta, Config) -> text(Msg, Meta, Config).

text({string, Chars}, Meta, Config) -> text({"~ts", [Chars]}, Meta, Config);
text({report, _} = Msg, Meta, #{report_cb := Fun} = Config)
  when is_function(Fun, 1); is_function(Fun, 2) ->
    text(Msg, Meta#{report_cb => Fun}, maps:remove(report_cb, Config));
text({report, Report}, #{report_cb := Fun} = Meta, Config)
  when is_function(Fun, 1) ->
    try Fun(Report) of
        {Format, Args} when is_list(Format), is_list(Args) ->
            text({Format, Args}, maps:remove(report_cb, Meta), Config);
        Other ->
            callback_failed("REPORT_CB/1 ERROR", "Returned", Report, Other,
                            Config)
    catch
        Class:Reason:Trace ->
            callback_failed("REPORT_CB/1 CRASH", "Reason", Report,
                            {Class, Reason, Trace}, Config)
    end;
text({report, Report}, #{report_cb := Fun}, Config) when is_function(Fun, 2) ->
    try Fun(Report, maps:with([depth, chars_limit, single_line], Config)) of
        Chars when is_list(Chars); is_binary(Chars) ->
            case characters(Chars) of
                Text when is_list(Text) -> Text;
                _ ->
                    callback_failed("REPORT_CB/2 ERROR", "Returned", Report,
                                    Chars, Config)
            end;
        Other ->
            callback_failed("REPORT_CB/2 ERROR", "Returned", Report, Other,
                            Config)
    catch
        Class:Reason:Trace ->
            callback_failed("REPORT_CB/2 CRASH", "Reason", Report,
                            {Class, Reason, Trace}, Config)
    end;
text({report, Report}, Meta, Config) ->
    text({report, Report}, Meta#{report_cb => fun logger:format_report/1},
         Config);
text({Format, Args}, _, #{depth := Depth, chars_limit := Limit,
                          single_line := Single}) ->
    formatted(Format, Args, Depth, [{chars_limit, Limit}
                                    || is_integer(Limit)], Single).

characters(Chars) ->
    try unicode:characters_to_list(Chars) catch error:badarg -> error end.

callback_failed(What, Which, Report, Term, #{single_line := Single} = Config) ->
    P = control(Single),
    text({lists:append([What, ": ", P, "; ", Which, ": ", P]),
          [Report, Term]}, #{}, Config).

control(true) -> "~0tp";
control(false) -> "~tp".

formatted(Format, Args, Depth, Options, Single) ->
    try
        Parts = [limited(P, Depth, Single)
                 || P <- io_lib:scan_format(Format, Args)],
        io_lib:build_text(Parts, Options)
    catch
        _:_ ->
            P = control(Single),
            io_lib:format("FORMAT ERROR: " ++ P ++ " - " ++ P, [Format, Args],
                          Options)
    end.

%% ~p and ~w cut to the depth, and on one line where that is asked for.
limited(#{control_char := $p} = P, Depth, true) ->
    deepest(P#{width => 0}, Depth);
limited(#{control_char := $P} = P, _, true) -> P#{width => 0};
limited(#{control_char := C} = P, Depth, _) when C =:= $p; C =:= $w ->
    deepest(P, Depth);
limited(Part, _, _) -> Part.

deepest(P, unlimited) -> P;
deepest(#{control_char := C, args := Args} = P, Depth) ->
    P#{control_char := C - $a + $A, args := Args ++ [Depth]}.

%% ---- the template ----

fill(Template, Level, Meta, Config) ->
    [filled(Part, Level, Meta, Config) || Part <- Template].

filled(level, Level, _, _) -> atom_to_list(Level);
filled({Key, Then, Else}, Level, Meta, Config) ->
    case value(Key, Meta) of
        {ok, Value} when is_atom(Key) ->
            fill(Then, Level, Meta#{Key => Value}, Config);
        {ok, _} -> fill(Then, Level, Meta, Config);
        error -> fill(Else, Level, Meta, Config)
    end;
filled(Key, _, Meta, Config) when is_atom(Key) -> shown(Key, Meta, Config);
filled([First | _] = Key, _, Meta, Config) when is_atom(First) ->
    shown(Key, Meta, Config);
filled(Text, _, _, _) -> Text.

shown(Key, Meta, Config) ->
    case value(Key, Meta) of
        {ok, Value} -> to_text(Key, Value, Config);
        error -> ""
    end.

value(Key, Meta) when is_atom(Key) -> maps:find(Key, Meta);
value([Key], Meta) when is_map(Meta) -> maps:find(Key, Meta);
value([Key | Keys], Meta) when is_map(Meta) ->
    case Meta of
        #{Key := Inner} -> value(Keys, Inner);
        _ -> error
    end;
value(_, _) -> error.

to_text(time, Time, #{time_offset := Offset, time_designator := Designator})
  when is_integer(Time) ->
    calendar:system_time_to_rfc3339(Time, [{unit, microsecond},
                                           {offset, Offset},
                                           {time_designator, Designator}]);
to_text(mfa, {M, F, A}, Config) when is_list(A) ->
    to_text(mfa, {M, F, length(A)}, Config);
to_text(mfa, {M, F, A}, _) when is_atom(M), is_atom(F), is_integer(A) ->
    io_lib:format("~tw:~tw/~w", [M, F, A]);
to_text(_, X, _) when is_atom(X) -> atom_to_list(X);
to_text(_, X, _) when is_integer(X) -> integer_to_list(X);
to_text(_, X, _) when is_pid(X) -> pid_to_list(X);
to_text(_, X, _) when is_reference(X) -> ref_to_list(X);
to_text(_, X, #{single_line := Single}) when is_list(X) ->
    case X =/= [] andalso io_lib:printable_list(lists:flatten(X)) of
        true -> X;
        false -> io_lib:format(control(Single), [X])
    end;
to_text(_, X, #{single_line := Single}) ->
    io_lib:format(control(Single), [X]).

truncate(B, Text, A, unlimited) -> [B, Text, A];
truncate(B, Text, A, Size) ->
    All = [B, Text, A],
    case io_lib:chars_length(All) > Size of
        false -> All;
        true ->
            Flat = lists:flatten(All),
            case lists:last(Flat) of
                $\n -> lists:sublist(Flat, Size - 4) ++ "...\n";
                _ -> lists:sublist(Flat, Size - 3) ++ "..."
            end
    end.

%% ---- the header line of old ----

with_header(Level, #{time := Time} = Meta, #{legacy_header := true} = Config) ->
    Own = maps:get(?MODULE, Meta, #{}),
    Title = case Own of
                #{title := T} -> T;
                _ -> title(Level, Meta, Config)
            end,
    Micro = Time rem 1000000,
    Universal = erlang:posixtime_to_universaltime(Time div 1000000),
    {{{Y, Mo, D}, {H, Mi, S}}, Utc} =
        case is_utc(maps:get(time_offset, Config)) of
            true -> {Universal, "UTC "};
            false -> {erlang:universaltime_to_localtime(Universal), ""}
        end,
    Header = io_lib:format(
               "=~ts==== ~w-~s-~4w::~2..0w:~2..0w:~2..0w.~6..0w ~s===",
               [Title, D, month(Mo), Y, H, Mi, S, Micro, Utc]),
    Meta#{?MODULE => Own#{title => Title, header => Header}};
with_header(_, Meta, _) -> Meta.

title(notice, #{error_logger := _}, #{error_logger_notice_header := Level}) ->
    title_of(Level);
title(Level, _, _) -> title_of(Level).

title_of(Level) -> string:uppercase(atom_to_list(Level)) ++ " REPORT".

month(N) ->
    element(N, {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}).

is_utc(0) -> true;
is_utc("z") -> true;
is_utc("Z") -> true;
is_utc([Sign | Offset]) when Sign =:= $+; Sign =:= $- ->
    lists:all(fun(C) -> C =:= $0 orelse C =:= $: end, Offset);
is_utc(_) -> false.

%% ---- configuration ----

complete(Config0) ->
    Config = maps:merge(#{chars_limit => unlimited, max_size => unlimited,
                          error_logger_notice_header => info,
                          legacy_header => false, single_line => true,
                          time_designator => $T}, Config0),
    Depth = case Config of
                #{depth := D} -> at_least(5, D);
                _ -> error_logger:get_format_depth()
            end,
    Offset = case Config of
                 #{time_offset := O} -> O;
                 _ -> default_offset()
             end,
    Size = at_least(10, maps:get(max_size, Config)),
    maps:merge(#{template => default_template(Config)},
               Config#{depth => Depth, max_size => Size,
                       time_offset => Offset}).

at_least(_, unlimited) -> unlimited;
at_least(Least, N) -> max(Least, N).

default_offset() ->
    case [V || App <- [sasl, stdlib],
               {ok, V} <- [application:get_env(App, utc_log)],
               is_boolean(V)] of
        [true | _] -> "Z";
        _ -> ""
    end.

default_template(#{legacy_header := true}) ->
    [[logger_formatter, header], "\n", msg, "\n"];
default_template(#{single_line := true}) ->
    [time, " ", level, ": ", msg, "\n"];
default_template(_) -> [time, " ", level, ":\n", msg, "\n"].

check_config(Config) when is_map(Config) ->
    check_items(maps:to_list(Config));
check_config(Config) ->
    {error, {invalid_formatter_config, ?MODULE, Config}}.

check_items([]) -> ok;
check_items([{template, Template} | Rest]) ->
    case is_template(Template) of
        true -> check_items(Rest);
        false -> {error, {invalid_formatter_template, ?MODULE, Template}}
    end;
check_items([{Key, Value} = Item | Rest]) ->
    case is_valid(Key, Value) of
        true -> check_items(Rest);
        false -> {error, {invalid_formatter_config, ?MODULE, Item}}
    end.

is_valid(Key, unlimited) ->
    lists:member(Key, [chars_limit, depth, max_size]);
is_valid(Key, Value) when Key =:= chars_limit; Key =:= depth;
                          Key =:= max_size ->
    is_integer(Value) andalso Value > 0;
is_valid(Key, Value) when Key =:= single_line; Key =:= legacy_header ->
    is_boolean(Value);
is_valid(error_logger_notice_header, Value) ->
    Value =:= info orelse Value =:= notice;
is_valid(report_cb, Value) -> is_function(Value, 1) orelse is_function(Value, 2);
is_valid(time_designator, Value) ->
    is_integer(Value) andalso io_lib:printable_latin1_list([Value]);
is_valid(time_offset, Value) -> is_offset(Value);
is_valid(_, _) -> false.

is_offset(Value) when is_integer(Value) -> true;
is_offset(Value) when Value =:= ""; Value =:= "Z"; Value =:= "z" -> true;
is_offset([Sign | Time]) when Sign =:= $+; Sign =:= $- ->
    case [string:to_integer(Part) || Part <- string:split(Time, ":", all)] of
        [{H, []}, {M, []}] -> is_integer(H) andalso is_integer(M);
        _ -> false
    end;
is_offset(_) -> false.

is_template(Template) when is_list(Template) ->
    lists:all(fun is_part/1, Template);
is_template(_) -> false.

is_part(Key) when is_atom(Key) -> true;
is_part([First | _] = Key) when is_atom(First) ->
    lists:all(fun is_atom/1, Key);
is_part({Key, Then, Else}) ->
    is_part(Key) andalso is_template(Then) andalso is_template(Else);
is_part(Text) when is_list(Text); is_binary(Text) ->
    try io_lib:printable_unicode_list(unicode:characters_to_list(Text))
    catch error:_ -> false
    end;
is_part(_) -> false.
