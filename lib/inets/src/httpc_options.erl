%% SPDX-License-Identifier: Apache-2.0
%% httpc_options: which options profiles and requests have, and what each may
%% be. Of a request a wrong one is told to the logger and passed over.
-module(httpc_options).

-export([defaults/0, check/1, settings/1, of_request/1]).

-include("httpc.hrl").

%% ---- of a profile ----

%% In the order in which they are shown.
defaults() ->
    [{proxy, {undefined, []}}, {https_proxy, {undefined, []}},
     {pipeline_timeout, 0}, {max_pipeline_length, 2},
     {max_keep_alive_length, 5}, {keep_alive_timeout, 120000},
     {max_sessions, 2}, {cookies, disabled}, {verbose, false},
     {ipfamily, inet}, {ip, default}, {port, default}, {socket_opts, []},
     {unix_socket, undefined}].

%% {ok, Options} | {error, Reason}; throws {error, {bad_option, _, _}} as OTP
%% does, which is a mistake of the caller's.
check(Options) ->
    Family = proplists:get_value(ipfamily, Options, inet),
    Unix = proplists:get_value(unix_socket, Options),
    Family =:= local andalso Unix =:= undefined
        andalso bad(unix_socket, undefined),
    Family =/= local andalso Unix =/= undefined andalso bad(ipfamily, Family),
    good(ipfamily, Family) orelse bad(ipfamily, Family),
    check(proplists:delete(ipfamily, Options),
          [{ipfamily, Family}, {unix_socket, Unix}]).

check([], Good) -> {ok, lists:reverse(Good)};
check([{ipv6, Value} | Options], Good) ->
    Family = case Value of
                 enabled -> inet6fb4;
                 disabled -> inet;
                 _ -> bad(ipv6, Value)
             end,
    check(Options, [{ipfamily, Family} | Good]);
check([{Key, Value} = Option | Options], Good) ->
    case lists:keymember(Key, 1, defaults()) of
        false -> {error, {not_an_option, Option}};
        true ->
            good(Key, Value) orelse bad(Key, Value),
            check(Options, [Option | Good])
    end;
check(_, _) -> {error, function_clause}.

bad(Key, Value) -> throw({error, {bad_option, Key, Value}}).

good(Key, {{Host, Port}, Direct}) when Key =:= proxy; Key =:= https_proxy ->
    is_list(Host) andalso is_integer(Port) andalso is_list(Direct);
good(Key, Value) when Key =:= max_sessions; Key =:= max_keep_alive_length ->
    is_integer(Value) andalso Value >= 0;
good(keep_alive_timeout, Value) -> is_timeout(Value);
good(pipeline_timeout, Value) -> Value =:= infinity orelse is_integer(Value);
good(Key, Value) when Key =:= max_pipeline_length; Key =:= port ->
    is_integer(Value);
good(cookies, Value) -> lists:member(Value, [enabled, disabled, verify]);
good(ipfamily, Value) -> lists:member(Value, [inet, inet6, inet6fb4, local]);
good(ip, Value) ->
    is_tuple(Value) andalso lists:member(tuple_size(Value), [4, 8]);
good(socket_opts, Value) -> is_list(Value);
good(verbose, Value) -> lists:member(Value, [false, verbose, debug, trace]);
good(unix_socket, Value) ->
    Value =:= undefined orelse is_list(Value) andalso Value =/= [];
good(_, _) -> false.

is_timeout(Value) ->
    Value =:= infinity orelse is_integer(Value) andalso Value >= 0.

%% ---- of a request ----

%% The #settings{} of a list.
settings(Options) ->
    Fields = [version, timeout, autoredirect, ssl, proxy_auth, relaxed,
              url_encode, connect_timeout],
    Given = [{K, V} || {K, Value} <- known(Options, Fields),
                       {ok, V} <- [setting(K, Value)]
                           ++ [told({K, Value})
                               || setting(K, Value) =:= error]],
    S = lists:foldl(fun({K, V}, Acc) -> setelement(field(K, Fields), Acc, V)
                    end, #settings{ssl = {essl, []}}, Given),
    case lists:keymember(connect_timeout, 1, Given) of
        true -> S;
        false -> S#settings{connect_timeout = S#settings.timeout}
    end.

field(Key, [Key | _]) -> 2;
field(Key, [_ | Fields]) -> 1 + field(Key, Fields).

setting(version, Value) when is_atom(Value) ->
    {ok, string:uppercase(atom_to_list(Value))};
setting(version, Value) when is_list(Value) -> {ok, string:uppercase(Value)};
setting(ssl, Value) when is_list(Value) -> {ok, {essl, Value}};
setting(ssl, {Kind, Value}) when is_list(Value), Kind =:= ssl orelse
                                 Kind =:= essl ->
    {ok, {essl, Value}};
setting(proxy_auth, {User, Password} = Value)
  when is_list(User), is_list(Password) ->
    {ok, Value};
setting(Key, Value) when is_boolean(Value), Key =:= autoredirect orelse
                         Key =:= relaxed orelse Key =:= url_encode ->
    {ok, Value};
setting(Key, Value) when Key =:= timeout; Key =:= connect_timeout ->
    case is_timeout(Value) of
        true -> {ok, Value};
        false -> error
    end;
setting(_, _) -> error.

%% The first of each option that there is; others are told.
known(Options, Keys) ->
    [told(O) || O <- Options,
                not is_tuple(O) orelse tuple_size(O) =/= 2
                    orelse not lists:member(element(1, O), Keys)],
    [O || Key <- Keys, {_, _} = O <- [lists:keyfind(Key, 1, Options)]].

told({Key, Value}) -> told(io_lib:format("~p:~p", [Key, Value]));
told(Other) when is_list(Other) ->
    error_logger:info_report(["Invalid option ", Other, " ignored \n"]),
    ignored;
told(Other) -> told(io_lib:format("~p", [Other])).

%% The fourth argument of httpc:request/4 as a map.
of_request(Options) ->
    Default = #{sync => true, stream => none, body_format => string,
                full_result => true, headers_as_is => false,
                receiver => self(), socket_opts => undefined,
                ipv6_host_with_brackets => false},
    Found = known(Options, maps:keys(Default)),
    [told(O) || O <- Found, not good_here(O)],
    All = maps:merge(Default, maps:from_list(lists:filter(fun good_here/1,
                                                          Found))),
    case All of
        #{sync := true, receiver := R} when R =/= self() ->
            throw({error, {bad_options_combo, [{sync, true}, {receiver, R}]}});
        #{sync := true, stream := S} when S =:= self; S =:= {self, once} ->
            throw({error, streaming_error});
        #{} -> All
    end.

good_here({stream, Value}) ->
    Value =:= none orelse Value =:= self orelse Value =:= {self, once}
        orelse is_list(Value);
good_here({body_format, Value}) -> Value =:= string orelse Value =:= binary;
good_here({receiver, {M, F, Args}}) ->
    is_atom(M) andalso is_atom(F) andalso is_list(Args);
good_here({receiver, Value}) -> is_pid(Value) orelse is_function(Value, 1);
good_here({socket_opts, Value}) -> is_list(Value);
good_here({_, Value}) -> is_boolean(Value).
