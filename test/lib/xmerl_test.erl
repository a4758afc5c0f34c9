%% SPDX-License-Identifier: Apache-2.0
%% XML: documents read, good and broken ones, XPath, export.
%%
%% expect: {a,[{a,1}],"x & <y> A\n  z"}
%% expect: {b,{uri,b},[{[],b},{uri,b}]}
%% expect: {{fatal,{unexpected_end,{file,file_name_unknown},{line,2},{col,4}}}}
%% expect: {{fatal,{{endtag_does_not_match,{was,b,should_have_been,a}},{file,file_name_unknown},{line,1},{col,7}}}}
%% expect: {{fatal,{{failed_validation,{no_xml_element,b}},{file,file_name_unknown},{line,1},{col,56}}}}
%% expect: ["def","fix","more bar"]
%% expect: {["1","2"],["2"],["b","b"],{xmlObj,number,2},{xmlObj,string,"two"}}
%% expect: <?xml version="1.0"?><p a="1&quot;">x &lt; y<br/></p>
%% expect: <p a="1">x<br></p>
%% expect: {r,[{a,"1"}],["t",{b,[],[]}]}
%% expect: [{element,b},{text,"t"},{element,a}]
%% expect: {ok,[startDocument,{start,"a",[{"u","p","x","1 2"}]},{characters,"t & e"},{'end',"a"},endDocument],<<>>}
%% expect: {fatal_error,{".",[],2},"EndTag: :b, does not match StartTag",["a"],[]}
%% expect: [{a,[{"x","1"}],["t",{b,[],[]}]}]
%% expect: [{a,1,[{x,"1"}]},{text,1,"t"},{b,2,[]}]
-module(xmerl_test).
-export([main/0]).
-include_lib("xmerl/include/xmerl.hrl").

main() ->
    scanned(),
    broken(),
    types(),
    paths(),
    exported(),
    hooked(),
    events(),
    trees().

scanned() ->
    {#xmlElement{name = Name, content = [Text]}, []} =
        xmerl_scan:string("<a>x &amp; &lt;y&gt; &#x41;\n  z</a>"),
    io:format("~0p~n", [{Name, Text#xmlText.parents, Text#xmlText.value}]),
    {#xmlElement{content = [B]}, []} =
        xmerl_scan:string("<a xmlns:p='uri'><p:b b='1' p:b='2'/></a>",
                          [{namespace_conformant, true}]),
    {_, Local} = B#xmlElement.expanded_name,
    io:format("~0p~n", [{Local, B#xmlElement.expanded_name,
                        [expanded(A) || A <- B#xmlElement.attributes]}]).

expanded(#xmlAttribute{expanded_name = Name}) when is_atom(Name) ->
    {[], Name};
expanded(#xmlAttribute{expanded_name = Name}) -> Name.

broken() ->
    io:format("~0p~n", [failing("<a>\n<b>", [])]),
    io:format("~0p~n", [failing("<a></b>", [])]),
    io:format("~0p~n", [failing("<!DOCTYPE a [<!ELEMENT a (b)>"
                               "<!ELEMENT b (#PCDATA)>]><a/>",
                               [{validation, dtd}])]).

failing(Text, Options) ->
    try xmerl_scan:string(Text, [{quiet, true} | Options])
    catch exit:Reason -> {Reason}
    end.

types() ->
    {Root, []} = xmerl_scan:string(
                   "<!DOCTYPE a [<!ENTITY foo 'bar'>"
                   "<!ATTLIST a x CDATA 'def' y CDATA #FIXED 'fix'>]>"
                   "<a z='more &foo;'/>", [{default_attrs, true}]),
    Values = [A#xmlAttribute.value || A <- Root#xmlElement.attributes],
    io:format("~0p~n", [lists:sort(Values)]).

paths() ->
    {Root, _} = xmerl_scan:string("<a><b n='1'>one</b><b n='2'>two</b></a>"),
    Values = fun(P) -> [V || #xmlAttribute{value = V}
                                 <- xmerl_xpath:string(P, Root)] end,
    io:format("~0p~n",
              [{Values("//b/@n"), Values("/a/b[. = 'two']/@n"),
                [atom_to_list(N) || #xmlElement{name = N}
                                        <- xmerl_xpath:string("/a/*", Root)],
                xmerl_xpath:string("count(//b)", Root),
                xmerl_xpath:string("string(/a/b[last()])", Root)}]).

exported() ->
    Simple = [{p, [{a, "1\""}], ["x < y", br]}],
    io:format("~s~n", [xmerl:export_simple(Simple, xmerl_xml)]),
    io:format("~s~n", [xmerl:export_simple_content(
                         [{p, [{a, 1}], ["x", br]}], xmerl_html)]),
    {Root, _} = xmerl_scan:string("<r a='1'>t<!-- c --><b/></r>"),
    io:format("~0p~n", [xmerl_lib:simplify_element(Root)]).

hooked() ->
    Self = self(),
    Hook = fun(#xmlElement{name = N} = E, S) ->
                   Self ! {element, N},
                   {E, S};
              (#xmlText{value = V} = T, S) ->
                   Self ! {text, V},
                   {T, S}
           end,
    xmerl_scan:string("<a><b/>t</a>", [{hook_fun, Hook}]),
    io:format("~0p~n", [[receive M -> M end || _ <- "123"]]).

%% SAX, in pieces of three bytes.
events() ->
    F = fun({startElement, _, Name, _, As}, _, Acc) ->
                [{start, Name, As} | Acc];
           ({endElement, _, Name, _}, _, Acc) -> [{'end', Name} | Acc];
           ({characters, Text}, _, Acc) -> [{characters, Text} | Acc];
           (Event, _, Acc) when is_atom(Event) -> [Event | Acc];
           (_, _, Acc) -> Acc
        end,
    Text = <<"<a xmlns:p='u' p:x='1\n2'>t &amp; e</a>">>,
    Next = fun(<<Now:3/binary, Later/binary>>) -> {Now, Later};
              (Rest) -> {Rest, <<>>}
           end,
    {ok, Acc, Rest} =
        xmerl_sax_parser:stream(<<>>, [{event_fun, F}, {event_state, []},
                                       {continuation_fun, Next},
                                       {continuation_state, Text}]),
    io:format("~0p~n", [{ok, lists:reverse(Acc), Rest}]),
    io:format("~0p~n", [xmerl_sax_parser:stream("<a>\n</b>",
                                                [{event_state, []}])]).

trees() ->
    io:format("~0p~n", [[{N, [{atom_to_list(K), V} || {K, V} <- As], C}
                         || {N, As, C} <- tree(xmerl_sax_simple_dom)]]),
    [#xmlElement{content = [#xmlText{pos = P, value = T}, B]} = A] = tree(xmerl_sax_old_dom),
    io:format("~0p~n", [[named(A), {text, P, T}, named(B)]]).

tree(Dom) ->
    {ok, St, _} = xmerl_sax_parser:stream(<<"<a x='1'>t<b/></a>">>,
        [{event_fun, fun Dom:event/3}, {event_state, Dom:initial_state()}]),
    Dom:get_dom(St).

named(#xmlElement{name = N, pos = P, attributes = As}) ->
    {N, P, [{K, V} || #xmlAttribute{name = K, value = V} <- As]}.
