%% SPDX-License-Identifier: Apache-2.0
%% inet_dns: messages of the domain name system (RFC 1035 and others): between
%% bytes and the records of inet_dns.hrl, and access to these records by the
%% names of their fields.
%%
%% Domains are strings whose labels have dots between them; a dot or backslash
%% inside of a label has a backslash before it. Records of types that are not
%% known keep their bytes.
-module(inet_dns).

-export([decode/1, encode/1, record_type/1]).
-export([msg/1, msg/2, make_msg/0, make_msg/1, make_msg/2, make_msg/3,
         header/1, header/2, make_header/0, make_header/1, make_header/2,
         make_header/3, rr/1, rr/2, make_rr/0, make_rr/1, make_rr/2, make_rr/3,
         dns_query/1, dns_query/2, make_dns_query/0, make_dns_query/1,
         make_dns_query/2, make_dns_query/3]).

-include("inet_dns.hrl").

-define(FAR, 16#4000).   % where no pointer leads
-define(JUMPS_MOST, 64). % pointers in one name

%%% Names and numbers

types() ->
    [{a, 1}, {ns, 2}, {md, 3}, {mf, 4}, {cname, 5}, {soa, 6}, {mb, 7}, {mg, 8},
     {mr, 9}, {null, 10}, {wks, 11}, {ptr, 12}, {hinfo, 13}, {minfo, 14},
     {mx, 15}, {txt, 16}, {aaaa, 28}, {srv, 33}, {naptr, 35}, {opt, 41},
     {spf, 99}, {uinfo, 100}, {uid, 101}, {gid, 102}, {unspec, 103},
     {axfr, 252}, {mailb, 253}, {maila, 254}, {any, 255}, {uri, 256},
     {caa, 257}].

classes() -> [{in, 1}, {chaos, 3}, {hs, 4}, {any, 255}].

opcodes() ->
    [{query, 0}, {iquery, 1}, {status, 2}, {updatea, 9}, {updated, 10},
     {updateda, 11}, {updatem, 12}, {updatema, 13}, {zoneinit, 14},
     {zoneref, 15}].

number(Name, Names) when is_atom(Name) ->
    {_, Number} = lists:keyfind(Name, 1, Names),
    Number;
number(Number, _) -> Number.

name(Number, Names) ->
    case lists:keyfind(Number, 2, Names) of
        {Name, _} -> Name;
        false -> Number
    end.

%%% Reading

-spec decode(binary()) -> {ok, #dns_rec{}} | {error, formerr}.
decode(Bytes) ->
    try message(Bytes) of
        Message -> {ok, Message}
    catch
        error:_ -> {error, formerr};
        throw:_ -> {error, formerr}
    end.

message(<<Id:16, Qr:1, Opcode:4, Aa:1, Tc:1, Rd:1, Ra:1, Pr:1, _:2, Rcode:4,
          Qd:16, An:16, Ns:16, Ar:16, Rest/binary>> = All) ->
    Header = #dns_header{id = Id, qr = Qr =:= 1,
                         opcode = name(Opcode, opcodes()), aa = Aa =:= 1, tc = Tc =:= 1, rd = Rd =:= 1,
                         ra = Ra =:= 1, pr = Pr =:= 1, rcode = Rcode},
    {Questions, Rest1} = times(Qd, Rest, fun(B) -> question(B, All) end),
    Cut = Tc =:= 1,
    {Answers, Rest2} = records(An, Rest1, All, Cut),
    {Authorities, Rest3} = records(Ns, Rest2, All, Cut),
    {Others, <<>>} = records(Ar, Rest3, All, Cut),
    #dns_rec{header = Header, qdlist = Questions, anlist = Answers,
             nslist = Authorities, arlist = Others}.

times(0, Bytes, _) -> {[], Bytes};
times(N, Bytes, Read) ->
    {One, Rest} = Read(Bytes),
    {Others, Last} = times(N - 1, Rest, Read),
    {[One | Others], Last}.

question(Bytes, All) ->
    {Domain, <<Type:16, Flag:1, Class:15, Rest/binary>>} = domain(Bytes, All),
    {#dns_query{domain = Domain, type = name(Type, types()),
                class = name(Class, classes()),
                unicast_response = Flag =:= 1}, Rest}.

%% A message that was cut may end anywhere.
records(_, <<>>, _, true) -> {[], <<>>};
records(N, Bytes, All, _) -> times(N, Bytes, fun(B) -> record(B, All) end).

record(Bytes, All) ->
    case domain(Bytes, All) of
        {Domain, <<41:16, Size:16, Ext, Version, Z:16, Length:16,
                   Data:Length/binary, Rest/binary>>} ->
            {#dns_rr_opt{domain = Domain, udp_payload_size = Size,
                         ext_rcode = Ext, version = Version, z = Z,
                         data = Data}, Rest};
        {Domain, <<TypeNumber:16, Flag:1, ClassNumber:15, Ttl:32/signed,
                   Length:16, Data:Length/binary, Rest/binary>>} ->
            Type = name(TypeNumber, types()),
            Class = name(ClassNumber, classes()),
            {#dns_rr{domain = Domain, type = Type, class = Class,
                     ttl = max(0, Ttl), data = data(Type, Class, Data, All),
                     func = Flag =:= 1}, Rest}
    end.

data(a, in, <<A, B, C, D>>, _) -> {A, B, C, D};
data(aaaa, in, <<A:16, B:16, C:16, D:16, E:16, F:16, G:16, H:16>>, _) ->
    {A, B, C, D, E, F, G, H};
data(Type, _, Data, All)
  when Type =:= ns; Type =:= md; Type =:= mf; Type =:= cname; Type =:= mb;
       Type =:= mg; Type =:= mr; Type =:= ptr ->
    {Domain, <<>>} = domain(Data, All),
    Domain;
data(soa, _, Data, All) ->
    {Server, Rest} = domain(Data, All),
    {Person, <<Serial:32, Refresh:32/signed, Retry:32/signed,
               Expiry:32/signed, Least:32>>} = domain(Rest, All),
    {Server, Person, Serial, Refresh, Retry, Expiry, Least};
data(mx, _, <<Preference:16, Data/binary>>, All) ->
    {Domain, <<>>} = domain(Data, All),
    {Preference, Domain};
data(srv, _, <<Priority:16, Weight:16, Port:16, Data/binary>>, All) ->
    {Domain, <<>>} = domain(Data, All),
    {Priority, Weight, Port, Domain};
data(minfo, _, Data, All) ->
    {Responsible, Rest} = domain(Data, All),
    {Errors, <<>>} = domain(Rest, All),
    {Responsible, Errors};
data(hinfo, _, Data, _) -> list_to_tuple([_, _] = strings(Data));
data(Type, _, Data, _) when Type =:= txt; Type =:= spf -> strings(Data);
data(wks, in, <<A, B, C, D, Protocol, Ports/binary>>, _) ->
    {{A, B, C, D}, Protocol, Ports};
data(naptr, _, <<Order:16, Preference:16, Data/binary>>, All) ->
    {Flags, Rest1} = text(Data),
    {Services, Rest2} = text(Rest1),
    {Pattern, Rest3} = text(Rest2),
    {Domain, <<>>} = domain(Rest3, All),
    {Order, Preference, string:lowercase(Flags), string:lowercase(Services),
     unicode:characters_to_list(list_to_binary(Pattern)), Domain};
data(uri, _, <<Priority:16, Weight:16, Target/binary>>, _) ->
    {Priority, Weight, binary_to_list(Target)};
data(caa, _, <<Flags, Data/binary>>, _) ->
    {Tag, Value} = text(Data),
    {Flags, string:lowercase(Tag), binary_to_list(Value)};
data(_, _, Data, _) -> Data.

text(<<Size, Text:Size/binary, Rest/binary>>) -> {binary_to_list(Text), Rest}.

strings(<<>>) -> [];
strings(Bytes) ->
    {Text, Rest} = text(Bytes),
    [Text | strings(Rest)].

%% A domain and what is behind it. A pointer leads to where its rest stands.
domain(Bytes, All) ->
    {Labels, Rest} = labels(Bytes, All, ?JUMPS_MOST),
    {lists:append(lists:join(".", Labels)), Rest}.

labels(<<0, Rest/binary>>, _, _) -> {[], Rest};
labels(<<0:2, Size:6, Label:Size/binary, Rest/binary>>, All, Jumps) ->
    {Labels, Last} = labels(Rest, All, Jumps),
    {[escaped(binary_to_list(Label)) | Labels], Last};
labels(<<3:2, Place:14, Rest/binary>>, All, Jumps) when Jumps > 0 ->
    <<_:Place/binary, There/binary>> = All,
    {Labels, _} = labels(There, All, Jumps - 1),
    {Labels, Rest}.

escaped(Label) ->
    lists:flatmap(fun(C) when C =:= $.; C =:= $\\ -> [$\\, C];
                     (C) -> [C]
                  end, Label).

%%% Writing

-spec encode(#dns_rec{}) -> binary().
encode(#dns_rec{header = H, qdlist = Qd, anlist = An, nslist = Ns,
                arlist = Ar}) ->
    #dns_header{id = Id, qr = Qr, opcode = Opcode, aa = Aa, tc = Tc, rd = Rd,
                ra = Ra, pr = Pr, rcode = Rcode} = H,
    Start = <<Id:16, (bit(Qr)):1, (number(Opcode, opcodes())):4, (bit(Aa)):1,
              (bit(Tc)):1, (bit(Rd)):1, (bit(Ra)):1, (bit(Pr)):1, 0:2, Rcode:4,
              (length(Qd)):16, (length(An)):16, (length(Ns)):16,
              (length(Ar)):16>>,
    {Asked, Seen} = lists:foldl(fun add_question/2, {Start, #{}}, Qd),
    {Bytes, _} = lists:foldl(fun add_record/2, {Asked, Seen}, An ++ Ns ++ Ar),
    Bytes.

bit(true) -> 1;
bit(false) -> 0;
bit(N) -> N.

add_question(#dns_query{domain = Domain, type = Type, class = Class,
                        unicast_response = Flag}, {Bytes, Seen}) ->
    {Bytes1, Seen1} = add_domain(Domain, Bytes, Seen),
    {<<Bytes1/binary, (number(Type, types())):16, (bit(Flag)):1,
       (number(Class, classes())):15>>, Seen1}.

add_record(#dns_rr_opt{udp_payload_size = Size, ext_rcode = Ext,
                       version = Version, z = Z, data = Data0},
           {Bytes, Seen}) ->
    Data = iolist_to_binary(Data0),
    {<<Bytes/binary, 0, 41:16, Size:16, Ext, Version, Z:16,
       (byte_size(Data)):16, Data/binary>>, Seen};
add_record(#dns_rr{domain = Domain, type = Type, class = Class, ttl = Ttl,
                   data = Data, func = Flag}, {Bytes, Seen}) ->
    {Bytes1, Seen1} = add_domain(Domain, Bytes, Seen),
    Head = <<Bytes1/binary, (number(Type, types())):16, (bit(Flag)):1,
             (number(Class, classes())):15, Ttl:32>>,
    %% The length is known when the data is there, which may have pointers.
    {<<Whole/binary>>, Seen2} = add_data(Type, Data, <<Head/binary, 0:16>>,
                                         Seen1),
    Size = byte_size(Head),
    Length = byte_size(Whole) - Size - 2,
    <<_:Size/binary, _:16, Tail/binary>> = Whole,
    {<<Head/binary, Length:16, Tail/binary>>, Seen2}.

add_data(_, Data, Bytes, Seen) when is_binary(Data) ->
    {<<Bytes/binary, Data/binary>>, Seen};
add_data(a, {A, B, C, D}, Bytes, Seen) ->
    {<<Bytes/binary, A, B, C, D>>, Seen};
add_data(aaaa, {A, B, C, D, E, F, G, H}, Bytes, Seen) ->
    {<<Bytes/binary, A:16, B:16, C:16, D:16, E:16, F:16, G:16, H:16>>, Seen};
add_data(Type, Domain, Bytes, Seen)
  when Type =:= ns; Type =:= md; Type =:= mf; Type =:= cname; Type =:= mb;
       Type =:= mg; Type =:= mr; Type =:= ptr ->
    add_domain(Domain, Bytes, Seen);
add_data(soa, {Server, Person, Serial, Refresh, Retry, Expiry, Least}, Bytes,
         Seen) ->
    {Bytes1, Seen1} = add_domain(Server, Bytes, Seen),
    {Bytes2, Seen2} = add_domain(Person, Bytes1, Seen1),
    {<<Bytes2/binary, Serial:32, Refresh:32, Retry:32, Expiry:32, Least:32>>,
     Seen2};
add_data(mx, {Preference, Domain}, Bytes, Seen) ->
    add_domain(Domain, <<Bytes/binary, Preference:16>>, Seen);
add_data(srv, {Priority, Weight, Port, Domain}, Bytes, Seen) ->
    {<<Bytes/binary, Priority:16, Weight:16, Port:16,
       (plain_domain(Domain))/binary>>, Seen};
add_data(minfo, {Responsible, Errors}, Bytes, Seen) ->
    {Bytes1, Seen1} = add_domain(Responsible, Bytes, Seen),
    add_domain(Errors, Bytes1, Seen1);
add_data(hinfo, {Cpu, System}, Bytes, Seen) ->
    {<<Bytes/binary, (string(Cpu))/binary, (string(System))/binary>>, Seen};
add_data(Type, Texts, Bytes, Seen) when Type =:= txt; Type =:= spf ->
    {<<Bytes/binary, << <<(string(T))/binary>> || T <- Texts >>/binary>>, Seen};
add_data(wks, {{A, B, C, D}, Protocol, Ports}, Bytes, Seen) ->
    {<<Bytes/binary, A, B, C, D, Protocol, Ports/binary>>, Seen};
add_data(naptr, {Order, Preference, Flags, Services, Pattern, Domain}, Bytes,
         Seen) ->
    {<<Bytes/binary, Order:16, Preference:16, (string(Flags))/binary,
       (string(Services))/binary,
       (string(unicode:characters_to_binary(Pattern)))/binary,
       (plain_domain(Domain))/binary>>, Seen};
add_data(uri, {Priority, Weight, Target}, Bytes, Seen) ->
    {<<Bytes/binary, Priority:16, Weight:16,
       (iolist_to_binary(Target))/binary>>, Seen};
add_data(caa, {Flags, Tag, Value}, Bytes, Seen) ->
    {<<Bytes/binary, Flags, (string(Tag))/binary,
       (iolist_to_binary(Value))/binary>>, Seen}.

string(Text) ->
    Bytes = iolist_to_binary(Text),
    true = byte_size(Bytes) < 256,
    <<(byte_size(Bytes)), Bytes/binary>>.

%% Appends a domain; what of it stands in the message already becomes a pointer.
%% Seen: where the ends of domains stand, in small letters.
add_domain(Domain, Bytes, Seen) -> add_labels(split(Domain), Bytes, Seen).

add_labels([], Bytes, Seen) -> {<<Bytes/binary, 0>>, Seen};
add_labels([Label | Rest] = Labels, Bytes, Seen) ->
    Key = [inet_db:tolower(L) || L <- Labels],
    case Seen of
        #{Key := Place} -> {<<Bytes/binary, 3:2, Place:14>>, Seen};
        _ ->
            Place = byte_size(Bytes),
            Seen1 = if
                        Place < ?FAR -> Seen#{Key => Place};
                        true -> Seen
                    end,
            add_labels(Rest, <<Bytes/binary, (label(Label))/binary>>, Seen1)
    end.

label(Label) ->
    Bytes = list_to_binary(Label),
    true = byte_size(Bytes) < 64,
    <<(byte_size(Bytes)), Bytes/binary>>.

plain_domain(Domain) ->
    << <<(label(L))/binary>> || L <- split(Domain) ++ [""] >>.

%% The labels of a domain, which may have a dot at its end.
split(Domain) ->
    case split(Domain, []) of
        [""] -> [];
        Labels ->
            case lists:last(Labels) of
                "" -> lists:droplast(Labels);
                _ -> Labels
            end
    end.

split([$\\, C | Cs], Label) -> split(Cs, [C | Label]);
split([$. | Cs], Label) -> [lists:reverse(Label) | split(Cs, [])];
split([C | Cs], Label) -> split(Cs, [C | Label]);
split([], Label) -> [lists:reverse(Label)].

%%% Fields by their names

-spec record_type(term()) -> msg | rr | dns_query | header | undefined.
record_type(#dns_rec{}) -> msg;
record_type(#dns_rr{}) -> rr;
record_type(#dns_rr_opt{}) -> rr;
record_type(#dns_query{}) -> dns_query;
record_type(#dns_header{}) -> header;
record_type(_) -> undefined.

fields(#dns_rec{}) -> record_info(fields, dns_rec);
fields(#dns_rr{}) -> record_info(fields, dns_rr);
fields(#dns_rr_opt{}) -> record_info(fields, dns_rr_opt);
fields(#dns_query{}) -> record_info(fields, dns_query);
fields(#dns_header{}) -> record_info(fields, dns_header).

%% All as a list, one value, or several.
all(Record) ->
    lists:sort(lists:zip(fields(Record), tl(tuple_to_list(Record)))).

value(Record, Names) when is_list(Names) ->
    [{Name, value(Record, Name)} || Name <- Names];
value(Record, Name) ->
    {_, Value} = lists:keyfind(Name, 1, all(Record)),
    Value.

with(Record, Pairs) ->
    lists:foldl(fun({Name, Value}, R) -> with(R, Name, Value) end, Record,
                Pairs).

with(Record, Name, Value) ->
    setelement(place(Name, fields(Record), 2), Record, Value).

place(Name, [Name | _], N) -> N;
place(Name, [_ | Names], N) -> place(Name, Names, N + 1).

msg(#dns_rec{} = R) -> all(R).
msg(#dns_rec{} = R, Names) -> value(R, Names).
make_msg() -> #dns_rec{}.
make_msg(Pairs) when is_list(Pairs) -> with(#dns_rec{}, Pairs).
make_msg(Name, Value) when is_atom(Name) -> with(#dns_rec{}, Name, Value);
make_msg(#dns_rec{} = R, Pairs) -> with(R, Pairs).
make_msg(#dns_rec{} = R, Name, Value) -> with(R, Name, Value).

header(#dns_header{} = R) -> all(R).
header(#dns_header{} = R, Names) -> value(R, Names).
make_header() -> #dns_header{}.
make_header(Pairs) when is_list(Pairs) -> with(#dns_header{}, Pairs).
make_header(Name, Value) when is_atom(Name) ->
    with(#dns_header{}, Name, Value);
make_header(#dns_header{} = R, Pairs) -> with(R, Pairs).
make_header(#dns_header{} = R, Name, Value) -> with(R, Name, Value).

rr(R) -> all(R).
rr(R, Names) -> value(R, Names).
make_rr() -> #dns_rr{}.
make_rr(Pairs) when is_list(Pairs) ->
    case lists:keytake(type, 1, Pairs) of
        {value, {type, opt}, Others} -> with(#dns_rr_opt{}, Others);
        _ -> with(#dns_rr{}, Pairs)
    end.
make_rr(type, opt) -> #dns_rr_opt{};
make_rr(Name, Value) when is_atom(Name) -> with(#dns_rr{}, Name, Value);
make_rr(R, Pairs) -> with(R, Pairs).
make_rr(R, Name, Value) -> with(R, Name, Value).

dns_query(#dns_query{} = R) -> all(R).
dns_query(#dns_query{} = R, Names) -> value(R, Names).
make_dns_query() -> #dns_query{}.
make_dns_query(Pairs) when is_list(Pairs) -> with(#dns_query{}, Pairs).
make_dns_query(Name, Value) when is_atom(Name) ->
    with(#dns_query{}, Name, Value);
make_dns_query(#dns_query{} = R, Pairs) -> with(R, Pairs).
make_dns_query(#dns_query{} = R, Name, Value) -> with(R, Name, Value).
