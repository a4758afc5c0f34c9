%% SPDX-License-Identifier: Apache-2.0
%% erl_erts_errors: what is wrong with the arguments of a BIF that failed, for
%% the text of exceptions. Most BIFs only want arguments of certain kinds:
%% these stand in a table; the others have a clause of their own.
-module(erl_erts_errors).

-export([format_error/2, format_bs_fail/2, describe/2]).

-spec format_error(term(), [tuple()]) -> map().
format_error(Reason, [{M, F, Args, Info} | _]) when is_list(Args) ->
    Given = proplists:get_value(error_info, Info, #{}),
    Cause = maps:get(cause, Given, none),
    case Reason of
        system_limit -> limits(M, F, Args);
        _ -> numbered(errors(M, F, Args, Reason, Cause), 1)
    end;
format_error(_, _) -> #{}.

limits(erlang, F, _) when F =:= list_to_atom; F =:= binary_to_atom;
                          F =:= atom_to_list -> #{};
limits(_, _, _) -> #{}.

%% Errors are texts or kinds of things; none where nothing is wrong.
numbered([none | Errors], I) -> numbered(Errors, I + 1);
numbered([{general, Text} | Errors], I) ->
    (numbered(Errors, I))#{general => iolist_to_binary(Text)};
numbered([Error | Errors], I) ->
    (numbered(Errors, I + 1))#{I => iolist_to_binary(Error)};
numbered([], _) -> #{}.

errors(erlang, F, Args, Reason, Cause) ->
    case special(F, Args, Reason, Cause) of
        table -> by_kinds(F, Args);
        Errors -> Errors
    end;
errors(atomics, F, [Ref | Args], _, _) -> reference_array(atomics, F, Ref,
                                                          Args);
errors(counters, F, [Ref | Args], _, _) ->
    reference_array(counters, F, Ref, Args);
errors(persistent_term, get, [_], _, _) ->
    ["no persistent term stored with this key"];
errors(_, _, _, _, _) -> [].

reference_array(Module, new, Size, Options) ->
    case is_integer(Size) andalso Size > 0 of
        true when Module =:= atomics; Options =/= [] ->
            [none, "invalid option in list"];
        true -> [];
        false when is_integer(Size) -> ["out of range"];
        false -> ["not an integer"]
    end;
reference_array(Module, _, Ref, Args) ->
    try Module:info(Ref) of
        #{size := Size} ->
            case Args of
                [I | Values] ->
                    [none,
                     if
                         not is_integer(I) -> "not an integer";
                         I < 1; I > Size -> "out of range";
                         true -> none
                     end | [array_value(V) || V <- Values]];
                [] -> []
            end
    catch
        error:_ -> ["invalid atomics reference"]
    end.

array_value(V) when is_integer(V), abs(V) bsr 64 > 0 -> "out of range";
array_value(V) -> describe(integer, V).

%%% BIFs that need a closer look

special(register, [Name, Pid], _, Cause) -> register_errors(Name, Pid, Cause);
special(unregister, [Name], _, _) when is_atom(Name) ->
    %% the words of OTP for a name that nothing has
    ["not a pid"];
special(Send, [To | _], _, _)
  when Send =:= send; Send =:= send_nosuspend ->
    [destination(To)];
special(F, [Time, To | _], _, _)
  when F =:= send_after; F =:= start_timer ->
    [time(Time), case destination_kind(To) of
                     ok -> none;
                     bad -> "not a pid or an atom"
                 end];
special(process_info, [Pid], _, _) -> [local_pid(Pid)];
special(process_info, [Pid, _], _, _) ->
    case local_pid(Pid) of
        none -> [none, "invalid item or item list"];
        Error -> [Error]
    end;
special(process_flag, [Flag, _], _, _) -> flag_errors(Flag);
special(process_display, [Pid, _], _, _) ->
    case local_pid(Pid) of
        none -> [none, "invalid value"];
        Error -> [Error]
    end;
special(is_process_alive, [Pid], _, _) -> [local_pid(Pid)];
special(monitor, [Type, Item], _, _) ->
    case lists:member(Type, [process, port, time_offset]) of
        true when Type =:= process, not is_pid(Item) ->
            [none, "not a pid"];
        true -> [none, "invalid item"];
        false -> ["invalid monitor type"]
    end;
special(element, [I, T], _, _) ->
    [index(I, T), describe(tuple, T)];
special(setelement, [I, T, _], _, _) ->
    [index(I, T), describe(tuple, T)];
special(delete_element, [I, T], _, _) ->
    [index(I, T), describe(tuple, T)];
special(insert_element, [I, T, _], _, _) ->
    [index(I, T), describe(tuple, T)];
special(Get, [K, Map | _], Reason, _)
  when Get =:= map_get; Get =:= is_map_key ->
    case Reason of
        {badkey, K} -> ["not present in map"];
        _ -> [none, describe(map, Map)]
    end;
special(list_to_integer, [Text], _, _) -> textual(Text, "an integer");
special(list_to_float, [Text], _, _) -> textual(Text, "a float");
special(list_to_pid, [Text], _, _) -> textual(Text, "a pid");
special(list_to_ref, [Text], _, _) -> textual(Text, "a reference");
special(list_to_port, [Text], _, _) -> textual(Text, "a port");
special(list_to_integer, [Text, Base], _, _) ->
    case is_integer(Base) andalso Base >= 2 andalso Base =< 36 of
        true -> textual(Text, "an integer");
        false ->
            [describe(list, Text),
             "not an integer in the range 2 through 36"]
    end;
special(binary_to_integer, [Bin], _, _) -> textual_binary(Bin, "an integer");
special(binary_to_float, [Bin], _, _) -> textual_binary(Bin, "a float");
special(list_to_existing_atom, [Text], _, _) ->
    case is_text(Text) of
        true -> ["not an already existing atom"];
        false -> [describe(list, Text)]
    end;
special(F, [Bin | _], _, _)
  when F =:= binary_to_existing_atom, is_binary(Bin) ->
    ["not an already existing atom"];
special(list_to_atom, [Text], _, _) ->
    [case describe(list, Text) of
         none -> "not a list of characters";
         Error -> Error
     end];
special(binary_to_term, [Bin], _, _) ->
    [case describe(binary, Bin) of
         none -> "invalid external representation of a term";
         Error -> Error
     end];
special(binary_to_term, [Bin, Options], _, _) when is_list(Options) ->
    [case describe(binary, Bin) of
         none ->
             case lists:member(safe, Options) of
                 true ->
                     "invalid or unsafe external representation of a term";
                 false -> "invalid external representation of a term"
             end;
         Error -> Error
     end];
special(system_info, [_], _, _) -> ["invalid system info item"];
special(statistics, [_], _, _) -> ["invalid statistics item"];
special(memory, [_], _, _) -> ["invalid memory type option"];
special(system_flag, [_, _], _, _) -> ["invalid system flag"];
special(hd, [_], _, _) -> ["not a nonempty list"];
special(tl, [_], _, _) -> ["not a nonempty list"];
special(length, [_], _, _) -> ["not a list"];
special(link, [Pid], noproc, _) when is_pid(Pid) -> [];
special(binary_part, [Bin, Start, Length], _, _) ->
    part(Bin, Start, Length);
special(group_leader, [Leader, Pid], _, _) ->
    [if is_pid(Leader) -> none; true -> "not a pid" end,
     if is_pid(Pid) -> none; true -> "not a pid" end];
special(halt, [_ | _], _, _) -> ["invalid status"];
special(F, [_ | Units], _, _) when F =:= convert_time_unit, Units =/= [] ->
    [none | [unit(U) || U <- Units]];
special(F, [Unit], _, _)
  when F =:= monotonic_time; F =:= system_time; F =:= time_offset ->
    [unit(Unit)];
special(trace, [_, How, Options], _, badopt) ->
    [none, boolean(How), options(Options)];
special(trace, [_, How, _], _, _) ->
    case boolean(How) of
        none -> ["invalid spec for pid or port"];
        Error -> [none, Error]
    end;
special(trace_pattern, [_, _ | Options], _, Cause) ->
    case Cause of
        badopt -> [none, none | [options(O) || O <- Options]];
        match_spec -> [none, "invalid match specification"];
        call_count ->
            [none, none, "a match spec is not allowed in combination with "
             "these options"];
        _ -> ["invalid MFA specification"]
    end;
special(trace_delivered, [_], _, _) -> ["not a pid or 'all'"];
special(trace_info, [_, _], _, badopt) ->
    ["not a valid tracee specification"];
special(trace_info, [_, _], _, _) -> [none, "invalid trace item"];
special(system_monitor, [_], _, _) -> ["invalid system monitor item"];
special(system_monitor, [Pid, Options], _, _) ->
    case local_pid(Pid) of
        none when is_list(Options) ->
            [none, "invalid system monitor option"];
        Error -> [Error, describe(list, Options)]
    end;
special(match_spec_test, [_, _, Type], _, _) ->
    case Type of
        trace -> ["not a list"];
        table -> ["not a tuple"];
        _ -> [none, none, "invalid type for match spec"]
    end;
special(_, _, _, _) -> table.

boolean(How) when is_boolean(How) -> none;
boolean(_) -> "not a boolean ('true' or 'false')".

options(List) when is_list(List) ->
    case is_integer(catch length(List)) of
        true -> "invalid option in list";
        false -> "not a proper list"
    end;
options(_) -> "not a list".

register_errors(undefined, _, _) -> ["'undefined' is not a valid name"];
register_errors(Name, _, _) when not is_atom(Name) -> ["not an atom"];
register_errors(_, Pid, _) when not is_pid(Pid), not is_port(Pid) ->
    [none, "not a pid or port"];
register_errors(_, Pid, _) when is_pid(Pid), node(Pid) =/= node() ->
    [none, "not a local pid"];
register_errors(_, _, registered_name) ->
    [none, "this process or port already has a name"];
register_errors(_, _, notalive) ->
    [none, "the pid does not refer to an existing process"];
register_errors(_, _, _) -> ["name is in use"].

flag_errors(Flag) ->
    Known = [async_dist, trap_exit, error_handler, fullsweep_after,
             min_heap_size, min_bin_vheap_size, max_heap_size,
             message_queue_data, priority, save_calls, sensitive,
             monitor_nodes],
    case lists:member(Flag, Known) orelse is_tuple(Flag) of
        true -> [none, "invalid value for this process flag"];
        false when is_atom(Flag) -> ["invalid process flag"];
        false -> ["not an atom"]
    end.

destination(To) ->
    case destination_kind(To) of
        bad -> "invalid destination";
        ok when is_atom(To) -> "invalid destination";
        ok -> none
    end.

destination_kind(To) when is_pid(To); is_port(To); is_atom(To);
                          is_reference(To) -> ok;
destination_kind({Name, Node}) when is_atom(Name), is_atom(Node) -> ok;
destination_kind(_) -> bad.

time(Time) when is_integer(Time), Time >= 0 ->
    case Time > 1 bsl 64 of
        true -> "exceeds the maximum supported time value";
        false -> none
    end;
time(Time) when is_integer(Time) -> "out of range";
time(_) -> "not an integer".

unit(Unit) when is_integer(Unit), Unit > 0 -> none;
unit(Unit) ->
    case lists:member(Unit, [second, millisecond, microsecond, nanosecond,
                             native, perf_counter]) of
        true -> none;
        false -> "invalid time unit"
    end.

local_pid(Pid) when is_pid(Pid), node(Pid) =:= node() -> none;
local_pid(Pid) when is_pid(Pid) -> "not a local pid";
local_pid(_) -> "not a pid".

index(I, T) when is_integer(I), is_tuple(T), I >= 1, I =< tuple_size(T) ->
    none;
index(I, _) when is_integer(I) -> "out of range";
index(_, _) -> "not an integer".

is_text(Text) ->
    is_list(Text) andalso
        (catch lists:all(fun(C) -> is_integer(C) andalso C >= 0 end, Text))
        =:= true.

textual(Text, What) ->
    case is_text(Text) of
        true -> ["not a textual representation of " ++ What];
        false when is_list(Text) -> ["not a list of characters"];
        false -> ["not a list"]
    end.

textual_binary(Bin, What) when is_binary(Bin) ->
    ["not a textual representation of " ++ What];
textual_binary(Bin, _) -> [describe(binary, Bin)].

part(Bin, Start, Length) ->
    case describe(binary, Bin) of
        none ->
            if
                not is_integer(Start) -> [none, "not an integer"];
                Start < 0; Start > byte_size(Bin) -> [none, "out of range"];
                not is_integer(Length) -> [none, none, "not an integer"];
                true -> [none, none, "out of range"]
            end;
        Error -> [Error]
    end.

%%% BIFs that want arguments of certain kinds

by_kinds(F, Args) ->
    case kinds(F, length(Args)) of
        unknown -> [];
        Kinds -> [describe(K, A) || {K, A} <- lists:zip(Kinds, Args)]
    end.

kinds(abs, 1) -> [number];
kinds(apply, 2) -> ['fun', list];
kinds(apply, 3) -> [atom, atom, list];
kinds(atom_to_list, 1) -> [atom];
kinds(atom_to_binary, 1) -> [atom];
kinds(atom_to_binary, 2) -> [atom, encoding];
kinds(append_element, 2) -> [tuple, any];
kinds(binary_to_atom, 1) -> [binary];
kinds(binary_to_atom, 2) -> [binary, encoding];
kinds(binary_to_existing_atom, 1) -> [binary];
kinds(binary_to_list, _) -> [binary];
kinds(bit_size, 1) -> [bitstring];
kinds(bitstring_to_list, 1) -> [bitstring];
kinds(byte_size, 1) -> [bitstring];
kinds(ceil, 1) -> [number];
kinds(check_old_code, 1) -> [atom];
kinds(check_process_code, 2) -> [pid, atom];
kinds(crc32, 1) -> [iodata];
kinds(delete_module, 1) -> [atom];
kinds(demonitor, 1) -> [reference];
kinds(demonitor, 2) -> [reference, list];
kinds(disconnect_node, 1) -> [atom];
kinds(exit, 2) -> [pid, any];
kinds(float, 1) -> [number];
kinds(float_to_list, 1) -> [float];
kinds(float_to_binary, 1) -> [float];
kinds(floor, 1) -> [number];
kinds(fun_info, 1) -> ['fun'];
kinds(fun_info, 2) -> ['fun', atom];
kinds(fun_to_list, 1) -> ['fun'];
kinds(function_exported, 3) -> [atom, atom, integer];
kinds(garbage_collect, 1) -> [pid];
kinds(get_module_info, _) -> [atom];
kinds(integer_to_binary, 1) -> [integer];
kinds(integer_to_binary, 2) -> [integer, base];
kinds(integer_to_list, 1) -> [integer];
kinds(integer_to_list, 2) -> [integer, base];
kinds(iolist_size, 1) -> [iodata];
kinds(iolist_to_binary, 1) -> [iodata];
kinds(link, 1) -> [pid];
kinds(list_to_binary, 1) -> [iolist];
kinds(list_to_bitstring, 1) -> [iolist];
kinds(list_to_tuple, 1) -> [list];
kinds(make_fun, 3) -> [atom, atom, integer];
kinds(make_tuple, 2) -> [integer, any];
kinds(map_size, 1) -> [map];
kinds(md5, 1) -> [iodata];
kinds(module_loaded, 1) -> [atom];
kinds(node, 1) -> [pid];
kinds(phash, 2) -> [any, integer];
kinds(phash2, 2) -> [any, integer];
kinds(pid_to_list, 1) -> [pid];
kinds(port_to_list, 1) -> [port];
kinds(purge_module, 1) -> [atom];
kinds(ref_to_list, 1) -> [reference];
kinds(round, 1) -> [number];
kinds(size, 1) -> [tuple_or_binary];
kinds(spawn, 1) -> ['fun'];
kinds(spawn, 2) -> [atom, 'fun'];
kinds(spawn, 3) -> [atom, atom, list];
kinds(spawn_link, 1) -> ['fun'];
kinds(spawn_link, 3) -> [atom, atom, list];
kinds(spawn_monitor, 1) -> ['fun'];
kinds(spawn_monitor, 3) -> [atom, atom, list];
kinds(spawn_opt, 2) -> ['fun', list];
kinds(spawn_opt, 4) -> [atom, atom, list, list];
kinds(split_binary, 2) -> [binary, integer];
kinds(cancel_timer, _) -> [reference];
kinds(read_timer, _) -> [reference];
kinds(resume_process, 1) -> [pid];
kinds(suspend_process, 1) -> [pid];
kinds(term_to_binary, 2) -> [any, list];
kinds(trunc, 1) -> [number];
kinds(tuple_size, 1) -> [tuple];
kinds(tuple_to_list, 1) -> [tuple];
kinds(unlink, 1) -> [pid];
kinds(unregister, 1) -> [atom];
kinds(whereis, 1) -> [atom];
kinds(_, _) -> unknown.

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
describe(encoding, E) when E =/= latin1, E =/= utf8, E =/= unicode ->
    "not one of the atoms: latin1, utf8, or unicode";
describe(float, F) when not is_float(F) -> "not a float";
describe('fun', F) when not is_function(F) -> "not a fun";
describe(integer, I) when not is_integer(I) -> "not an integer";
describe(iodata, D) when not is_list(D), not is_binary(D) ->
    "not an iodata term";
describe(iodata, D) ->
    try
        iolist_size(D),
        none
    catch error:_ -> "not an iodata term"
    end;
describe(iolist, L) ->
    try
        is_list(L) orelse throw(no),
        iolist_size(L),
        none
    catch _:_ -> "not an iolist term"
    end;
describe(list, L) when not is_list(L) -> "not a list";
describe(list, L) ->
    try
        _ = length(L),
        none
    catch error:_ -> "not a proper list"
    end;
describe(map, M) when not is_map(M) -> "not a map";
describe(number, N) when not is_number(N) -> "not a number";
describe(pid, P) when not is_pid(P) -> "not a pid";
describe(port, P) when not is_port(P) -> "not a port";
describe(reference, R) when not is_reference(R) -> "not a reference";
describe(tuple, T) when not is_tuple(T) -> "not a tuple";
describe(tuple_or_binary, T) when not is_tuple(T), not is_binary(T) ->
    "not a tuple or a binary";
describe(_, _) -> none.

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

segment(system_limit, _, size, Value, Print) ->
    ["the size ", Print(Value), " is too large"];
segment(_, _, short, Value, Print) ->
    ["the value ", Print(Value), " is shorter than the size of the segment"];
segment(_, _, size, Value, Print) when is_integer(Value) ->
    ["expected a non-negative integer as size but got: ", Print(Value)];
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

shortened(Term) ->
    io_lib:format("~0P", [Term, 10]).
