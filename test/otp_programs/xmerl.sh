#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OTP's xmerl, from its .beam files: a document is parsed, searched and written
# again; one that is not well-formed says where.
. "$MERLE_TOP/test/otp_programs/applications.sh"
need xmerl

cat > menu.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE menu [<!ENTITY cur "SEK">]>
<menu day="monday">
  <dish price="95"><name>S&#246;ppa &amp; br&#xF6;d</name></dish>
  <dish price="120"><name>Fisk</name><note>in &cur;</note></dish>
  <!-- nothing else -->
  <empty/>
</menu>
END

run '{Doc, ""} = xmerl_scan:file("menu.xml", [{space, normalize}]),
     {xmlObj, string, Name} = xmerl_xpath:string("string(//dish[note]/name)", Doc),
     io:format("~ts~n", [Name]),
     io:format("~p~n", [[element(9, A) || A <- xmerl_xpath:string("//dish/@price", Doc)]]),
     io:format("~ts~n", [xmerl:export_simple_content(
         xmerl_xpath:string("/menu/dish[2]", Doc), xmerl_xml)]),
     {ok, Events, _} = xmerl_sax_parser:file("menu.xml",
         [{event_fun, fun({startElement, _, Name, _, _}, _, Acc) -> [Name | Acc];
                         (_, _, Acc) -> Acc end}, {event_state, []}]),
     io:format("~p~n", [lists:reverse(Events)]),
     {'"'EXIT'"', {fatal, {Why, _, {line, 1}, _}}} =
         (catch xmerl_scan:string("<a><b></a>", [{quiet, true}])),
     io:format("~p~n", [Why])'
expect 'Fisk
["95","120"]
<dish price="120"><name>Fisk</name><note>in SEK</note></dish>
["menu","dish","name","dish","name","note","empty"]
{endtag_does_not_match,{was,a,should_have_been,b}}'
