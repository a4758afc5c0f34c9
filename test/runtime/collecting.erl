%% SPDX-License-Identifier: Apache-2.0
%% Instructions that collect while their operands lie in frames, or in
%% registers that are not live any more.
%% expect: {counting,{100,50,5000}}
%% expect: {exact,{1000,20000}}
%% expect: {assoc,{1000,20000}}
%% expect: {guards,20000}
%% expect: {parts,{20000,0}}
%% expect: {tails,{20000,[]}}
%% expect: {built,{40000,1}}
%% expect: {failing,{20000,20000}}
-module(collecting).
-export([main/0]).

main() ->
    p(counting, counting()),
    p(exact, exact()),
    p(assoc, assoc()),
    p(guards, guards(20000, 0, large_map(200))),
    p(parts, parts(binary:copy(<<"abcde">>, 20000), 0)),
    p(tails, tails(20000, [])),
    p(built, built(20000, <<>>, 0)),
    p(failing, failing(20000, [])),
    ok.

p(What, Answer) -> io:format("~w~n", [{What, Answer}]).

other() -> other.

%% A server that counts the messages of each of its clients in a map that a
%% receive keeps in the frame.
counting() ->
    Clients = [spawn_link(fun client/0) || _ <- lists:seq(1, 100)],
    [C ! {self(), go} || C <- Clients],
    count(#{done => 0, counts => maps:from_list([{C, 0} || C <- Clients])}).

client() ->
    receive
        {_, stop} -> ok;
        {Server, go} -> Server ! #{from => self(), msg => went}, client()
    end.

count(#{done := 100, counts := Counts}) ->
    Values = maps:values(Counts),
    {length(Values), lists:max(Values), lists:sum(Values)};
count(State) ->
    receive
        #{from := Client, msg := went} ->
            case State of
                #{counts := #{Client := 50}, done := N} ->
                    Client ! {self(), stop},
                    count(State#{done := N + 1});
                #{counts := #{Client := N} = Counts} ->
                    Client ! {self(), go},
                    count(State#{counts := Counts#{Client := N + 1}})
            end
    end.

large_map(N) -> maps:from_list([{I, 0} || I <- lists:seq(1, N)]).

exact() -> sum(exact(20000, large_map(1000))).

exact(0, Map) -> Map;
exact(N, Map) ->
    other(),
    Key = N rem 1000 + 1,
    #{Key := Value} = Map,
    other(),
    exact(N - 1, Map#{Key := Value + 1}).

assoc() -> sum(assoc(20000, #{})).

assoc(0, Map) -> Map;
assoc(N, Map) ->
    other(),
    Key = N rem 1000 + 1,
    Value = maps:get(Key, Map, 0),
    other(),
    assoc(N - 1, Map#{Key => Value + 1}).

sum(Map) -> {map_size(Map), lists:sum(maps:values(Map))}.

%% Guard BIFs that build, with both arguments in the frame.
guards(0, Sum, _) -> Sum;
guards(N, Sum, Map) ->
    Bytes = binary:copy(<<N:32>>, 20),
    Size = N rem 60,
    other(),
    Part = binary_part(Bytes, Size, 8),
    other(),
    8 = byte_size(Part),
    true = is_map_key(Size + 1, Map),
    guards(N - 1, Sum + 1, Map).

%% Parts of a binary whose match context waits in the frame.
parts(<<A:2/binary, Rest/binary>>, N) ->
    other(),
    case Rest of
        <<B:3/binary, More/binary>> ->
            <<"abcde">> = <<A/binary, B/binary>>,
            parts(More, N + 1);
        _ ->
            {N, other}
    end;
parts(Rest, N) -> {N, byte_size(Rest)}.

tails(0, All) -> {length(All), [T || T <- All, byte_size(T) =/= 3]};
tails(N, All) ->
    Bytes = list_to_binary([N rem 256, <<"abc">>]),
    tails(N - 1, [tail(Bytes, N) | All]).

tail(Bytes, N) ->
    First = N rem 256,
    other(),
    case Bytes of
        <<First, Tail/bits>> -> Tail;
        <<_, _/bits>> -> none
    end.

built(0, Bytes, Bad) -> {byte_size(Bytes), 1 + Bad};
built(N, Bytes, Bad) ->
    Two = list_to_binary([N rem 256, $x]),
    other(),
    More = <<Bytes/binary, Two/binary>>,
    other(),
    case binary:last(More) of
        $x -> built(N - 1, More, Bad);
        _ -> built(N - 1, More, Bad + 1)
    end.

%% Guards that fail after an explanation of their failure was built.
failing(0, All) -> {length(All), length([x || {no, _} <- All])};
failing(N, All) -> failing(N - 1, [{fits(<<N:32>>, a, N bsl 70), N} || true]
                                  ++ All).

fits(Bin, A, B) when <<A:14, B/float>> =:= Bin -> yes;
fits(Bin, _, B) when <<1:14, B/binary>> =:= Bin -> yes;
fits(Bin, A, _) when map_get(A, #{b => 1}) =:= Bin -> yes;
fits(_, _, _) -> no.
