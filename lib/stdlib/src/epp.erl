%% SPDX-License-Identifier: Apache-2.0
%% The preprocessor. merle_epp:file/2 reads a file in one go, in C; only the
%% directories of applications are asked for from here. parse_file/2 and
%% scan_file/2 need no process; what open/1 answers is a process that hands
%% out the forms one by one.
-module(epp).

-export([open/1, open/2, open/3, close/1, format_error/1]).
-export([scan_erl_form/1, parse_erl_form/1, macro_defs/1]).
-export([scan_file/1, scan_file/2, parse_file/1, parse_file/2, parse_file/3]).
-export([default_encoding/0, encoding_to_string/1,
         read_encoding/1, read_encoding/2, read_encoding_from_binary/1,
         read_encoding_from_binary/2, set_encoding/1, set_encoding/2]).
-export([interpret_file_attribute/1, normalize_typed_record_fields/1,
         restore_typed_record_fields/1]).

-export_type([source_encoding/0]).

-type source_encoding() :: latin1 | utf8.
-type epp_handle() :: pid().

-define(ENCODING_BYTES, 512).

%% Whole files.

parse_file(Name, Path, Macros) ->
    parse_file(Name, [{includes, Path}, {macros, Macros}]).

-spec parse_file(file:name(), [term()]) ->
          {ok, [term()]} | {ok, [term()], [term()]} | {error, term()}.
parse_file(Name, Options) ->
    case read(Name, Options, []) of
        {ok, Forms, Encoding, Features, _} ->
            case proplists:get_bool(extra, Options) of
                true ->
                    {ok, Forms, [{features, Features}, {encoding, Encoding}]};
                false ->
                    {ok, Forms}
            end;
        {error, _} = Error ->
            Error
    end.

-spec parse_file(epp_handle()) -> [term()].
parse_file(Epp) ->
    case parse_erl_form(Epp) of
        {ok, Form} -> [Form | parse_file(Epp)];
        {eof, _} = Eof -> [Eof];
        Problem -> [Problem | parse_file(Epp)]
    end.

-spec scan_file(file:name(), [term()]) ->
          {ok, [term()], [term()]} | {error, term()}.
scan_file(Name, Options) ->
    case read(Name, Options, [tokens]) of
        {ok, Forms, Encoding, _, _} -> {ok, Forms, [{encoding, Encoding}]};
        {error, _} = Error -> Error
    end.

-spec scan_file(epp_handle()) -> [term()].
scan_file(Epp) ->
    case scan_erl_form(Epp) of
        {ok, Tokens} -> [Tokens | scan_file(Epp)];
        {eof, _} = Eof -> [Eof];
        Problem -> [Problem | scan_file(Epp)]
    end.

read(Name, Options, More) ->
    case settings(Name, Options) of
        {error, _} = Error -> Error;
        Settings -> read_with(path(Name), More ++ Settings, libraries())
    end.

%% Of others than those of ERL_LIBS merle_epp asks when it comes to them.
read_with(Path, Settings, Libraries) ->
    case merle_epp:file(Path, [{libraries, Libraries} | Settings]) of
        {library, App} ->
            Library = {App, known_library(App)},
            read_with(Path, Settings, [Library | Libraries]);
        Result ->
            Result
    end.

%% Headers of an application in ERL_LIBS hide those that merle brings along,
%% whose modules need not be the same. The folders are looked at once, as the
%% code server does.
libraries() ->
    Dirs = os:getenv("ERL_LIBS", ""),
    case persistent_term:get(?MODULE, none) of
        {Dirs, Libraries} ->
            Libraries;
        _ ->
            Libraries = lists:flatmap(fun installed/1,
                                      string:lexemes(Dirs, ":")),
            persistent_term:put(?MODULE, {Dirs, Libraries}),
            Libraries
    end.

%% The applications below Dir, the newest version of each first.
installed(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            Versions = [{application(string:split(N, "-", trailing)), N}
                        || N <- Names],
            [{list_to_atom(App), filename:join(Dir, Name)}
             || {{App, _}, Name} <- lists:reverse(lists:sort(Versions))];
        {error, _} ->
            []
    end.

application([Name]) -> {Name, []};
application([App, Version]) ->
    try {App, [list_to_integer(N) || N <- string:lexemes(Version, ".")]}
    catch
        error:badarg -> {App ++ "-" ++ Version, []}
    end.

known_library(App) ->
    try code:lib_dir(App) of
        {error, _} -> none;
        Dir -> Dir
    catch
        _:_ -> none
    end.

path(Name) when is_binary(Name) -> Name;
path(Name) -> unicode:characters_to_binary(flatten(Name)).

flatten(Name) when is_atom(Name) -> atom_to_list(Name);
flatten([]) -> [];
flatten([C | Rest]) when is_integer(C) -> [C | flatten(Rest)];
flatten([Part | Rest]) -> flatten(Part) ++ flatten(Rest);
flatten(Name) when is_binary(Name) -> unicode:characters_to_list(Name).

settings(Name, Options) ->
    Source = proplists:get_value(source_name, Options, Name),
    Features = proplists:get_value(features, Options, []),
    Settings =
        [{source_name, flatten(Source)},
         {includes, [flatten(D) || D <- get(includes, Options),
                               not is_integer(D)]},
         {macros, get(macros, Options)},
         {features, Features},
         {location, proplists:get_value(location, Options, 1)},
         {default_encoding,
          proplists:get_value(default_encoding, Options, utf8)}]
        ++ [maybe || maybe_is_word(Options)]
        ++ [deterministic || proplists:get_bool(deterministic, Options)],
    case proplists:get_value(fd, Options) of
        undefined -> Settings;
        Fd -> with_text(read_all(Fd, []), Settings)
    end.

get(Key, Options) ->
    proplists:get_value(Key, Options, []).

with_text({error, _} = Error, _) -> Error;
with_text(Text, Settings) -> [{text, Text} | Settings].

read_all(Fd, Read) ->
    case file:read(Fd, 1 bsl 16) of
        {ok, Bytes} -> read_all(Fd, [Read, Bytes]);
        eof -> iolist_to_binary(Read);
        {error, _} = Error -> Error
    end.

maybe_is_word(Options) ->
    case proplists:get_value(reserved_word_fun, Options) of
        undefined -> false;
        Fun -> Fun('maybe')
    end.

%% Form by form.

open(Name, Path) ->
    open(Name, Path, []).

open(Name, Path, Macros) ->
    open([{name, Name}, {includes, Path}, {macros, Macros}]).

-spec open([term()]) ->
          {ok, epp_handle()} | {ok, epp_handle(), [term()]} | {error, term()}.
open(Options) ->
    case proplists:get_value(name, Options) of
        undefined -> error(badarg);
        Name -> open_file(Name, Options)
    end.

open_file(Name, Options) ->
    case read(Name, Options, [tokens, macros]) of
        {ok, Forms, Encoding, Features, Macros} ->
            Owner = self(),
            Epp = spawn(fun() -> start(Owner, Forms, Features, Macros) end),
            case proplists:get_bool(extra, Options) of
                true -> {ok, Epp, [{encoding, Encoding}]};
                false -> {ok, Epp}
            end;
        {error, _} = Error ->
            Error
    end.

start(Owner, Forms, Features, Macros) ->
    Ref = monitor(process, Owner),
    serve(Ref, Forms, Features, Macros).

serve(Ref, Forms, Features, Macros) ->
    receive
        {epp_request, From, scan_erl_form} ->
            {Reply, Rest} = next(Forms),
            reply(From, Reply),
            serve(Ref, Rest, Features, Macros);
        {epp_request, From, macro_defs} ->
            reply(From, Macros),
            serve(Ref, Forms, Features, Macros);
        {epp_request, From, close} ->
            reply(From, ok);
        {get_features, From} ->
            From ! {features, Features},
            serve(Ref, Forms, Features, Macros);
        {'DOWN', Ref, _, _, Reason} ->
            exit(Reason)
    end.

next([Tokens | Forms]) when is_list(Tokens) -> {{ok, Tokens}, Forms};
next([{eof, _} = Eof] = Forms) -> {Eof, Forms};
next([Problem | Forms]) -> {Problem, Forms}.

reply(From, Reply) ->
    From ! {epp_reply, self(), Reply},
    ok.

request(Epp, Request) ->
    Ref = monitor(process, Epp),
    Epp ! {epp_request, self(), Request},
    receive
        {epp_reply, Epp, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, _, _, Reason} ->
            exit(Reason)
    end.

-spec scan_erl_form(epp_handle()) ->
          {ok, [term()]} | {error, term()} | {warning, term()} | {eof, term()}.
scan_erl_form(Epp) ->
    request(Epp, scan_erl_form).

-spec parse_erl_form(epp_handle()) ->
          {ok, term()} | {error, term()} | {warning, term()} | {eof, term()}.
parse_erl_form(Epp) ->
    case request(Epp, scan_erl_form) of
        {ok, Tokens} -> erl_parse:parse_form(Tokens);
        Other -> Other
    end.

-spec macro_defs(epp_handle()) -> [term()].
macro_defs(Epp) ->
    request(Epp, macro_defs).

-spec close(epp_handle()) -> ok.
close(Epp) ->
    Ref = monitor(process, Epp),
    Reply = request(Epp, close),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    Reply.

%% Texts.

-spec format_error(term()) -> io_lib:chars().
format_error(cannot_parse) -> "cannot parse file, giving up";
format_error(missing_parenthesis) ->
    "badly formed define: missing closing right parenthesis";
format_error(missing_comma) -> "badly formed define: missing comma";
format_error(premature_end) -> "premature end";
format_error(elif_after_else) -> "'elif' following 'else'";
format_error(ftr_after_prefix) ->
    "feature directive not allowed after exports or record definitions";
format_error({bad, What}) -> format("badly formed '~s'", [What]);
format_error({duplicated_argument, Arg}) ->
    format("argument '~ts' already used", [Arg]);
format_error({call, What}) -> format("illegal macro call '~ts'", [What]);
format_error({undefined, Macro, none}) ->
    format("undefined macro '~ts'", [Macro]);
format_error({undefined, Macro, Arity}) ->
    format("undefined macro '~ts/~p'", [Macro, Arity]);
format_error({circular, Macro, none}) ->
    format("circular macro '~ts'", [Macro]);
format_error({circular, Macro, Arity}) ->
    format("circular macro '~ts/~p'", [Macro, Arity]);
format_error({depth, What}) -> format("~s too deep", [What]);
format_error({mismatch, Macro}) ->
    format("argument mismatch for macro '~ts'", [Macro]);
format_error({arg_error, Macro}) ->
    format("badly formed argument for macro '~ts'", [Macro]);
format_error({redefine, Macro}) -> format("redefining macro '~ts'", [Macro]);
format_error({redefine_predef, Macro}) ->
    format("redefining predefined macro '~s'", [Macro]);
format_error({include, What, File}) ->
    format("can't find include ~s \"~ts\"", [What, File]);
format_error({illegal, How, What}) -> format("~s '-~s'", [How, What]);
format_error({illegal_function, Macro}) ->
    format("?~s can only be used within a function", [Macro]);
format_error({illegal_function_usage, Macro}) ->
    format("?~s must not begin a form", [Macro]);
format_error({'NYI', What}) -> format("not yet implemented '~s'", [What]);
format_error({error, Term}) -> format("-error(~tp).", [Term]);
format_error({warning, Term}) -> format("-warning(~tp).", [Term]);
format_error(Posix) -> file:format_error(Posix).

format(Format, Args) ->
    io_lib:format(Format, Args).

%% Encodings.

-spec default_encoding() -> source_encoding().
default_encoding() -> utf8.

-spec encoding_to_string(source_encoding()) -> string().
encoding_to_string(latin1) -> "coding: latin-1";
encoding_to_string(utf8) -> "coding: utf-8".

-spec read_encoding(file:name()) -> source_encoding() | none.
read_encoding(Name) ->
    read_encoding(Name, []).

-spec read_encoding(file:name(), [term()]) -> source_encoding() | none.
read_encoding(Name, Options) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, File} ->
            Text = file:read(File, ?ENCODING_BYTES),
            ok = file:close(File),
            encoding_of(Text, Options);
        _ ->
            none
    end.

-spec read_encoding_from_binary(binary()) -> source_encoding() | none.
read_encoding_from_binary(Binary) ->
    read_encoding_from_binary(Binary, []).

-spec read_encoding_from_binary(binary(), [term()]) ->
          source_encoding() | none.
read_encoding_from_binary(Binary, Options) ->
    InComment = proplists:get_value(in_comment_only, Options, true),
    merle_epp:encoding(Binary, InComment).

encoding_of({ok, Text}, Options) ->
    read_encoding_from_binary(iolist_to_binary(Text), Options);
encoding_of(_, _) ->
    none.

-spec set_encoding(io:device()) -> source_encoding() | none.
set_encoding(File) ->
    set_encoding(File, default_encoding()).

%% The device is left where it stood.
-spec set_encoding(io:device(), source_encoding()) -> source_encoding() | none.
set_encoding(File, Default) ->
    {ok, Position} = file:position(File, cur),
    ok = io:setopts(File, [{encoding, latin1}]),
    Encoding = encoding_of(file:read(File, ?ENCODING_BYTES), []),
    {ok, Position} = file:position(File, Position),
    Used = case Encoding of
               none -> Default;
               _ -> Encoding
           end,
    ok = io:setopts(File, [{encoding, Used}]),
    Encoding.

%% Forms.

%% -file attributes of the source (they are marked as generated) are taken out
%% and the lines after them put back to those of the file that is read; the
%% attributes that stand for included files stay.
-spec interpret_file_attribute([term()]) -> [term()].
interpret_file_attribute(Forms) ->
    interpret(Forms, 0, []).

interpret([{attribute, Anno, file, {File, Line}} = Form | Forms], Delta,
          Files) ->
    case erl_anno:generated(Anno) of
        true -> interpret(Forms, erl_anno:line(Anno) + Delta - Line, Files);
        false -> [Form | interpret(Forms, 0, enter(File, Files))]
    end;
interpret([Form | Forms], Delta, Files) ->
    Move = fun(Anno) ->
                   erl_anno:set_line(erl_anno:line(Anno) + Delta, Anno)
           end,
    [erl_parse:map_anno(Move, Form) | interpret(Forms, Delta, Files)];
interpret([], _, _) ->
    [].

enter(File, [_, File | Files]) -> [File | Files];
enter(File, Files) -> [File | Files].

normalize_typed_record_fields([]) ->
    {typed, []};
normalize_typed_record_fields(Fields) ->
    case lists:any(fun is_typed/1, Fields) of
        true -> {typed, [untyped(F) || F <- Fields]};
        false -> not_typed
    end.

is_typed(Field) ->
    element(1, Field) =:= typed_record_field.

untyped({typed_record_field, Field, _}) -> Field;
untyped(Field) -> Field.

restore_typed_record_fields([{attribute, A, record, {Record, _}},
                             {attribute, A, type, {{record, Record}, Fields,
                                                   []}} | Forms]) ->
    [{attribute, A, record, {Record, Fields}}
     | restore_typed_record_fields(Forms)];
restore_typed_record_fields([{attribute, A, type, {{record, Record}, Fields,
                                                   []}} | Forms]) ->
    [{attribute, A, record, {Record, Fields}}
     | restore_typed_record_fields(Forms)];
restore_typed_record_fields([Form | Forms]) ->
    [Form | restore_typed_record_fields(Forms)];
restore_typed_record_fields([]) ->
    [].
