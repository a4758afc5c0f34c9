%% SPDX-License-Identifier: Apache-2.0
%% Options of qlc's functions: their values, in a given order.
-module(qlc_options).

-export([values/2, default/1]).

%% The values of [Names] in [Options] (a list or one option), in the order of
%% the names; badarg when an option is unknown, wrong or there twice.
-spec values(term(), [atom()]) -> [term()] | badarg.
values(Options, Names) when is_list(Options) -> take(Names, Options, []);
values(Option, Names) -> take(Names, [Option], []).

take([], [], Values) -> lists:reverse(Values);
take([], _, _) -> badarg;
take([Name | Names], Options, Values) ->
    try one(Name, Options) of
        none -> take(Names, Options, [default(Name) | Values]);
        {Value, Rest} -> take(Names, Rest, [Value | Values])
    catch _:_ -> badarg
    end.

%% The first mention of [Name] counts; a lone atom stands for true where that
%% is a value. Improper lists and bad values make an exception.
one(Name, Options) ->
    case lists:member(Name, Options) of
        true ->
            true = short(Name),
            {known(Name, true), without(Name, lists:delete(Name, Options))};
        false ->
            case lists:keyfind(Name, 1, Options) of
                {_, Value} -> {known(Name, Value), without(Name, Options)};
                false -> none
            end
    end.

without(Name, Options) -> lists:keydelete(Name, 1, Options).

short(Name) ->
    lists:member(Name, [cache, unique, cache_all, unique_all, lookup, flat]).

%% [Value] as it is kept; no clause: it is wrong.
known(Name, undefined) when Name =:= format_fun; Name =:= info_fun;
                            Name =:= lookup_fun; Name =:= parent_fun;
                            Name =:= post_fun; Name =:= pre_fun -> undefined;
known(Name, Fun) when is_function(Fun, 1),
                      (Name =:= info_fun orelse Name =:= pre_fun orelse
                       Name =:= format_fun) -> Fun;
known(Name, Fun) when is_function(Fun, 0),
                      (Name =:= post_fun orelse Name =:= parent_fun) -> Fun;
known(lookup_fun, Fun) when is_function(Fun, 2) -> Fun;
known(max_lookup, infinity) -> -1;
known(Name, N) when is_integer(N), N >= 0,
                    (Name =:= max_lookup orelse Name =:= max_list_size orelse
                     Name =:= depth) -> N;
known(Name, N) when is_integer(N), N > 0,
                    (Name =:= n_elements orelse Name =:= size) -> N;
known(no_files, N) when is_integer(N), N > 1 -> N;
known(Name, infinity) when Name =:= n_elements; Name =:= depth -> infinity;
known(key_equality, Op) when Op =:= '=='; Op =:= '=:=' -> Op;
known(join, How) when How =:= any; How =:= nested_loop; How =:= merge;
                      How =:= lookup -> How;
known(lookup, any) -> any;
known(tmpdir_usage, How) when How =:= allowed; How =:= not_allowed;
                              How =:= info_msg; How =:= warning_msg;
                              How =:= error_msg -> How;
known(compressed, true) -> [compressed];
known(compressed, false) -> [];
known(Name, How) when Name =:= cache; Name =:= cache_all ->
    case How of
        ets -> true;
        no -> false;
        list -> list;
        _ when is_boolean(How) -> How
    end;
known(Name, Bool) when is_boolean(Bool),
                       (Name =:= unique orelse Name =:= unique_all orelse
                        Name =:= lookup orelse Name =:= flat) -> Bool;
known(spawn_options, default) -> default;
known(spawn_options, List) when length(List) >= 0 -> List;
known(format, How) when How =:= string; How =:= abstract_code;
                        How =:= debug -> How;
known(order, How) when How =:= ascending; How =:= descending;
                       is_function(How, 2) -> How;
known(tmpdir, Dir) -> Dir.

default(max_lookup) -> -1;
default(Name) when Name =:= join; Name =:= lookup -> any;
default(key_equality) -> '=:=';
default(spawn_options) -> default;
default(flat) -> true;
default(format) -> string;
default(Name) when Name =:= n_elements; Name =:= depth -> infinity;
default(Name) when Name =:= max_list_size; Name =:= size -> 512 * 1024;
default(tmpdir_usage) -> allowed;
default(Name) when Name =:= cache; Name =:= cache_all; Name =:= unique;
                   Name =:= unique_all -> false;
default(order) -> ascending;
default(compressed) -> [];
default(tmpdir) -> "";
default(no_files) -> 16;
default(_) -> undefined.
