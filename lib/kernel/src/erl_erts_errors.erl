%% SPDX-License-Identifier: Apache-2.0
%% erl_erts_errors: what is wrong with the arguments of a BIF that failed, for
%% the text of exceptions. Most BIFs have a line in a table that says of what
%% kind each argument is to be; the others have a clause of their own.
-module(erl_erts_errors).

-export([format_error/2, format_bs_fail/2, describe/2]).

-define(LIST_OPTION, "invalid option in list").
-define(NO_PROCESS, "the pid does not refer to an existing process").

-spec format_error(term(), [tuple()]) -> map().
format_error(Reason, [{M, F, Args, Info} | _]) when is_list(Args) ->
    Given = proplists:get_value(error_info, Info, #{}),
    numbered(errors(M, F, Args, Reason, maps:get(cause, Given, none)), 1);
format_error(_, _) -> #{}.

%% Errors are texts, or none where nothing is wrong.
numbered([none | Errors], I) -> numbered(Errors, I + 1);
numbered([Error | Errors], I) ->
    (numbered(Errors, I + 1))#{I => iolist_to_binary(Error)};
numbered([], _) -> #{}.

%% That a limit of the system is reached says enough by itself.
errors(erlang, _, _, system_limit, _) -> [];
errors(erlang, F, Args, _, Cause) ->
    case special(F, Args, Cause) of
        table -> by_rules(rules(F, length(Args)), Args, none);
        Errors -> Errors
    end;
errors(Array, new, [Size, Options], Reason, Cause)
  when Array =:= atomics; Array =:= counters ->
    new_array(Array, Size, Options, Reason, Cause);
errors(Array, F, [Ref | Args], _, _)
  when Array =:= atomics; Array =:= counters ->
    use_array(Array, F, Ref, Args);
errors(persistent_term, get, [_], _, _) ->
    ["no persistent term stored with this key"];
errors(_, _, _, _, _) -> [].

%%% Arrays of integers

new_array(Array, _, Options, system_limit, _) ->
    [[atom_to_list(Array), " array size reached a system limit"],
     describe(list, Options)];
new_array(_, Size, Options, _, badopt) ->
    [describe(positive, Size), blame(list, Options, ?LIST_OPTION)];
new_array(_, Size, Options, _, _) ->
    by_rules([positive, {suspect, list, ?LIST_OPTION}], [Size, Options], none).

use_array(Array, _, Ref, Args) ->
    try Array:info(Ref) of
        #{size := Size} = Info -> in_array(Array, Size, Info, Args)
    catch
        error:_ -> ["invalid atomics reference" | out_of_array(Args)]
    end.

%% All counters, and atomics that are not signed, hold what fits 64 bits.
in_array(counters, Size, _, [I, Value]) ->
    case {range(I, 1, Size), describe(integer, Value)} of
        {none, none} -> [none, none, "out of range"];
        {none, Error} -> [none, none, Error];
        {Error, _} -> [none, Error]
    end;
in_array(_, Size, _, [I]) -> [none, range(I, 1, Size)];
in_array(_, Size, #{min := Min, max := Max}, [I | Values]) ->
    [none, range(I, 1, Size) | [range(V, Min, Max) || V <- Values]];
in_array(_, _, _, []) -> [].

out_of_array([I | Values]) ->
    [describe(positive, I) | [describe(integer, V) || V <- Values]];
out_of_array([]) -> [].

%%% BIFs that need a closer look

special(atom_to_binary, [Atom, Encoding], _) ->
    [if
         not is_atom(Atom) -> describe(atom, Atom);
         Encoding =:= latin1 ->
             "contains a character not expressible in latin1";
         true -> none
     end,
     case describe(encoding, Encoding) of
         none -> none;
         _ -> "is an invalid encoding option"
     end];
special(binary_part, [Bin, {Pos, Length}], _)
  when is_integer(Pos), is_integer(Length) ->
    case part(Bin, Pos, Length) of
        [Error, none, none] -> [Error];
        [_, _] -> []; % begins behind the end: OTP says nothing either
        [Error | _] -> [Error, "out of range"]
    end;
special(binary_part, [Bin, _], _) ->
    [describe(binary, Bin), "not a valid {Pos,Length} tuple"];
special(binary_part, [Bin, Pos, Length], _) -> part(Bin, Pos, Length);
special(binary_to_atom, [Bin | Encoding], _) ->
    as_atom(Bin, Encoding, none);
special(binary_to_existing_atom, [Bin | Encoding], _) ->
    as_atom(Bin, Encoding, "not an already existing atom");
special(binary_to_list, [Bin, Start, Stop], _) -> positions(Bin, Start, Stop);
special(binary_to_term, [Bin, Options], Cause) ->
    case {describe(binary, Bin), blamed(Cause, badopt, list, Options)} of
        {none, none} ->
            [case lists:member(safe, Options) of
                 true -> "invalid or unsafe external representation of a term";
                 false -> "invalid external representation of a term"
             end];
        {Error, OptionError} -> [Error, OptionError]
    end;
special(check_process_code, [Pid, Module, Options], Cause) ->
    [describe(local_pid, Pid), describe(atom, Module),
     blamed(Cause, bad_option, list, Options)];
special(decode_packet, [_, Bin, Options], Cause) ->
    [case Cause of badopt -> "invalid packet type"; _ -> none end
     | by_rules([binary, {suspect, list, ?LIST_OPTION}], [Bin, Options], none)];
special(fun_info, [Fun, _], _) ->
    case describe('fun', Fun) of
        none -> [none, "invalid item"];
        Error -> [Error]
    end;
special(garbage_collect, [Pid, _], Cause) ->
    [describe(local_pid, Pid),
     case Cause of bad_option -> ?LIST_OPTION; _ -> none end];
special(halt, [_, Options], badopt) ->
    [none, blame(list, Options, ?LIST_OPTION)];
special(list_to_existing_atom, [Text], _) ->
    [case is_text(Text) of
         true -> "not an already existing atom";
         false -> blame(list, Text, "not a list of characters")
     end];
special(ToInteger, [Text, Base], _)
  when ToInteger =:= list_to_integer; ToInteger =:= binary_to_integer ->
    Kind = case ToInteger of list_to_integer -> list; _ -> binary end,
    case describe(base, Base) of
        none ->
            [blame(Kind, Text, "not a textual representation of an integer")];
        Error -> [describe(Kind, Text), Error]
    end;
special(map_get, [_, Map], _) ->
    case describe(map, Map) of
        none -> ["not present in map"];
        Error -> [none, Error]
    end;
special(match_spec_test, [_, _, Type], _) ->
    case Type of
        trace -> ["not a list"];
        table -> ["not a tuple"];
        _ -> [none, none, "invalid type for match spec"]
    end;
special(memory, [Items], _) ->
    case describe(list, Items) of
        none -> [?LIST_OPTION];
        _ when is_atom(Items) -> ["invalid memory type option"];
        _ -> ["not an atom or a list of atoms"]
    end;
special(monitor, [Type, Item | Options], Cause) ->
    monitor_errors(Type, Item, Options, Cause);
special(monitor_node, [Node, Flag, Options], Cause) ->
    [describe(atom, Node), describe(boolean, Flag),
     case Cause of
         badopt -> blame(list, Options, ?LIST_OPTION);
         _ -> describe(list, Options)
     end];
special(nodes, [Types | Options], _) -> node_types(Types, Options);
special(open_port, [Name, Settings], Cause) ->
    port_settings(Name, Settings, Cause);
%% the words of OTP: it is the second argument that is meant
special(Hash, [_, Range], _) when Hash =:= phash; Hash =:= phash2 ->
    [describe(positive, Range)];
special(port_command, [Port, Data, Options], Cause) ->
    [describe(port_or_name, Port), describe(iodata, Data),
     blamed(Cause, badopt, list, Options)];
special(port_info, [Port, _], Cause) ->
    [describe(port_or_name, Port),
     case Cause of badtype -> none; _ -> ?LIST_OPTION end];
special(process_display, [Pid, _], badopt) ->
    [describe(local_pid, Pid), "invalid value"];
special(process_flag, [_, _], badopt) -> ["invalid process flag"];
special(process_flag, [_, _], _) ->
    [none, "invalid value for this process flag"];
special(process_flag, [Pid, Flag, _], Cause) ->
    FlagError = case Flag of
                    save_calls -> none;
                    _ -> "invalid process flag"
                end,
    case describe(local_pid, Pid) of
        none when Cause =:= badtype -> [?NO_PROCESS, FlagError];
        none when FlagError =:= none ->
            [none, none, "invalid value for process flag 'save_calls'"];
        Error -> [Error, FlagError]
    end;
special(process_info, [Pid, _], _) ->
    case describe(local_pid, Pid) of
        none -> [none, "invalid item or item list"];
        Error -> [Error]
    end;
special(register, [Name, Pid], Cause) -> name_errors(Name, Pid, Cause);
special(Send, [_, _ | Options], Cause)
  when Send =:= send; Send =:= send_nosuspend ->
    case {Options, Cause} of
        {[List], badopt} -> [none, none, blame(list, List, ?LIST_OPTION)];
        _ -> ["invalid destination"]
    end;
special(Start, [Time, To, _ | Options], Cause)
  when Start =:= send_after; Start =:= start_timer ->
    [case describe(non_negative, Time) of
         none when Cause =:= time ->
             "exceeds the maximum supported time value";
         Error -> Error
     end,
     if
         is_pid(To) -> describe(local_pid, To);
         is_atom(To) -> none;
         true -> "not a pid or an atom"
     end
     | [case Cause of
            badopt -> blame(list, List, ?LIST_OPTION);
            _ -> describe(list, List)
        end || List <- Options]];
special(Spawn, Args, Cause)
  when Spawn =:= spawn; Spawn =:= spawn_link; Spawn =:= spawn_monitor;
       Spawn =:= spawn_opt ->
    spawn_errors(Spawn, Args, Cause);
special(spawn_request, Args, Cause) -> request_errors(Args, Cause);
special(split_binary, [Bin, Pos], _)
  when is_binary(Bin), is_integer(Pos), Pos > byte_size(Bin) ->
    [none, "out of range"];
special(suspend_process, [Pid, Options], badopt) ->
    [describe(local_pid, Pid), blame(list, Options, ?LIST_OPTION)];
special(suspend_process, [Pid | _], _) when Pid =:= self() ->
    ["the pid refers to the current process"];
special(suspend_process, [Pid | _], _) -> [blame(local_pid, Pid, ?NO_PROCESS)];
special(system_flag, [_, _], badopt) -> ["invalid system flag"];
special(system_flag, [_, _], _) ->
    [none, "invalid value for this system flag"];
special(system_monitor, [Pid, Options], _) ->
    case describe(local_pid, Pid) of
        none -> [none, blame(list, Options, "invalid system monitor option")];
        Error -> [Error, describe(list, Options)]
    end;
special(trace, [Who, How, Options], Cause) ->
    trace_errors(local(Who), describe(boolean, How), Options, Cause);
special(trace_delivered, [Who], _) ->
    [case local(Who) of none -> "not a pid or 'all'"; Error -> Error end];
special(trace_info, [Who, _], badopt) ->
    [case local(Who) of
         none -> "not a valid tracee specification";
         Error -> Error
     end];
special(trace_pattern, [_, _ | Options], Cause) ->
    pattern_errors(Options, Cause);
special(_, _, _) -> table.

part(Bin, Pos, Length) ->
    case [describe(binary, Bin), describe(non_negative, Pos),
          describe(integer, Length)] of
        [none, none, none] when Pos > byte_size(Bin) ->
            [none, "out of range"];
        [none, none, none] -> [none, none, "out of range"];
        Errors -> Errors
    end.

positions(Bin, Start, Stop) ->
    case [describe(binary, Bin), describe(positive, Start),
          describe(positive, Stop)] of
        [none, none, none] when Start > Stop ->
            [none, "start position greater than stop position"];
        [none, none, none] ->
            [none, range(Start, 1, byte_size(Bin)),
             range(Stop, 1, byte_size(Bin))];
        Errors -> Errors
    end.

%% Missing is said of text that is in order.
as_atom(Bin, [], Missing) -> as_atom(Bin, [utf8], Missing);
as_atom(Bin, [latin1], Missing) -> [blame(binary, Bin, Missing)];
as_atom(Bin, [Encoding], _) ->
    case [describe(binary, Bin), describe(encoding, Encoding)] of
        [none, none] ->
            case unicode:characters_to_list(Bin) of
                Text when is_list(Text) -> ["not an already existing atom"];
                _ -> ["invalid UTF8 encoding"]
            end;
        Errors -> Errors
    end.

monitor_errors(_, _, _, badtype) -> ["invalid monitor type"];
monitor_errors(Type, Item, Options, Cause) ->
    [none,
     case Type of
         port -> describe(port_or_name, Item);
         process -> describe(pid, Item);
         _ -> none
     end
     | [blame(list, List, ?LIST_OPTION) || List <- Options, Cause =:= badopt]].

node_types(Types, Options) ->
    Known = [this, connected, visible, hidden, known],
    Wrong = if
                is_atom(Types) -> "not a valid node type";
                is_list(Types) -> "not a list of valid node types";
                true -> "not a valid node type or list of valid node types"
            end,
    [case Options =/= [] andalso (is_atom(Types) orelse is_list(Types))
         andalso lists:flatten([Types]) -- Known =:= [] of
         true -> none;
         false -> Wrong
     end
     | [case describe(map, O) of
            none ->
                case [K || {K, V} <- maps:to_list(O),
                           not is_boolean(V) orelse
                               not lists:member(K, [connection_id,
                                                    node_type])] of
                    [] -> none;
                    _ -> "invalid options in map"
                end;
            Error -> Error
        end || O <- Options]].

port_settings(Name, _, badopt) -> [describe(tuple, Name), ?LIST_OPTION];
port_settings(Name, Settings, _) when is_tuple(Name) ->
    case lists:keymember(args, 1, Settings) of
        true when element(1, Name) =/= spawn_executable ->
            ["must be spawn_executable"];
        _ -> ["invalid port name"]
    end;
port_settings(_, _, _) -> ["not a tuple"].

name_errors(_, _, registered_name) ->
    [none, "this process or port already has a name"];
name_errors(_, _, notalive) -> [none, ?NO_PROCESS];
name_errors(Name, Pid, _) ->
    NameError = case Name of
                    undefined -> "'undefined' is not a valid name";
                    _ -> describe(atom, Name)
                end,
    PidError = if
                   is_pid(Pid); is_port(Pid) -> local(Pid);
                   true -> "not a pid or port"
               end,
    case {NameError, PidError} of
        {none, none} -> ["name is in use"];
        _ -> [NameError, PidError]
    end.

spawn_errors(spawn_opt, Args, Cause) ->
    {Called, [Options]} = lists:split(length(Args) - 1, Args),
    spawned(Called)
        ++ [case Cause of
                badopt -> blame(list, Options, "invalid spawn option");
                _ -> none
            end];
spawn_errors(_, Args, _) -> spawned(Args).

spawned(Args) ->
    Kinds = case length(Args) of
                1 -> ['fun'];
                2 -> [atom, 'fun'];
                3 -> [atom, atom, list];
                4 -> [atom, atom, atom, list]
            end,
    by_rules(Kinds, Args, none).

%% Which form was meant is guessed by the arguments.
request_errors([_], _) -> ["not a fun"];
request_errors([Fun, _], badopt) when is_function(Fun) ->
    [none, ?LIST_OPTION];
request_errors([Fun, _], _) when is_function(Fun) -> [];
request_errors([_, Fun], _) when is_function(Fun) -> ["not an atom"];
request_errors([Node, _], _) when is_atom(Node) -> [none, "not a fun"];
request_errors([_, _], _) -> ["not a fun or an atom"];
request_errors([Node, Fun, Options], Cause) when is_function(Fun) ->
    [describe(atom, Node), none,
     case Cause of
         badopt -> blame(list, Options, ?LIST_OPTION);
         _ -> describe(list, Options)
     end];
request_errors([_, _, _] = Args, _) -> spawned(Args);
request_errors([_, _, F, _] = Args, _) when is_atom(F) -> spawned(Args);
request_errors(Args, Cause) ->
    spawned(lists:droplast(Args))
        ++ [?LIST_OPTION || Cause =:= badopt].

trace_errors(WhoError, HowError, Options, badopt) ->
    [WhoError, HowError, blame(list, Options, ?LIST_OPTION)];
trace_errors(none, none, _, _) -> ["invalid spec for pid or port"];
trace_errors(WhoError, HowError, _, _) -> [WhoError, HowError].

pattern_errors(Options, badopt) ->
    [none, none | [blame(list, O, ?LIST_OPTION) || O <- Options]];
pattern_errors(Options, match_spec) ->
    [none, "invalid match specification" | [describe(list, O) || O <- Options]];
pattern_errors(_, call_count) ->
    [none, none,
     "a match spec is not allowed in combination with these options"];
pattern_errors(_, _) -> ["invalid MFA specification"].

local(Who) when is_pid(Who), node(Who) =/= node() -> "not a local pid";
local(Who) when is_port(Who), node(Who) =/= node() -> "not a local port";
local(_) -> none.

is_text([C | Text]) ->
    is_integer(C) andalso C >= 0 andalso C =< 16#10FFFF
        andalso not (C >= 16#D800 andalso C =< 16#DFFF)
        andalso is_text(Text);
is_text(Text) -> Text =:= [].

%%% BIFs that want arguments of certain kinds
%%%
%%% A rule is for one argument:
%%%   any                     it is never wrong
%%%   Kind                    it is wrong when it is not of this kind
%%%   {blame, Kind, Text}     it is wrong; Text says so when the kind is right
%%%   {suspect, Kind, Text}   as blame, if all before it are right
%%%   Text                    it is wrong
%%% What follows the last rule is never wrong.

rules(abs, 1) -> [number];
rules(adler32, 1) -> [{blame, any, "not an iodata term"}];
rules(adler32, 2) -> [word, iodata];
rules(adler32_combine, 3) -> [word, word, non_negative];
rules(alias, 1) -> [{blame, list, ?LIST_OPTION}];
rules(append, 2) -> ["not a list"];
rules(append_element, 2) -> [tuple];
rules(apply, 2) -> ['fun', list];
rules(apply, 3) -> [atom, atom, list];
rules(atom_to_binary, 1) -> [atom];
rules(atom_to_list, 1) -> [atom];
rules(binary_to_float, 1) ->
    [{blame, binary, "not a textual representation of a float"}];
rules(binary_to_integer, 1) ->
    [{blame, binary, "not a textual representation of an integer"}];
rules(binary_to_list, 1) -> [binary];
rules(binary_to_term, 1) ->
    [{blame, binary, "invalid external representation of a term"}];
rules(bit_size, 1) -> [bitstring];
rules(bitstring_to_list, 1) -> [bitstring];
rules(bump_reductions, 1) -> [non_negative];
rules(byte_size, 1) -> [bitstring];
rules(cancel_timer, 1) -> [reference];
rules(cancel_timer, 2) -> [reference, {suspect, list, ?LIST_OPTION}];
rules(ceil, 1) -> [number];
rules(check_old_code, 1) -> [atom];
rules(check_process_code, 2) -> [local_pid, atom];
rules(convert_time_unit, 3) -> [integer, time_unit, time_unit];
rules(crc32, N) -> rules(adler32, N);
rules(crc32_combine, N) -> rules(adler32_combine, N);
rules(delete_element, 2) -> [index, tuple];
rules(delete_module, 1) -> [atom];
rules(demonitor, 1) -> [reference];
rules(demonitor, 2) -> [reference, {suspect, list, ?LIST_OPTION}];
rules(display_string, 1) -> ["not a list of characters"];
rules(element, 2) -> [index, tuple];
rules(exit, 2) -> [pid];
rules(exit_signal, 2) -> [pid];
rules(external_size, 2) -> [any, {blame, list, ?LIST_OPTION}];
rules(float, 1) -> [{blame, number, "not a number"}];
rules(float_to_binary, 1) -> [float];
rules(float_to_binary, 2) -> [float, {suspect, list, ?LIST_OPTION}];
rules(float_to_list, N) -> rules(float_to_binary, N);
rules(floor, 1) -> [number];
rules(fun_info, 1) -> ['fun'];
rules(fun_info_mfa, 1) -> ['fun'];
rules(fun_to_list, 1) -> ['fun'];
rules(function_exported, 3) -> [atom, atom, non_negative];
rules(garbage_collect, 1) -> [local_pid];
rules(get_cookie, 1) -> [atom];
rules(group_leader, 2) -> [pid, pid];
rules(halt, _) -> ["invalid status"];
rules(hd, 1) -> ["not a nonempty list"];
rules(hibernate, 3) -> [atom, atom, list];
rules(insert_element, 3) -> [index, tuple];
rules(integer_to_binary, 1) -> [integer];
rules(integer_to_binary, 2) -> [integer, base];
rules(integer_to_list, N) -> rules(integer_to_binary, N);
rules(iolist_size, 1) -> [iodata];
rules(iolist_to_binary, 1) -> [iodata];
rules(iolist_to_iovec, 1) -> [iodata];
rules(is_builtin, 3) -> [atom, atom, non_negative];
rules(is_function, 2) -> [any, {blame, integer, "out of range"}];
rules(is_map_key, 2) -> [any, map];
rules(is_process_alive, 1) -> ["not a pid"];
%% the words of OTP: it is the second argument that is to be an atom
rules(is_record, 2) -> ["not an atom"];
rules(is_record, 3) -> [any, atom, integer];
rules(length, 1) -> ["not a list"];
rules(link, 1) -> [{blame, pid, ?NO_PROCESS}];
rules(list_to_atom, 1) -> [{blame, list, "not a list of characters"}];
rules(list_to_binary, 1) -> ["not an iolist term"];
rules(list_to_bitstring, 1) -> ["not a bitstring list"];
rules(list_to_float, 1) ->
    [{blame, text, "not a textual representation of a float"}];
rules(list_to_integer, 1) ->
    [{blame, text, "not a textual representation of an integer"}];
rules(list_to_pid, 1) ->
    [{blame, text, "not a textual representation of a pid"}];
rules(list_to_port, 1) ->
    [{blame, text, "not a textual representation of a port"}];
rules(list_to_ref, 1) ->
    [{blame, text, "not a textual representation of a reference"}];
rules(list_to_tuple, 1) -> ["not a list"];
rules(load_module, 2) -> [atom, binary];
rules(load_nif, 2) -> ["not a valid path name"];
rules(localtime_to_universaltime, _) -> [local_time, daylight];
rules(make_fun, 3) -> [atom, atom, non_negative];
rules(make_tuple, 2) -> ["out of range"];
rules(make_tuple, 3) -> [non_negative, any, {suspect, list, ?LIST_OPTION}];
rules(map_size, 1) -> [map];
rules(md5, 1) -> [iodata];
rules(md5_final, 1) -> [md5_context];
rules(md5_update, 2) -> [md5_context, iodata];
rules(module_loaded, 1) -> [atom];
rules(monitor_node, 2) -> [atom, boolean];
rules(monotonic_time, 1) -> ["invalid time unit"];
rules(node, 1) -> ["not a pid"];
rules(pid_to_list, 1) -> [pid];
rules(port_call, 3) -> [port_or_name, word];
rules(port_close, 1) -> [port_or_name];
rules(port_command, 2) -> [port_or_name, iodata];
rules(port_connect, 2) -> [port_or_name, local_pid];
rules(port_control, 3) -> [port_or_name, word, iodata];
rules(port_get_data, 1) -> [port_or_name];
rules(port_info, 1) -> [port_or_name];
rules(port_set_data, 2) -> [port_or_name];
rules(port_to_list, 1) -> [port];
rules(posixtime_to_universaltime, 1) -> ["not an integer"];
rules(prepare_loading, 2) -> [atom, binary];
rules(process_display, 2) -> [{blame, local_pid, ?NO_PROCESS}];
rules(process_info, 1) -> [local_pid];
rules(purge_module, 1) -> [atom];
rules(read_timer, 1) -> [reference];
rules(read_timer, 2) -> [reference, {suspect, list, ?LIST_OPTION}];
rules(ref_to_list, 1) -> [reference];
rules(resume_process, 1) ->
    [{blame, local_pid, "process is not suspended or is not alive"}];
rules(round, 1) -> [number];
rules(set_cookie, 1) -> [atom];
rules(set_cookie, 2) -> [live_node, atom];
rules(setelement, 3) -> [index, tuple];
rules(size, 1) -> ["not tuple or binary"];
rules(spawn_request_abandon, 1) -> [reference];
rules(split_binary, 2) -> [binary, non_negative];
rules(statistics, 1) -> ["invalid statistics item"];
rules(subtract, 2) -> [list, list];
rules(system_info, 1) -> ["invalid system info item"];
rules(system_monitor, 1) -> ["invalid system monitor item"];
rules(system_time, 1) -> ["invalid time unit"];
rules(term_to_binary, 2) -> [any, {blame, list, ?LIST_OPTION}];
rules(term_to_iovec, 2) -> [any, {blame, list, ?LIST_OPTION}];
rules(time_offset, 1) -> ["invalid time unit"];
rules(tl, 1) -> ["not a nonempty list"];
rules(trace_info, 2) -> [any, "invalid trace item"];
rules(trunc, 1) -> [number];
rules(tuple_size, 1) -> [tuple];
rules(tuple_to_list, 1) -> [tuple];
rules(unalias, 1) -> [reference];
rules(unique_integer, 1) -> [{blame, list, "invalid modifier"}];
rules(universaltime_to_localtime, 1) -> ["not a valid universal time"];
rules(universaltime_to_posixtime, 1) -> ["not a valid universal time"];
rules(unlink, 1) -> [pid];
%% the words of OTP for a name that nothing has
rules(unregister, 1) -> ["not a pid"];
rules(whereis, 1) -> [atom];
rules(_, _) -> [].

by_rules([Rule | Rules], [Arg | Args], Before) ->
    Error = by_rule(Rule, Arg, Args, Before),
    [Error | by_rules(Rules, Args, case Before of
                                       none -> Error;
                                       _ -> Before
                                   end)];
by_rules(_, _, _) -> [].

by_rule({blame, Kind, Text}, Arg, _, _) -> blame(Kind, Arg, Text);
by_rule({suspect, Kind, Text}, Arg, _, none) -> blame(Kind, Arg, Text);
by_rule({suspect, Kind, _}, Arg, _, _) -> describe(Kind, Arg);
by_rule(index, I, [Tuple | _], _) -> index(I, Tuple);
by_rule(Kind, Arg, _, _) when is_atom(Kind) -> describe(Kind, Arg);
by_rule(Text, _, _, _) -> Text.

%% A position of what is no tuple can only be too small.
index(I, Tuple) when is_tuple(Tuple) -> range(I, 1, tuple_size(Tuple));
index(I, _) -> describe(positive, I).

%% Text for what is of the kind, and wrong all the same.
blame(Kind, Term, Text) ->
    case describe(Kind, Term) of
        none -> Text;
        Error -> Error
    end.

%% An argument of which the cause of the failure tells.
blamed(Cause, Cause, Kind, Term) -> blame(Kind, Term, ?LIST_OPTION);
blamed(_, _, _, _) -> none.

range(I, _, _) when not is_integer(I) -> "not an integer";
range(I, Min, Max) when I < Min; I > Max -> "out of range";
range(_, _, _) -> none.

%% The text for what is not of kind [Kind], or none.
-spec describe(atom(), term()) -> string() | none.
describe(any, _) -> none;
describe(atom, A) when not is_atom(A) -> "not an atom";
describe(base, B) when not is_integer(B); B < 2; B > 36 ->
    "not an integer in the range 2 through 36";
describe(binary, B) when not is_binary(B) -> "not a binary";
describe(bitstring, B) when not is_bitstring(B) -> "not a bitstring";
describe(boolean, B) when not is_boolean(B) ->
    "not a boolean ('true' or 'false')";
describe(daylight, D) when not is_boolean(D), D =/= undefined ->
    "not 'true', 'false', or 'undefined'";
describe(encoding, E) when E =/= latin1, E =/= utf8, E =/= unicode ->
    "not one of the atoms: latin1, utf8, or unicode";
describe(float, F) when not is_float(F) -> "not a float";
describe('fun', F) when not is_function(F) -> "not a fun";
describe(integer, I) when not is_integer(I) -> "not an integer";
describe(iodata, D) ->
    described(fun() -> iolist_size(D) end, "not an iodata term");
describe(list, L) when not is_list(L) -> "not a list";
describe(list, L) -> described(fun() -> length(L) end, "not a proper list");
describe(live_node, nonode@nohost) ->
    "the node name is not part of a distributed system";
describe(live_node, Node) -> describe(atom, Node);
describe(local_pid, P) when is_pid(P) -> local(P);
describe(local_pid, _) -> "not a pid";
describe(local_time, T) ->
    described(fun() -> erlang:localtime_to_universaltime(T) end,
              "not a valid local time");
describe(map, M) when not is_map(M) -> "not a map";
describe(md5_context, C) when not is_binary(C) -> "not a binary";
describe(md5_context, C) ->
    case byte_size(C) =:= byte_size(erlang:md5_init()) of
        true -> none;
        false -> "invalid MD5 context"
    end;
describe(non_negative, N) -> range(N, 0, infinity);
describe(number, N) when not is_number(N) -> "not a number";
describe(pid, P) when not is_pid(P) -> "not a pid";
describe(port, P) when not is_port(P) -> "not a port";
describe(port_or_name, P) when is_port(P) -> local(P);
describe(port_or_name, P) when not is_atom(P) -> "not a port";
describe(positive, N) -> range(N, 1, infinity);
describe(reference, R) when not is_reference(R) -> "not a reference";
describe(text, L) -> described(fun() -> length(L) end, "not a list");
describe(time_unit, Unit) ->
    described(fun() -> erlang:convert_time_unit(1, native, Unit) end,
              "invalid time unit");
describe(tuple, T) when not is_tuple(T) -> "not a tuple";
describe(word, N) -> range(N, 0, 16#FFFFFFFF);
describe(_, _) -> none.

described(Try, Text) ->
    try
        _ = Try(),
        none
    catch error:_ -> Text
    end.

%%% Building of binaries

%% The cause is {Segment, Type, Error, Value}.
-spec format_bs_fail(term(), [tuple()]) -> map().
format_bs_fail(Reason, [{_, _, _, Info} | _]) ->
    case proplists:get_value(error_info, Info, #{}) of
        #{cause := {Segment0, Type, Error, Value}} = Given ->
            Segment = maps:get(override_segment_position, Given, Segment0),
            Print = maps:get(pretty_printer, Given, fun shortened/1),
            Text = io_lib:format("segment ~p of type '~ts': ~ts",
                                 [Segment, Type,
                                  segment(Reason, Type, Error, Value,
                                          Print)]),
            #{general => iolist_to_binary(Text),
              reason => <<"construction of binary failed">>};
        #{} -> #{}
    end.

segment(system_limit, _, size, Value, _) ->
    io_lib:format("the size ~p is too large", [Value]);
segment(_, _, short, Value, Print) ->
    ["the value ", Print(Value), " is shorter than the size of the segment"];
segment(_, _, size, Value, Print) ->
    ["expected a non-negative integer as size but got: ", Print(Value)];
segment(_, float, invalid, Value, Print) ->
    ["expected one of the supported sizes 16, 32, or 64 but got: ",
     Print(Value)];
segment(_, float, no_float, Value, Print) ->
    ["the value ", Print(Value), " is outside the range expressible as a "
     "float"];
segment(_, _, unit, Value, Print) when is_bitstring(Value) ->
    io_lib:format("the size of the value ~ts is not a multiple of the unit "
                  "for the segment", [Print(Value)]);
segment(_, binary, type, Value, Print) ->
    ["expected a binary but got: ", Print(Value)];
segment(_, integer, type, Value, Print) ->
    ["expected an integer but got: ", Print(Value)];
segment(_, float, type, Value, Print) ->
    ["expected a float or an integer but got: ", Print(Value)];
segment(_, Utf, type, Value, Print) ->
    io_lib:format("expected a non-negative integer encodable as ~ts but "
                  "got: ~ts", [Utf, Print(Value)]).

%% Of long numbers and bitstrings the beginning and the end.
shortened(N) when is_integer(N) ->
    Digits = integer_to_list(N),
    case length(Digits) of
        Size when Size < 48 -> Digits;
        Size -> [lists:sublist(Digits, 12), "...",
                 lists:nthtail(Size - 12, Digits)]
    end;
shortened(Bits) when is_bitstring(Bits), byte_size(Bits) >= 16 ->
    Middle = byte_size(Bits) - 10,
    <<First:8/binary, _:Middle/binary, Last/bitstring>> = Bits,
    "<<" ++ Lasts = lists:flatten(io_lib:format("~w", [Last])),
    Firsts = lists:flatten(io_lib:format("~w", [First])),
    [lists:sublist(Firsts, length(Firsts) - 2), "...,", Lasts];
shortened(Bits) when is_bitstring(Bits) -> io_lib:format("~p", [Bits]);
shortened(Term) -> io_lib:format("~P", [Term, 20]).
