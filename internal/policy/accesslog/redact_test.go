package accesslog_test

import (
	"strings"
	"testing"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
)

func TestSecretsAreNotInTheURL(t *testing.T) {
	t.Parallel()
	cfg := &configv1.AccessLog{SecretParameters: []string{"invite_code", "order.note", "Voucher"}}
	own := accesslog.NewNames("card.number", "answer", "profile")
	for target, want := range map[string]string{
		// as everybody would take it
		"/a?access_token=hunter2":                              "/a?access_token=redacted",
		"/a?b=c&api_key=hunter2&d=e":                           "/a?b=c&api_key=redacted&d=e",
		"/a?PASSWORD=hunter2":                                  "/a?PASSWORD=redacted",
		"/a?newPassword=hunter2&password_confirmation=hunter2": "/a?newPassword=redacted&password_confirmation=redacted",
		"/a?clientSecret=hunter2&sig=hunter2&code=hunter2":     "/a?clientSecret=redacted&sig=redacted&code=redacted",
		"/a?X-Amz-Signature=hunter2&X-Amz-Date=1":              "/a?X-Amz-Signature=redacted&X-Amz-Date=1",
		"/a?apiKey=hunter2&key=hunter2&x-api-key=hunter2":      "/a?apiKey=redacted&key=redacted&x-api-key=redacted",
		"/a?token=hunter2&token=hunter2":                       "/a?token=redacted&token=redacted",
		"/a?token=":                                            "/a?token=redacted",
		"/a?token":                                             "/a?token",
		"/a?a=hunter1&token==hunter2=":                         "/a?a=hunter1&token=redacted",

		// in other spellings
		"/a?pass%77ord=hunter2":                        "/a?pass%77ord=redacted",
		"/a?%70%61%73%73word=hunter2":                  "/a?%70%61%73%73word=redacted",
		"/a?pass%2577ord=hunter2":                      "/a?pass%2577ord=redacted",
		"/a?a[password]=hunter2":                       "/a?a[password]=redacted",
		"/a?a%5Bpassword%5D=hunter2":                   "/a?a%5Bpassword%5D=redacted",
		"/a?a[][pin]=hunter2":                          "/a?a[][pin]=redacted",
		"/a?user.password=hunter2":                     "/a?user.password=redacted",
		"/a?user%2Epin=hunter2":                        "/a?user%2Epin=redacted",
		"/a?password.value=hunter2":                    "/a?password.value=redacted",
		"/a?Pass-Word=hunter2":                         "/a?Pass-Word=redacted",
		"/a?api+key=hunter2":                           "/a?api+key=redacted",
		"/a?password%3Dhunter2":                        "/a?redacted",
		"/a?password%3Dhunter2=x":                      "/a?redacted",
		"/a?password%3Dhunter2;hunter2":                "/a?redacted",
		"/a?a%26password=hunter2":                      "/a?a%26password=redacted",
		"/a?b=c;password=hunter2":                      "/a?b=redacted",
		"/a?b;pin=hunter2":                             "/a?b;pin=redacted",
		"/a?password=hunter2;hunter2&b":                "/a?password=redacted&b",
		"/a?password=hunter2?b#hunter2":                "/a?password=redacted",
		"/a?b?password=hunter2":                        "/a?b?password=redacted",
		"/a#password=hunter2":                          "/a#password=redacted",
		"/a?b=c#access_token=hunter2":                  "/a?b=redacted",
		"/a??password=hunter2":                         "/a??password=redacted",
		"/a?&&password=hunter2&&":                      "/a?&&password=redacted&&",
		"/a?" + strings.Repeat("a", 257) + "=hunter2":  "/a?" + strings.Repeat("a", 257) + "=redacted",
		"/a?" + strings.Repeat("a.", 16) + "a=hunter2": "/a?" + strings.Repeat("a.", 16) + "a=redacted",

		// in values
		"/a?next=/b?token=hunter2":                          "/a?next=redacted",
		"/a?next=%2Fb%3Ftoken%3Dhunter2":                    "/a?next=redacted",
		"/a?next=%252Fb%253Ftoken%253Dhunter2":              "/a?next=redacted",
		"/a?next=https%3A%2F%2Fuser%3Ahunter2%40b%2F":       "/a?next=redacted",
		"/a?next=https://user:hunt;er2@b/":                  "/a?next=redacted",
		"/a?filter=name%3D%22b%22+AND+pin+!=+%22hunter2":    "/a?filter=redacted",
		"/a?json={%22password%22%3A+%22hunter2%22}":         "/a?json=redacted",
		`/a?json={\"password\"+:\"hunter2\"}`:               "/a?json=redacted",
		"/a?b=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.aGVsbG8": "/a?b=redacted",
		"/a?eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.aGVsbG8":   "/a?redacted",
		"/a?eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.aGVsbG8=":  "/a?redacted",
		"/a?b=Bearer%20eyJhbGciOiJIUzI1NiJ9.eyJ9.aGVsbG8":   "/a?b=redacted",

		// in paths
		"http://user:hunter2@b/a":                "http://redacted@b/a",
		"//user:hunter2@b/a":                     "//redacted@b/a",
		"/a/https://user:hunter2@b":              "/a/https://redacted@b",
		"//hunt@er2@b/a":                         "//redacted@b/a",
		"/a;session=hunter2/b":                   "/a;session=redacted/b",
		"/a;jsessionid=hunter2":                  "/a;jsessionid=redacted",
		"/a;b=1;token=hunter2/c?d=e":             "/a;b=redacted/c?d=e",
		"/a/eyJhbGciOiJIUzI1NiJ9.eyJ9.aGVsbG8/b": "/a/redacted/b",

		// as the configuration says
		"/a?inviteCode=hunter2&a.invite_code=hunter2": "/a?inviteCode=redacted&a.invite_code=redacted",
		"/a?order.note=hunter2&order[note][]=hunter2": "/a?order.note=redacted&order[note][]=redacted",
		"/a?voucher=hunter2&note=1&order=2":           "/a?voucher=redacted&note=1&order=2",

		// as the proto says
		"/a?card.number=hunter2&card[number]=hunter2&number=1": "/a?card.number=redacted&card[number]=redacted&number=1",
		"/a?answer=hunter2&profile.name=hunter2":               "/a?answer=redacted&profile.name=redacted",

		// what is no secret
		"/v1/products/1:archive?view=FULL":                  "/v1/products/1:archive?view=FULL",
		"/v1/users/bob@example.com":                         "/v1/users/bob@example.com",
		"/a?page_size=20&page_token=CAUQAA&pageToken=b":     "/a?page_size=20&page_token=CAUQAA&pageToken=b",
		"/a?next=%2Fb%3Fc%3Dd&e=f@g":                        "/a?next=%2Fb%3Fc%3Dd&e=f@g",
		"/a?at=2031-05-06T07:08:09Z":                        "/a?at=2031-05-06T07:08:09Z",
		"/a?author=b&monkey=c&zip_code=d&spin=e&cardnumber": "/a?author=b&monkey=c&zip_code=d&spin=e&cardnumber",
		"/a?b=eyJhIjoxfQ":                                   "/a?b=eyJhIjoxfQ",
		"/a?%zz=%":                                          "/a?%zz=%",
		"/a?":                                               "/a?",
		"*":                                                 "*",
		"":                                                  "",
	} {
		r := asked(target)
		r.Secret = own
		lines := written(t, cfg, r)
		got := fields(t, cfg, r)["url"]
		if got != want || strings.Contains(lines[0], "hunter2") {
			t.Errorf("%s:\n got %v\nwant %v", target, got, want)
		}
	}
}

func TestTheQueryIsLeftOutIfThatIsAsked(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{"/a?b=c": "/a", "/a#b": "/a", "/a": "/a"} {
		if got := fields(t, &configv1.AccessLog{NoQuery: true}, asked(target))["url"]; got != want {
			t.Errorf("%s: got %v, want %s", target, got, want)
		}
	}
}

func TestTheTemplateStandsForAPathThatIsSecret(t *testing.T) {
	t.Parallel()
	r := asked("/v1/invitations/hunter2?view=FULL")
	r.SecretPath, r.Template = true, "/v1/invitations/{invitation}"
	if got := fields(t, nil, r)["url"]; got != "/v1/invitations/{invitation}?view=FULL" {
		t.Error(got)
	}
}

// What is between the marks is a secret, wherever the rest of the target puts it.
func FuzzASecretIsNotInTheURL(f *testing.F) {
	for _, seed := range []string{"", "a=b&", "a;", "a[", "%25", "=", "a?b#", "//", "@", `"`} {
		f.Add(seed, "&a=b")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "hunter2"
		if strings.ContainsAny(before+after, "\x00") || strings.Contains(before+after, "hunter") || len(before) > 1000 {
			return
		}
		after = "&" + after
		for _, name := range []string{"password", "pass%77ord", "a[token]", "api_key"} {
			r := asked("/a?" + before + "&" + name + "=" + secret + after)
			if line := written(t, nil, r)[0]; strings.Contains(line, secret) {
				t.Error(line)
			}
		}
	})
}
