%% SPDX-License-Identifier: Apache-2.0
%% parsetools_job: what yecc and leex have in common: their options, how
%% errors and warnings are told and returned, reading and writing of files.
%%
%% Errors and warnings are {File, {Location | none, Module, Descriptor}}.
-module(parsetools_job).

-export([options/2, batch_options/1, batch_result/1, is_name/1]).
-export([finish/4, finish/5]).
-export([read/1, last_line/1, write/3, file_name/2, with_extension/2]).

-type option() :: {atom(), term()}.

%% What each of the two programs knows besides its own.
-define(COMMON, [{report_errors, true}, {report_warnings, true},
                 {return_errors, false}, {return_warnings, false},
                 {verbose, false}, {warnings_as_errors, false},
                 {deterministic, false}, {includefile, []}]).

%% All options with their values. [Own] are those of the program with their
%% defaults. Of several the first counts; those of the environment come before
%% all others and are passed over where they are not known.
-spec options([term()], [option()]) -> #{atom() => term()} | badarg.
options(Given, Own) when length(Given) >= 0 ->
    Known = maps:from_list(?COMMON ++ Own),
    Environment = [O || {Name, V} = O <- expand(environment()),
                        is_map_key(Name, Known), is_value(Name, V)],
    case [O || O <- expand(Given), not is_known(O, Known)] of
        [] ->
            maps:merge(Known, maps:from_list(
                lists:reverse(Environment ++ expand(Given))));
        _ -> badarg
    end;
options(_, _) -> badarg.

%% The options record of erl_compile, which is {options, Includes, Outdir, Type,
%% Defines, Warning, Verbose, Optimize, Specific, Outfile, Cwd}, as options.
-spec batch_options(tuple()) -> [option()].
batch_options({options, Includes, _, _, _, Warning, Verbose, _, Specific, _, _}) ->
    [{includefile, lists:sublist(Includes, 1)}, {verbose, Verbose},
     {report_errors, true}, {report_warnings, Warning > 0}
     | [{Name, proplists:get_bool(Name, Specific)}
        || Name <- [warnings_as_errors, deterministic]]].

batch_result({ok, _}) -> ok;
batch_result(error) -> error.

expand(Options) -> lists:flatmap(fun expand_option/1, Options).

expand_option(return) -> expand_option({return, true});
expand_option(report) -> expand_option({report, true});
expand_option({return, V}) -> [{return_errors, V}, {return_warnings, V}];
expand_option({report, V}) -> [{report_errors, V}, {report_warnings, V}];
expand_option(Name) when is_atom(Name) -> [{Name, true}];
expand_option(Option) -> [Option].

is_known({Name, Value}, Known) ->
    is_map_key(Name, Known) andalso is_value(Name, Value);
is_known(_, _) -> false.

is_value(error_location, V) -> V =:= column orelse V =:= line;
is_value(Name, V) when Name =:= includefile; Name =:= parserfile;
                       Name =:= scannerfile ->
    V =/= true andalso is_name(V); % not the option without a value
is_value(_, V) -> is_boolean(V).

%% Whether it is a name of a file.
is_name(V) ->
    try filename:flatten(V) of _ -> true
    catch error:_ -> false
    end.

environment() ->
    try
        Text = os:getenv("ERL_COMPILER_OPTIONS", "[]"),
        {ok, Tokens, _} = erl_scan:string(Text ++ "."),
        {ok, Term} = erl_parse:parse_term(Tokens),
        lists:flatten([Term])
    catch error:{badmatch, _} ->
        io:format("Ignoring bad term in ERL_COMPILER_OPTIONS\n"),
        []
    end.

%% ---- Results ----

finish(Out, Errors, Warnings, Options) ->
    finish(Out, Errors, Warnings, Options, fun() -> ok end).

%% Tells errors and warnings, and makes the answer of file/2. [Undo] is called
%% when the run has failed.
finish(Out, Errors, Warnings, Options, Undo) ->
    Fatal = map_get(warnings_as_errors, Options) andalso Warnings =/= [],
    report(Errors, "", map_get(report_errors, Options)),
    report(Warnings, case Fatal of true -> ""; false -> "Warning: " end,
           map_get(report_warnings, Options)
           orelse Fatal andalso map_get(report_errors, Options)),
    case Options of
        _ when Errors =/= []; Fatal ->
            Undo(),
            failed(pack(Errors), pack(Warnings), Options);
        #{return_warnings := true} -> {ok, Out, pack(Warnings)};
        _ -> {ok, Out}
    end.

failed(Errors, Warnings, #{return_errors := true}) ->
    {error, Errors, Warnings};
failed(_, _, _) -> error.

pack([]) -> [];
pack([{File, _} | _] = Found) ->
    [{File, [E || {_, E} <- lists:sort(Found)]}].

report(_, _, false) -> ok;
report(Found, Prefix, true) ->
    lists:foreach(
        fun({File, {Where, Module, E}}) ->
            io:format("~ts:~s ~s~ts\n",
                      [File, place(Where), Prefix, Module:format_error(E)])
        end, lists:sort(Found)).

place(none) -> "";
place({Line, Column}) -> io_lib:format("~w:~w:", [Line, Column]);
place(Line) -> io_lib:format("~w:", [Line]).

%% ---- Files ----

%% The text of a file, by the encoding it names, UTF-8 if it names none; bad:
%% only up to what is not in that encoding.
-spec read(file:filename()) -> {ok | bad, string(), epp:source_encoding() | none}
                             | {error, term()}.
read(File) ->
    case file:read_file(File) of
        {ok, Bytes} -> decode(Bytes);
        {error, Reason} ->
            %% Header files of applications may be no files of the system.
            case erl_prim_loader:get_file(File) of
                {ok, Bytes, _} -> decode(Bytes);
                error -> {error, {file_error, Reason}}
            end
    end.

decode(Bytes) ->
    Named = epp:read_encoding_from_binary(Bytes),
    Encoding = case Named of
                   none -> epp:default_encoding();
                   _ -> Named
               end,
    case unicode:characters_to_list(Bytes, Encoding) of
        Text when is_list(Text) -> {ok, Text, Named};
        {_, Text, _} -> {bad, Text, Named}
    end.

%% The number of the last line of [Text].
last_line(Text) -> 1 + length([C || C <- Text, C =:= $\n]).

%% Writes text in the encoding that its source named, and says so.
write(File, Text, none) ->
    file:write_file(File, unicode:characters_to_binary(Text));
write(File, Text, Encoding) ->
    Comment = ["%% ", epp:encoding_to_string(Encoding), $\n],
    Whole = unicode:characters_to_list([Comment | Text]),
    file:write_file(File, unicode:characters_to_binary(
                              representable(Whole, Encoding), unicode, Encoding)).

%% Characters that Latin-1 has not, in names and strings, as escapes.
representable(Text, latin1) ->
    [case C > 255 of
         true -> io_lib:format("\\x{~.16B}", [C]);
         false -> C
     end || C <- Text];
representable(Text, _) -> Text.

%% A name as it stands in -file: with `deterministic' without its folder.
file_name(File, #{deterministic := true}) ->
    io_lib:write_string(filename:basename(filename:flatten(File)));
file_name(File, _) -> io_lib:write_string(filename:flatten(File)).

with_extension(File, Extension) ->
    filename:rootname(filename:flatten(File), Extension) ++ Extension.
