package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const prefix = "/edgetest/v1"

// corpus is what both fronts of edgetest.v1 are asked.
func corpus() []exchange {
	return slices.Concat(
		under(prefix+"/query", queries()...), under(prefix+"/body", bodies()...), under(prefix, bindings()...),
		under(prefix, paths()...), under(prefix, methods()...), under(prefix, responses()...), under(prefix, headers()...),
		[]exchange{get("/nowhere"), post("/nowhere", `{}`), get("/"), get(prefix), {method: http.MethodDelete, path: "/nowhere"}},
	)
}

func queries() []exchange {
	list := []exchange{
		get("?child.nothing=1").unlike("unknown-nested"), get("?mask=displayName").unlike("mask-in-query"), get("?text=%ff").unlike("not-utf8"),
		get("?child.=1").unlike("unknown-nested"), get("?child..name=1").unlike("unknown-nested"), get("?empty.a=1").unlike("unknown-nested"), get("?labels[a][b]=1").unlike("map-key"), get("?text=a;b=c").unlike("semicolon"),
		get("?duration=315576000000s").unlike("long-duration"), get("?listValue=%5B1%5D").unlike("list-in-query"), get("?empty=").unlike("empty-in-query"), get("?empty=%7B%7D").unlike("empty-in-query"), get("?any.typeUrl=x").unlike("unreadable-answer"),
		get("?text=" + strings.Repeat("a", 9000)).unlike("limits"), {method: http.MethodGet, path: "?text=a", body: `{"text":"ignored"}`},
	}
	for _, raw := range []string{
		"", "text=a&int32Value=-5&int64_value=9&boolValue=true&doubleValue=1.5", "text=a+b%20c%2B&renamed=x&otherName=", "otherName=y", "renamed=y",
		"text=%E6%97%A5%E6%9C%AC", "text=日本", "text=a%00b", "text=%4", "text", "&&", "=1", "=", "text=a=b", "text=%25%32%46", "te%78t=a", "text=", "text=null", "text=%22a%22",
		"int32Value=x", "int32Value=", "int32Value=2147483647", "int32Value=-2147483648", "int32Value=2147483648", "int32Value=-2147483649", "int32Value=1.0", "int32Value=1e3", "int32Value=%2B5", "int32Value=+5", "int32Value=0x10", "int32Value=010", "int32Value=-0", "int32Value=1_0",
		"uint32Value=-1", "uint32Value=4294967295", "uint32Value=4294967296", "uint64Value=18446744073709551615", "uint64Value=18446744073709551616", "int64Value=9223372036854775807", "int64Value=-9223372036854775808", "int64Value=9223372036854775808",
		"sint32Value=-7&sint64Value=-8&fixed32Value=9&fixed64Value=10&sfixed32Value=-11&sfixed64Value=-12", "fixed32Value=-1", "sfixed64Value=x",
		"kind=KIND_TWO&kinds=KIND_ONE&kinds=2", "kind=1", "kind=-1", "kind=77", "kind=kind_two", "kind=", "kinds=KIND_SIX", "kind=KIND_MINUS", "optionalKind=KIND_ONE",
		"bytesValue=AQID", "bytesValue=-_-_", "bytesValue=%2B/%2B/", "bytesValue=!", "bytesValue=AQ", "bytesValue=AQ==", "bytesValue=", "bytesValue=AQ=", "chunks=AQ==&chunks=Ag==",
		"boolValue=1", "boolValue=0", "boolValue=T", "boolValue=TRUE", "boolValue=yes", "boolValue=", "boolValue=on",
		"floatValue=NaN&doubleValue=-Infinity", "doubleValue=inf", "doubleValue=nan", "doubleValue=%2BInf", "doubleValue=0x1p4", "doubleValue=1_0", "doubleValue=1e400", "floatValue=1e39", "floatValue=3.4028235e38", "doubleValue=.5", "doubleValue=5.", "doubleValue=-0", "doubleValue=1e-400", "doubleValue=",
		"numbers=1&numbers=2&numbers=3", "numbers=1,2", "numbers=", "unpacked=1&unpacked=2", "doubles=1&doubles=NaN", "strings=a&strings=&strings=b", "text=a&text=b", "int32Value=1&int32_value=2", "text=&text=",
		"nothing=1", "child=1", "child.name=a&child.child.size=2&child.tags=x&child.tags=y", "child.child.child.child.name=deep", "text.a=1", "children.name=1", "children=1", "children[0].name=a", ".child=1", "Child.name=1",
		"labels[a]=1&labels[b.c]=2", "labels[]=1", "labels[a=1", "labels]=1", "byUint32[7]=KIND_ONE", "byUint32[7]=1", "by_bool[true]=2", "byBool[1]=2", "byBool[x]=2", "byUint32[x]=1", "byUint32[-1]=1", "labels=1", "text[a]=1", "numbers[0]=1", "labels[a]=1&labels[a]=2", "byNumber[1]=x", "byNumber[1].name=x", "labels[%5D]=1", "labels[ü]=1",
		"choiceText=a", "choiceText=a&choiceInt64=1", "choiceText=a&choiceText=b", "choiceChild.name=a&choiceChild.size=2", "choiceChild.name=a&choiceText=b", "choiceInt64=x", "choiceNull=NULL_VALUE", "choiceNull=0",
		"optionalText=&optionalInt32=0&optionalKind=0", "optionalInt32=x",
		"wrappedText=a&wrappedInt64=0&wrappedBool=true&wrappedDouble=0.5&wrappedBytes=AQ==&wrappedUint32=4&wrappedFloat=1&wrappedInt32=-1&wrappedUint64=9", "wrappedInt64=x", "wrappedText=", "wrappedBool=maybe", "wrappedInt64.value=5", "wrappedText=a&wrappedText=b", "wrappedList=1&wrappedList=2", "wrappedUint32=-1",
		"timestamp=2026-01-02T03:04:05.5Z", "timestamp=2026-01-02T03:04:05%2B02:00", "timestamp=2026-01-02T03:04:05.123456789Z", "timestamp=yesterday", "timestamp=2026-01-02", "timestamp=2026-02-30T00:00:00Z", "timestamp=0000-01-01T00:00:00Z", "timestamp=9999-12-31T23:59:59.999999999Z", "timestamp=1767323045", "timestamp=", "timestamp=null", "timestamp.seconds=5", "timestamps=2026-01-02T03:04:05Z&timestamps=2026-01-02T03:04:06Z",
		"duration=1.5s", "duration=-1.5s", "duration=1m30s", "duration=x", "duration=1", "duration=", "duration=null", "duration=0", "duration=315576000001s", "duration.seconds=5",
		"mask=a,b.c", "mask=", "mask=text&mask=kind", "mask.paths=a", "value=1", "value=a", "struct=%7B%22a%22:1%7D", "struct=1", "any=x", "values=1",
	} {
		list = append(list, get("?"+raw))
	}
	return list
}

func bodies() []exchange {
	deep := strings.Repeat(`{"child":`, 120) + `{}` + strings.Repeat(`}`, 120)
	list := []exchange{
		post("", `{"text":"a"} x`).unlike("trailing-data"), post("", `{"text":"a"}{}`).unlike("trailing-data"), post("", deep).unlike("limits"),
		post("?text=query", `{}`), post("?nothing=1", `{}`), post("", `{"text":"a"}`).with("Content-Type", "text/plain"),
		post("", `{"text":"a"}`).with("Content-Type", "application/json; charset=utf-8"), post("", `text=a`).with("Content-Type", "application/x-www-form-urlencoded"),
	}
	for _, body := range []string{
		``, `{}`, ` {} `, "\n\t{\r\n}\n", `null`, `[]`, `5`, `"a"`, `true`, `{`, `}`, `{"text"`, `{"text":`, `{"text":"a"`, `{"text":"a",}`, `{,}`, `{'text':"a"}`, `{text:"a"}`, `{"text" "a"}`, `{"text":"a" "kind":1}`, "\ufeff{}", `{"":1}`, `{"text":"a"/**/}`, `nul`, `[{}]`,
		`{"text":1}`, `{"text":null}`, `{"text":true}`, `{"text":["a"]}`, `{"text":{}}`, `{"text":"a","text":"b"}`, `{"text":"a","text":null}`, `{"otherName":"a","renamed":"b"}`, `{"renamed":"a"}`, `{"TEXT":"a"}`,
		`{"text":"\u00e4\ud83d\ude00\u0000\/\b\f\n\r\t\"\\"}`, `{"text":"\ud83d"}`, `{"text":"\ude00\ud83d"}`, `{"text":"\x41"}`, `{"text":"\u12"}`, "{\"text\":\"a\nb\"}", "{\"text\":\"\xff\"}", "{\"text\":\"\x7f\u2028\"}", `{"te\u0078t":"a"}`,
		`{"int32Value":2147483647}`, `{"int32Value":2147483648}`, `{"int32Value":-2147483648}`, `{"int32Value":"5"}`, `{"int32Value":" 5"}`, `{"int32Value":""}`, `{"int32Value":1.0}`, `{"int32Value":1.5}`, `{"int32Value":1e3}`, `{"int32Value":"1e3"}`, `{"int32Value":1e-3}`, `{"int32Value":01}`, `{"int32Value":-0}`, `{"int32Value":+1}`, `{"int32Value":.5}`, `{"int32Value":1.}`, `{"int32Value":0x1}`, `{"int32Value":true}`, `{"int32Value":NaN}`,
		`{"int64Value":"9007199254740993","uint64Value":18446744073709551615}`, `{"uint64Value":18446744073709551616}`, `{"uint64Value":-1}`, `{"int64Value":-9223372036854775808}`, `{"int64Value":9223372036854775808}`, `{"int64Value":1e18}`, `{"int64Value":"0x1"}`, `{"uint32Value":4294967296}`, `{"uint32Value":-0}`,
		`{"sint32Value":-1,"sint64Value":"-1","fixed32Value":1,"fixed64Value":"1","sfixed32Value":-1,"sfixed64Value":"-1"}`,
		`{"doubleValue":1e}`, `{"doubleValue":"NaN"}`, `{"doubleValue":"Infinity","floatValue":"-Infinity"}`, `{"doubleValue":"inf"}`, `{"doubleValue":1e309}`, `{"floatValue":3.5e38}`, `{"doubleValue":"1.5"}`, `{"doubleValue":" 1.5"}`, `{"doubleValue":-0}`, `{"doubleValue":1E-400}`, `{"floatValue":0.1,"doubleValue":0.1}`, `{"doubleValue":123456789012345678901234567890}`,
		`{"boolValue":true}`, `{"boolValue":"true"}`, `{"boolValue":1}`, `{"boolValue":null}`, `{"boolValue":True}`,
		`{"bytesValue":"AQID"}`, `{"bytesValue":"-_-_"}`, `{"bytesValue":"+/+/"}`, `{"bytesValue":"AQ"}`, `{"bytesValue":"AQ=="}`, `{"bytesValue":"AQ="}`, `{"bytesValue":"A"}`, `{"bytesValue":"!"}`, `{"bytesValue":"AQ\nID"}`, `{"bytesValue":""}`, `{"bytesValue":[1]}`, `{"chunks":["AQ==","",null]}`,
		`{"kind":"KIND_TWO","optionalKind":"KIND_UNSPECIFIED"}`, `{"kind":2}`, `{"kind":-1}`, `{"kind":77,"kinds":["KIND_ONE","KIND_SIX",2]}`, `{"kind":"KIND_SIX"}`, `{"kind":"2"}`, `{"kind":""}`, `{"kind":1.0}`, `{"kind":2147483648}`, `{"kind":null}`, `{"kind":"kind_two"}`,
		`{"text":"a","nothing":1}`, `{"nothing":{"deep":[1,{"x":null}]},"text":"a"}`, `{"nothing":{"a":1,"a":2}}`, `{"nothing":[1,}`, `{"nothing":"\ud83d"}`, `{"child":{"nothing":1,"name":"a"}}`, `{"[extension.name]":1}`,
		`{"int32Value":1,"int32_value":1}`, `{"child":{"name":"a"},"child":{"size":1}}`, `{"child":null}`, `{"child":[]}`, `{"child":"a"}`, `{"child":{"child":{"child":{"tags":["a"]}}}}`,
		`{"choiceText":"a","choiceInt64":"1"}`, `{"choiceText":"a","choiceInt64":null}`, `{"choiceText":null,"choiceInt64":null}`, `{"choiceNull":null}`, `{"choiceNull":"NULL_VALUE"}`, `{"choiceNull":0}`, `{"choiceNull":null,"choiceText":"a"}`, `{"choiceChild":{}}`, `{"choiceInt64":0}`, `{"choiceText":""}`,
		`{"numbers":[1,null]}`, `{"numbers":[]}`, `{"numbers":1}`, `{"numbers":["1",2,3e0]}`, `{"numbers":[1,]}`, `{"numbers":[[1]]}`, `{"numbers":null,"labels":null,"child":null,"text":null}`, `{"children":[{},{"name":"a"}]}`, `{"children":[null]}`, `{"unpacked":[1,2],"doubles":[1,"NaN"],"strings":["a",""]}`, `{"strings":[null]}`, `{"numbers":{"0":1}}`,
		`{"labels":{"a":"1","a":"2"}}`, `{"labels":{"":""}}`, `{"labels":{"a":null}}`, `{"labels":[]}`, `{"byNumber":{"1":{"name":"a"},"-1":{}}}`, `{"byNumber":{"01":{}}}`, `{"byNumber":{"x":{}}}`, `{"byNumber":{"1":null}}`, `{"byNumber":{"1":{},"1.0":{}}}`, `{"byBool":{"true":1,"false":2}}`, `{"byBool":{"TRUE":1}}`, `{"byUint32":{"1":"KIND_SIX","2":"KIND_ONE"}}`, `{"byUint32":{"4294967296":0}}`, `{"byUint32":{"-1":0}}`,
		`{"optionalText":"","optionalInt32":0}`, `{"optionalText":null}`,
		`{"timestamp":"2026-01-02T03:04:05Z"}`, `{"timestamp":"2026-01-02T03:04:05.123456789+01:30"}`, `{"timestamp":"2026-01-02t03:04:05z"}`, `{"timestamp":"2026-01-02 03:04:05Z"}`, `{"timestamp":"0000-01-01T00:00:00Z"}`, `{"timestamp":"0001-01-01T00:00:00Z"}`, `{"timestamp":"9999-12-31T23:59:59.999999999Z"}`, `{"timestamp":"2026-01-02T03:04:60Z"}`, `{"timestamp":"2026-01-02T24:00:00Z"}`, `{"timestamp":"2026-01-02T03:04:05.1234567890Z"}`, `{"timestamp":5}`, `{"timestamp":null}`, `{"timestamp":{}}`, `{"timestamps":["2026-01-02T03:04:05Z",null]}`, `{"timestamp":"2026-01-02T03:04:05,5Z"}`,
		`{"duration":"1.5s"}`, `{"duration":"-0.000000001s"}`, `{"duration":"315576000000s"}`, `{"duration":"315576000001s"}`, `{"duration":"1"}`, `{"duration":"1m"}`, `{"duration":".5s"}`, `{"duration":"1.s"}`, `{"duration":"+1s"}`, `{"duration":"1.0000000001s"}`, `{"duration":1}`, `{"duration":""}`,
		`{"mask":"text,child.name"}`, `{"mask":"int32Value"}`, `{"mask":"int32_value"}`, `{"mask":""}`, `{"mask":","}`, `{"mask":["text"]}`,
		`{"struct":{"a":[1,null,{"b":"c"}],"d":false}}`, `{"struct":{}}`, `{"struct":[]}`, `{"struct":{"a":1,"a":2}}`, `{"value":{"a":[1,null,"x",{}]},"values":[null,1]}`, `{"value":null}`, `{"value":"a"}`, `{"value":1e400}`, `{"value":"NaN"}`, `{"listValue":[1,"a",null,[]]}`, `{"listValue":{}}`, `{"empty":{}}`, `{"empty":{"a":1}}`, `{"empty":null}`, `{"empty":[]}`,
		`{"any":{"@type":"type.googleapis.com/edgetest.v1.Child","name":"a"}}`, `{"any":{"name":"a","@type":"type.googleapis.com/edgetest.v1.Child"}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":"5"}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Struct","value":{"a":1}}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Empty","value":{}}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}}`, `{"any":{"@type":"edgetest.v1.Child"}}`, `{"any":{"name":"a"}}`, `{"any":{}}`, `{"any":{"@type":"type.googleapis.com/no.Such"}}`, `{"any":{"@type":""}}`, `{"any":{"@type":5}}`, `{"any":{"@type":"type.googleapis.com/edgetest.v1.Child","nothing":1}}`, `{"any":null}`,
		`{"wrappedText":"","wrappedInt64":"5","wrappedBool":false,"wrappedDouble":"NaN","wrappedBytes":"AQ","wrappedUint32":"7","wrappedFloat":1.5,"wrappedInt32":-1,"wrappedUint64":1}`, `{"wrappedText":null,"wrappedInt64":null}`, `{"wrappedText":{"value":"a"}}`, `{"wrappedInt64":1.5}`, `{"wrappedUint32":-1}`, `{"wrappedList":["1",2]}`, `{"wrappedList":[null]}`,
	} {
		list = append(list, post("", body))
	}
	return list
}

// bindings are bodies that are one field, beside a path and a query.
func bindings() []exchange {
	put := func(path, body string) exchange {
		return exchange{method: http.MethodPut, path: path, body: body}
	}
	return []exchange{
		put("/bodies/p", `{"text":"body","int32Value":1}`), put("/bodies/a%2Fb", `{}`).unlike("encoded-slash"), put("/bodies/a:b", `{}`), put("/bodies/p?int32Value=1", `{}`), put("/bodies/p", ``), put("/bodies/p", `{"text":5}`),
		post("/fields/p?int32Value=4", `{"name":"a"}`), post("/fields/p?child.name=query", `{"name":"a"}`), post("/fields/p?child.size=4", `{"name":"a"}`), post("/fields/p?text=query", `{"name":"a"}`), post("/fields/p?kinds=1&labels[a]=b", `{}`),
		post("/fields/p", ``), post("/fields/p", `{"nothing":1}`), post("/fields/p", `5`), post("/fields/p", `{"name":`), post("/fields/p", `null`), post("/fields/p?int32Value=x", `{}`),
		post("/lists/p", `[1,2]`), post("/lists/p", `[]`), post("/lists/p", `5`), post("/lists/p", `[1`), post("/lists/p", `["x"]`), post("/lists/p?numbers=3", `[1,2]`), post("/lists/p", `null`), post("/texts/5", `null`), post("/children/p", `null`), post("/lists/p", ``), post("/texts/5", ``), post("/children/p", ` `),
		post("/children/p", `[{"name":"a"},{}]`), post("/children/p", `{}`), post("/children/p", `[5]`),
		post("/texts/5", `"a"`), post("/texts/x", `"a"`), post("/texts/5", `5`), post("/texts/5", `""`), post("/texts/5", `a`), post("/texts/5?text=query", `"a"`), post("/texts/2147483648", `"a"`),
		patch("/nested/7", `{"name":"body","size":3}`).unlike("patch-mask"), patch("/nested/7?boolValue=true&mask=size", `{"size":3}`), patch("/nested/7?mask=size&child.size=9", `{"size":3}`), patch("/other/7", `{}`),
	}
}

func paths() []exchange {
	list := []exchange{
		get("/wrapped/a/5/2026-01-02T03:04:05Z/1m30s").unlike("duration-in-path"), get("/files/a%2Fb/c").unlike("encoded-slash"), get("/items/7:inspect").unlike("precedence"),
		get("/items/").unlike("empty-segment"), get("/items/a%2Fb/..").unlike("dot-segment"), get("/items/%2e").unlike("dot-segment"), get("/items/%ff").unlike("not-utf8"),
	}
	for _, path := range []string{
		"/path/a/1/2/3/true/1.5/KIND_TWO/AQID", "/path/a/1/2/3/1/1.5/2/AQID", "/path/a/x/2/3/true/1.5/KIND_TWO/AQID", "/path/a/1/2/-3/true/1.5/KIND_TWO/AQID", "/path/a/1/2/3/true/x/KIND_TWO/AQID", "/path/a/1/2/3/yes/1.5/KIND_TWO/AQID", "/path/a/1/2/3/true/1.5/KIND_SIX/AQID", "/path/a/1/2/3/true/1.5/77/AQID", "/path/a/1/2/3/true/1.5/KIND_TWO/!",
		"/path/a/2147483648/2/3/true/1.5/0/AQID", "/path/a/1/9223372036854775808/3/true/1.5/0/AQID", "/path/a/-1/-2/18446744073709551615/F/NaN/-1/AQ==", "/path/a/1/2/3/true/1e400/0/AQID", "/path/a/1/2/3/true/-Infinity/0/AQID",
		"/path/a/1/2/3/true/1.5/KIND_TWO/%2B_", "/path/%E6%97%A5%20b+c/1/2/3/true/1.5/0/AQID", "/path/a/1/2/3/true/1.5/KIND_TWO/AQID?int32Value=9", "/path/a/1/2/3/true/1.5/KIND_TWO/AQID?uint32Value=9", "/path/a/1/2/3/true/1.5/KIND_TWO/AQID?int32_value=9&text=query",
		"/wrapped/a/5/2026-01-02T03:04:05Z/1.5s", "/wrapped/a/x/2026-01-02T03:04:05Z/1.5s", "/wrapped/a/5/yesterday/1.5s", "/wrapped/a/5/2026-01-02T03:04:05Z/x", "/optional/a/0", "/optional/a/x", "/choice/a", "/choice/a?choiceInt64=1", "/choice/a?choiceText=b", "/choice/a?choiceChild.name=b",
		"/shelves/1/books/2", "/shelves/1/books", "/shelves/1/books/2/3", "/shelves/1/boxes/2", "/shelves/a%20b/books/c:d", "/files/a/b/c", "/files/a", "/files/a%20b/c", "/files/a:b/c:d", "/files/%E6%97%A5/+", "/files/a%25b",
		"/items/7:other", "/items/7", "/items/a:b:c", "/items/a%3Ab", "/items/a%25", "/items/a+b", "/items/a%20b", "/items/%E6%97%A5", "/items/a%3Fb", "/items/7/", "/items", "/items/7?text=query", "/any/x/y", "/any/x", "/any/x:v/y:v",
		"/Items/7", "/query/",
	} {
		list = append(list, get(path))
	}
	return list
}

// methods are verbs, known and unknown.
func methods() []exchange {
	return []exchange{
		{method: http.MethodDelete, path: "/items/7"}, {method: "REPORT", path: "/custom/a"}, get("/custom/a"), get("/body"), {method: http.MethodDelete, path: "/body"}, {method: http.MethodPut, path: "/query"}, {method: "BREW", path: "/query"}, {method: http.MethodTrace, path: "/query"},
		{method: http.MethodOptions, path: "/items/7", differs: "options"}, {method: http.MethodHead, path: "/items/7", differs: "head"}, {method: http.MethodOptions, path: "/nowhere"}, {method: http.MethodHead, path: "/nowhere"}, {method: http.MethodHead, path: "/body"},
		post("/items/7", "").with("X-HTTP-Method-Override", "DELETE", "Content-Type", "application/x-www-form-urlencoded").unlike("method-override"),
		post("/query", "text=form").with("Content-Type", "application/x-www-form-urlencoded").unlike("method-override"),
		post("/nothing", `{}`), post("/nothing", ``), post("/nothing", `{"a":1}`), post("/nothing", `[]`), get("/nothing"), get("/nothing?a=1"),
	}
}

// responses are answers of every form.
func responses() []exchange {
	list := []exchange{
		get("/download/a"), get("/download/%00%0A%F0%9F%98%80"), get("/fail/200?text=odd"), get("/fail/8?text=because&boolValue=true").unlike("unknown-detail"), get("/fail/5?text=%3Cb%3E%26%E2%80%A8"),
		get("/watch/0").unlike("empty-stream"), get("/watch/1"), get("/watch/3"), get("/watch/3?text=broken"), get("/watch/0?text=broken"), get("/watch/x"),
	}
	for _, field := range []string{"child", "children", "numbers", "text", "labels", "int64"} {
		for _, body := range []string{`{}`, `{"child":{"name":"a"},"children":[{"size":1},{}],"numbers":[1,2],"text":"a","labels":{"a":"b"},"int64Value":"7"}`, `{"child":{},"text":""}`, `{"text":5}`} {
			x := post("/response/"+field, body)
			if field == "int64" && !strings.Contains(body, "5}") {
				x.differs = "number-response-body"
			}
			list = append(list, x)
		}
	}
	for code := 1; code <= 17; code++ {
		list = append(list, get(fmt.Sprintf("/fail/%d?text=because", code)), get(fmt.Sprintf("/fail/%d", code)))
	}
	return list
}

func headers() []exchange {
	var list []exchange
	for _, h := range [][]string{
		{"Grpc-Metadata-Tenant", "a", "Grpc-Metadata-Tenant", "b"}, {"Grpc-Metadata-Trace-Bin", "AQID"}, {"Grpc-Metadata-Trace-Bin", "!"}, {"Grpc-Metadata-Tenant", "ü"}, {"Grpc-Metadata-", "a"}, {"Grpc-Metadata-Grpc-Timeout", "1n"}, {"Grpc-Metadata-X-Gatehouse-Principal", "admin"}, {"X-Gatehouse-Principal", "admin"},
		{"Authorization", "Bearer x", "Accept-Language", "de"}, {"Accept", "text/html", "Cookie", "a=b", "If-Match", `"1"`, "Referer", "https://shop.example/"}, {"User-Agent", "phone/1"}, {"X-Custom", "a"},
		{"Grpc-Timeout", "5S"}, {"Grpc-Timeout", "soon"}, {"Grpc-Timeout", "5"}, {"Grpc-Timeout", "S"}, {"Grpc-Timeout", "-1S"}, {"Grpc-Timeout", "5000m"}, {"Grpc-Timeout", "99999999u"},
		{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-For", "192.0.2.1, 192.0.2.2", "X-Forwarded-Host", "shop.example"}, {"Connection", "Cookie", "Cookie", "a=b"}, {"TE", "trailers"}, {"Te", "gzip, trailers"}, {"Content-Type", "text/plain"},
	} {
		x := get("/query?text=a").with(h...)
		switch h[0] {
		case "X-Forwarded-For":
			x = x.unlike("forwarded")
		case "Connection":
			x = x.unlike("connection")
		}
		list = append(list, x)
	}
	return append(list, get("/watch/2").with("TE", "trailers"))
}
