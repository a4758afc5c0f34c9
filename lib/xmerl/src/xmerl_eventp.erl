%% SPDX-License-Identifier: Apache-2.0
%% Drives xmerl_scan from a file in pieces, and with callbacks in the manner
%% of SAX: a callback module gets each entity when it is complete, and its
%% state is the scanner's user state.
-module(xmerl_eventp).
-export([stream/2, stream_sax/4, file_sax/4, string_sax/4, options/2]).
-include("xmerl.hrl").
-include_lib("kernel/include/file.hrl").

stream(Name, Options) -> stream(Name, Options, []).

stream_sax(Name, Callback, State, Options) ->
    stream(Name, Options, hooks(Callback, State)).

file_sax(Name, Callback, State, Options) ->
    xmerl_scan:file(Name, options(Options,
                                  [{acc_fun, fun acc_all/3}
                                   | hooks(Callback, State)])).

string_sax(Text, Callback, State, Options) ->
    xmerl_scan:string(Text, options(Options,
                                    [{acc_fun, fun acc_all/3}
                                     | hooks(Callback, State)])).

%% The user's options before ours, by their keys.
options(Options, Ours) ->
    lists:foldl(fun(O, Acc) ->
                        lists:keystore(element(1, O), 1, Acc, O)
                end, Ours, Options).

hooks(Callback, State) ->
    [{hook_fun, fun hook/2},
     {user_state, {xmerl:callbacks(Callback), State}}].

hook(#xmlComment{}, S) -> {[], S};
hook(Entity, S) ->
    {CBs, State} = xmerl_scan:user_state(S),
    case xmerl:export_element(Entity, CBs, State) of
        {error, Reason} -> throw({error, Reason});
        Result -> {Result, xmerl_scan:user_state({CBs, Result}, S)}
    end.

acc_all(X, Acc, S) -> {[X | Acc], S}.

%% A file in pieces. The continuation state is a stack of {Bytes not scanned
%% yet, Name, Fd} or {Name, eof}: external entities stand above the document.

stream(Name, Options, More) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, Fd} ->
            Ours = [{continuation_fun, fun cont/3, [{<<>>, Name, Fd}]},
                    {acc_fun, fun acc/3},
                    {fetch_fun, fun fetch/2},
                    {rules, fun rules_read/3, fun rules_write/4, ""},
                    {close_fun, fun close/1} | More],
            xmerl_scan:string([], options(Options, Ours));
        Error -> Error
    end.

cont(Continue, Exception, S) ->
    case xmerl_scan:cont_state(S) of
        [{_, eof} | _] -> Exception(S);
        [{Bytes, Name, Fd} | Stack] ->
            read(Bytes, Name, Fd, Stack, Continue, S)
    end.

read(Bytes, Name, Fd, Stack, Continue, S) ->
    case file:read(Fd, 8192) of
        {ok, New} ->
            All = <<Bytes/binary, New/binary>>,
            case split(byte_size(All) - 1, All) of
                {Now, Later} ->
                    State = [{Later, Name, Fd} | Stack],
                    Continue(binary_to_list(Now),
                             xmerl_scan:cont_state(State, S));
                false -> read(All, Name, Fd, Stack, Continue, S)
            end;
        eof ->
            ok = file:close(Fd),
            Continue(binary_to_list(Bytes),
                     xmerl_scan:cont_state([{Name, eof} | Stack], S));
        Error -> exit(Error)
    end.

%% After the last white space, so that no mark of XML is cut.
split(0, _) -> false;
split(N, Bytes) ->
    case binary:at(Bytes, N) of
        C when ?whitespace(C) -> split_binary(Bytes, N + 1);
        _ -> split(N - 1, Bytes)
    end.

%% Texts of nothing but white space are dropped.
acc(#xmlText{value = Text} = X, Acc, S) ->
    case lists:all(fun(C) -> lists:member(C, "\n\s\t") end, Text) of
        true -> {Acc, S};
        false -> {[X#xmlText{value = lists:flatten(Text)} | Acc], S}
    end;
acc(X, Acc, S) -> {[X | Acc], S}.

fetch({system, URI}, S) -> fetch_file(URI, S);
fetch({public, _, URI}, S) -> fetch_file(URI, S).

fetch_file(URI, #xmerl_scanner{xmlbase = Base, fetch_path = Path} = S) ->
    Parts = filename:split(URI),
    Full = case Parts of
               ["/", _ | _] -> URI;
               ["file:", Name] -> filename:join(Base, Name);
               _ -> filename:join(Base, URI)
           end,
    File = locate(Path, lists:last(Parts), Full),
    case file:open(File, [read, raw, binary]) of
        {ok, Fd} ->
            State = [{<<>>, File, Fd} | xmerl_scan:cont_state(S)],
            {ok, {string, []}, xmerl_scan:cont_state(State, S)};
        _ -> {ok, not_fetched, S}
    end.

locate([Folder | Path], Name, Full) ->
    File = filename:join(Folder, Name),
    case file:read_file_info(File) of
        {ok, #file_info{type = regular}} -> File;
        _ -> locate(Path, Name, Full)
    end;
locate([], _, Full) -> Full.

close(S) ->
    case xmerl_scan:cont_state(S) of
        [{_, eof} | Stack] -> xmerl_scan:cont_state(Stack, S);
        [{_, _, Fd} | Stack] ->
            ok = file:close(Fd),
            xmerl_scan:cont_state(Stack, S)
    end.

rules_read(_, _, #xmerl_scanner{rules = undefined}) -> undefined;
rules_read(Kind, Name, #xmerl_scanner{rules = Rules}) ->
    case ets:lookup(Rules, {Kind, Name}) of
        [] -> undefined;
        [{_, Value}] -> Value
    end.

rules_write(Kind, Name, Value, #xmerl_scanner{rules = undefined} = S) ->
    Rules = ets:new(rules, [set, public]),
    rules_write(Kind, Name, Value, S#xmerl_scanner{rules = Rules});
rules_write(Kind, Name, Value, #xmerl_scanner{rules = Rules} = S) ->
    ets:insert(Rules, {{Kind, Name}, Value}),
    S.
